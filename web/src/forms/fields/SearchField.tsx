// SEARCH: a field that finds another record.
import { useState } from 'react'
import { useApi } from '../../api/ApiContext'
import { Button } from '../../design/Button'
import { TextField } from '../../design/Field'
import { Tag } from '../../design/Notice'
import { sentenceOf } from '../../design/sentence'
import { useCountryText, useText } from '../../language/Language'
import type { MessageDescriptor } from '../../language/messages'
import { fits } from '../rules/conditionals'
import { isObject } from '../rules/value'
import styles from './Fields.module.css'
import { configurationOf, type FieldProps, textOf, useCaption } from './fieldProps'

/** SEARCH: finds another record by what is typed, for other fields to take from. */
export function RecordSearch(props: FieldProps) {
  const t = useText()
  const tc = useCountryText()
  const api = useApi()
  const caption = useCaption(props)
  const config = configurationOf(props.field)
  const fetched = isObject(props.value) ? props.value : {}
  const [term, setTerm] = useState(textOf(fetched.term))
  const [failure, setFailure] = useState<string>()
  const [busy, setBusy] = useState(false)
  const rule = config.validation as
    | { validator: Record<string, unknown>; message: MessageDescriptor }
    | undefined
  const found = isObject(fetched.data) && fetched.data.firstResult !== undefined

  const search = async () => {
    if (rule && !fits(rule.validator, term)) {
      setFailure(tc(rule.message))
      return
    }
    setBusy(true)
    setFailure(undefined)
    try {
      const query = JSON.parse(
        JSON.stringify(config.query).replaceAll('"{term}"', () => JSON.stringify(term)),
      )
      const limit = typeof config.limit === 'number' ? config.limit : 10
      const { data: answer } = await api.POST('/events/search', {
        body: { query, limit, offset: 0 } as never,
      })
      const { results = [], total = 0 } = (answer ?? {}) as { results?: unknown[]; total?: number }
      props.onChange(
        results.length > 0
          ? { loading: false, term, data: { total, firstResult: results[0] } }
          : { loading: false, term, data: { total: 0 } },
      )
      if (results.length === 0) setFailure(t('forms.nothingFound'))
    } catch (error) {
      setFailure(sentenceOf(error, t))
    } finally {
      setBusy(false)
    }
  }
  const indicators = (config.indicators ?? {}) as Record<string, MessageDescriptor | undefined>
  return (
    <div className={styles.group}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Enter searches, instead of leaving the page */}
      <div
        className={styles.clearable}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || found) return
          event.preventDefault()
          void search()
        }}
      >
        <TextField
          {...caption}
          problem={failure ?? caption.problem}
          disabled={caption.disabled || found}
          value={term}
          onChange={setTerm}
          autoComplete="off"
        />
        {found ? (
          <Button
            kind="secondary"
            onPress={() => {
              setTerm('')
              props.onChange(undefined)
            }}
          >
            {t('forms.clear')}
          </Button>
        ) : (
          <Button
            kind="secondary"
            busy={busy}
            isDisabled={caption.disabled || term === ''}
            onPress={() => void search()}
          >
            {t('forms.search')}
          </Button>
        )}
      </div>
      {found ? <Tag tone="good">{tc(indicators.ok) || t('forms.found')}</Tag> : null}
    </div>
  )
}
