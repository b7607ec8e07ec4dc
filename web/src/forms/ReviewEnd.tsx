// The end of a review: what is still wrong, what is asked about the declaration itself, and the ways to
// send it.
import { useState } from 'react'
import type { ActionConfig, EventConfig, FieldConfig } from '../configuration/types'
import { Button } from '../design/Button'
import { Confirm } from '../design/Dialog'
import { Notice } from '../design/Notice'
import { Card } from '../design/Page'
import { useCountryText, useText } from '../language/Language'
import { actionRules } from '../records/rules'
import type { LocalDraft } from './draft'
import styles from './Form.module.css'
import { FormFields } from './FormFields'
import { goToField } from './fields/FieldView'
import type { Sending } from './filling/submissions'
import { byField, ProblemList } from './ProblemList'
import type { Problem } from './rules/field'
import type { FormModel } from './useFormModel'

interface ReviewEndProps {
  event: EventConfig
  draft: LocalDraft
  annotation: FormModel
  fields: FieldConfig[]
  declarationFields: FieldConfig[]
  /** Of the declaration. */
  problems: Problem[]
  sendings: Sending[]
  busy: boolean
  onGo: (field: string) => void
  onSend: (how: Sending) => void
}

export function ReviewEnd(props: ReviewEndProps) {
  const { event, draft, annotation, fields, problems, sendings } = props
  const t = useText()
  const tc = useCountryText()
  const [asked, setAsked] = useState<Sending>()
  const [told, setTold] = useState<ReadonlySet<string>>(new Set())
  const [all, setAll] = useState(false)
  const page = annotation.pages[0]
  const own = page ? annotation.problems(page) : []
  const isComplete = problems.length === 0
  // What is incomplete can only be notified of; what is complete is not sent as less than it is.
  const open = sendings.filter((how) =>
    how === 'NOTIFY' ? !isComplete || sendings.length === 1 : isComplete,
  )

  const ask = (how: Sending) => {
    const [first] = own
    if (first && how !== 'NOTIFY') {
      setAll(true)
      goToField(first.field)
    } else setAsked(how)
  }
  return (
    <>
      {fields.length > 0 ? (
        <Card>
          <FormFields
            shown={fields}
            problems={own}
            told={all ? 'all' : told}
            onLeave={(id) => setTold((before) => new Set([...before, id]))}
            answers={draft.annotation}
            data={annotation.data}
            change={annotation.change}
            event={event}
            fields={[...fields, ...props.declarationFields]}
          />
        </Card>
      ) : null}
      {isComplete ? null : (
        <Notice tone="warn" title={t('forms.stillWrong', { count: byField(problems).length })}>
          <ProblemList
            problems={problems}
            fields={props.declarationFields}
            pages={event.declaration.pages}
            onGo={props.onGo}
          />
        </Notice>
      )}
      {open.length === 0 ? (
        <Notice tone="info">{t(isComplete ? 'forms.mayNotSend' : 'forms.completeFirst')}</Notice>
      ) : (
        <div className={styles.footer} data-print="no">
          <div>
            {open.map((how, at) => (
              <Button
                key={how}
                kind={at === 0 ? 'primary' : 'secondary'}
                busy={props.busy}
                onPress={() => ask(how)}
              >
                {t(`forms.send.${how}`)}
              </Button>
            ))}
          </div>
        </div>
      )}
      {asked ? (
        <Confirm
          open
          onClose={() => setAsked(undefined)}
          title={t(`forms.send.${asked}`)}
          action={t(`forms.send.${asked}`)}
          onConfirm={() => {
            setAsked(undefined)
            props.onSend(asked)
          }}
        >
          <p>{tc(copyOf(event, draft.action, asked)) || t('forms.sendAdvice')}</p>
        </Confirm>
      ) : null}
    </>
  )
}

/** What the country says before it is sent. */
function copyOf(event: EventConfig, action: string, how: Sending) {
  const rules = actionRules(event.actions ? event : { actions: [] }, action === 'EDIT' ? 'EDIT' : 'DECLARE')
  return (rules as ActionConfig | undefined)?.dialogCopy?.[how.toLowerCase()]
}
