// HTTP: asks the country's systems something when what triggers it is answered anew. What comes is for other
// fields to show; the field itself says that it asks, and what to do when nothing came.
import { useCallback, useEffect, useRef, useState } from 'react'
import type { FieldConfig } from '../../configuration/types'
import { Spinner } from '../../design/Loading'
import { useOnline } from '../../device/online'
import { useCountryText, useText } from '../../language/Language'
import { useForm } from '../FormContext'
import { isSame } from '../filling/change'
import { pathOf, readAt, referencesIn } from '../filling/places'
import { isObject } from '../rules/value'
import styles from './Fields.module.css'
import { configurationOf, type FieldProps } from './fieldProps'
import { LookupFailure } from './LookupFailure'
import { ask, type Failure, type Fetched, failureOf, type RequestConfig } from './request'
import { useRequesting } from './useRequesting'

export function HttpRequest({ field, value, onChange, disabled }: FieldProps) {
  const t = useText()
  const tc = useCountryText()
  const { answers, fields } = useForm()
  const requesting = useRequesting()
  const online = useOnline()
  const config = configurationOf(field) as unknown as RequestConfig & { trigger?: unknown }
  const fetched: Fetched = isObject(value) ? value : {}
  const [failure, setFailure] = useState<Failure>()
  const shown = fetched.error ? (failure ?? failureOf(fetched)) : undefined

  const now = useRef({ config, answers, onChange })
  now.current = { config, answers, onChange }
  const underWay = useRef<AbortController>(undefined)
  const run = useCallback(async () => {
    underWay.current?.abort()
    const stop = new AbortController()
    underWay.current = stop
    setFailure(undefined)
    now.current.onChange({ loading: true, error: null, data: null })
    const asked = await ask(now.current.config, now.current.answers, requesting(stop.signal))
    if (stop.signal.aborted) return
    setFailure(asked.failure)
    now.current.onChange(asked.fetched)
  }, [requesting])
  // What was under way when the page was left is asked again when somebody comes back to it.
  useEffect(() => () => underWay.current?.abort(), [])

  const [trigger] = referencesIn(config.trigger)
  const pulled = trigger ? readAt(answers, pathOf(trigger)) : true
  const wasPulled = useRef(isObject(value) && fetched.loading !== true ? pulled : undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about what the trigger says
  useEffect(() => {
    if (disabled || !pulled || isSame(wasPulled.current, pulled)) return
    wasPulled.current = pulled
    void run()
  }, [JSON.stringify(pulled), disabled, run])

  const wasOnline = useRef(online)
  useEffect(() => {
    const isBack = online && !wasOnline.current
    wasOnline.current = online
    if (isBack && shown === 'noAnswer') void run()
  }, [online, shown, run])

  if (fetched.loading && !hasLoader(field, fields))
    return (
      <p role="status" className={styles.actions}>
        <Spinner /> {t('forms.lookup.asking', { label: tc(field.label) })}
      </p>
    )
  return shown ? (
    <LookupFailure label={tc(field.label)} failure={shown} url={config.url} retry={() => void run()} />
  ) : null
}

/** Whether the country says itself that something is fetched. */
const hasLoader = (field: FieldConfig, fields: readonly FieldConfig[]): boolean =>
  fields.some(
    ({ type, parent, conditionals }) =>
      type === 'LOADER' &&
      (referencesIn(parent).some(({ $$field }) => $$field === field.id) ||
        JSON.stringify(conditionals ?? []).includes(JSON.stringify(field.id))),
  )
