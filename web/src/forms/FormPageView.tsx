// One page of a form: its fields, the ways on and back, and what is still wrong when one wants to go on.
import { useEffect, useState } from 'react'
import type { FieldConfig, FormPage } from '../configuration/types'
import { Button } from '../design/Button'
import { Confirm } from '../design/Dialog'
import { Notice } from '../design/Notice'
import { Card } from '../design/Page'
import { useCountryText, useText } from '../language/Language'
import type { MessageDescriptor } from '../language/messages'
import styles from './Form.module.css'
import type { FormAround } from './FormContext'
import { FormFields } from './FormFields'
import { goToField } from './fields/FieldView'
import { byField, ProblemList } from './ProblemList'
import type { Problem } from './rules/field'
import { useWantedField } from './useSteps'

interface FormPageViewProps extends FormAround {
  page: FormPage
  problems: Problem[]
  onNext: () => void
  onBack?: (() => void) | undefined
  nextLabel?: string
  busy?: boolean
  locked?: (field: FieldConfig) => boolean
  /** Everything wrong is said from the start: one comes from a list of it. */
  sayAll?: boolean
}

export function FormPageView(props: FormPageViewProps) {
  const { page, problems, onNext, onBack, nextLabel, busy, locked, sayAll, ...form } = props
  const t = useText()
  const tc = useCountryText()
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [warned, setWarned] = useState(sayAll ?? false)
  const wanted = useWantedField()
  useEffect(() => {
    if (wanted) goToField(wanted)
  }, [wanted])

  const next = () => {
    const [first] = problems
    if (first && (!warned || page.requireCompletionToContinue)) {
      setWarned(true)
      goToField(first.field)
      return
    }
    onNext()
  }
  const isVerification = page.type === 'VERIFICATION'
  return (
    <form
      noValidate
      className={styles.fields}
      onSubmit={(event) => {
        event.preventDefault()
        if (!isVerification) next()
      }}
    >
      <Card title={tc(page.title)}>
        <FormFields
          {...form}
          shown={page.fields}
          problems={problems}
          told={warned ? 'all' : left}
          onLeave={(id) => setLeft((before) => new Set([...before, id]))}
          {...(locked ? { locked } : {})}
        />
      </Card>
      {warned && problems.length > 0 ? (
        <Notice tone="bad" live title={t('forms.stillWrong', { count: byField(problems).length })}>
          <ProblemList problems={problems} fields={page.fields} onGo={goToField} />
        </Notice>
      ) : null}
      <div className={styles.footer} data-print="no">
        <div>
          {onBack ? (
            <Button kind="secondary" onPress={onBack}>
              {t('forms.previous')}
            </Button>
          ) : null}
        </div>
        {isVerification ? (
          <Verification page={page} change={form.change} onNext={onNext} />
        ) : (
          <Button type="submit" busy={busy ?? false}>
            {warned && problems.length > 0 && !page.requireCompletionToContinue
              ? t('forms.continueAnyway')
              : (nextLabel ?? t('forms.continue'))}
          </Button>
        )}
      </div>
    </form>
  )
}

interface VerificationActions {
  verify?: { label: MessageDescriptor }
  cancel?: { label: MessageDescriptor; confirmation?: { title: MessageDescriptor; body: MessageDescriptor } }
}

/** Whether somebody is who they say: the page's own answer. */
function Verification(props: { page: FormPage; change: FormAround['change']; onNext: () => void }) {
  const t = useText()
  const tc = useCountryText()
  const [asking, setAsking] = useState(false)
  const actions = (props.page.actions ?? {}) as VerificationActions & {
    confirmation?: { title: MessageDescriptor; body: MessageDescriptor }
  }
  const confirmation = actions.cancel?.confirmation ?? actions.confirmation
  const answer = (verified: boolean) => {
    props.change(props.page.id, verified)
    props.onNext()
  }
  return (
    <div>
      <Button kind="secondary" onPress={() => (confirmation ? setAsking(true) : answer(false))}>
        {tc(actions.cancel?.label) || t('forms.notVerified')}
      </Button>
      <Button onPress={() => answer(true)}>{tc(actions.verify?.label) || t('forms.verified')}</Button>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={tc(confirmation?.title)}
        action={tc(actions.cancel?.label) || t('forms.notVerified')}
        onConfirm={() => answer(false)}
      >
        <p>{tc(confirmation?.body)}</p>
      </Confirm>
    </div>
  )
}
