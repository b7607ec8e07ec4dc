import type { ReactNode } from 'react'
import { useLocation } from 'wouter'
import { Notice } from '../design/Notice'
import { useText } from '../language/Language'
import { FormFrame, type Step } from './FormFrame'
import type { RecordForm } from './useRecordForm'

/** The frame of a form about a record's declaration. Whoever leaves it goes `home`. */
export function RecordFormFrame(props: {
  form: RecordForm
  title: string
  subtitle: string
  steps: readonly Step[]
  current: string
  home: string
  /** What the draft is called in lists. */
  draftTitle: string
  children: ReactNode
}) {
  const t = useText()
  const [, go] = useLocation()
  const { form, draftTitle, home } = props
  const { kept, draft, sending } = form
  return (
    <FormFrame
      title={props.title}
      subtitle={props.subtitle}
      steps={props.steps}
      current={props.current}
      onStep={form.to(draftTitle)}
      savedAt={draft.changedAt}
      problem={kept.problem}
      onSaveAndLeave={async () => {
        await form.save(draftTitle)
        go(home)
      }}
      onForget={async () => {
        await kept.forget()
        go(home, { replace: true })
      }}
    >
      {sending.problem ? (
        <Notice tone="bad" live title={t('forms.notSent')}>
          {sending.problem}
        </Notice>
      ) : null}
      {props.children}
    </FormFrame>
  )
}
