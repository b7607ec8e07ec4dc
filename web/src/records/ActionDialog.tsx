import { type ReactNode, useState } from 'react'
import type { FieldConfig, FormPage } from '../configuration/types'
import { Button } from '../design/Button'
import { Dialog } from '../design/Dialog'
import { TextField } from '../design/Field'
import { sentenceOf } from '../design/sentence'
import { ActionForm } from '../forms/ActionForm'
import { useCountryText, useText } from '../language/Language'
import type { NewSubmission, OutboxAction } from '../outbox/item'
import { useOutbox } from '../outbox/OutboxProvider'
import { useUnfinished } from '../session/useUnfinished'
import type { Answers, EventState } from './eventState'
import type { OfferedAction } from './offered'
import { useOpenRecord } from './RecordContext'
import styles from './RecordPage.module.css'

/** Actions that want a reason. */
const REASONED = ['REJECT', 'ARCHIVE']

/** Confirms an action, with the reason or the answers that it asks for, and puts it into the outbox. */
export function ActionDialog(props: { action: OfferedAction; label: string; onClose: () => void }) {
  const { action, label, onClose } = props
  const t = useText()
  const tc = useCountryText()
  const { state, title, config, document } = useOpenRecord()
  const { send, busy, problem } = useSending(onClose)
  const name = `${action.key} ${state.id}`
  const [reason, setReason] = useUnfinished(`${name} reason`, '')
  const [asked, setAsked] = useState(false)
  const needsReason = REASONED.includes(action.type)
  const missing = needsReason && reason.trim() === ''
  const about = tc(action.config?.supportingCopy) || t(`records.confirm.${action.type}`, { title })
  const form = formOf(action)
  const take = (annotation: Answers) => {
    const content = needsReason ? { content: { reason: reason.trim() } } : {}
    const custom = action.customActionType ? { customActionType: action.customActionType } : {}
    void send(state, action.type as OutboxAction, { declaration: {}, annotation, ...custom, ...content })
  }
  const confirm = () => {
    setAsked(true)
    if (!missing) take({})
  }
  if (form.length > 0)
    return (
      <Dialog open keepOpen wide onClose={onClose} title={label}>
        <p>{about}</p>
        <ActionForm
          name={name}
          event={config}
          form={form}
          declaration={state.declaration}
          record={{ $flags: state.flags, $status: state.status, $event: document }}
          action={label}
          busy={busy}
          onDone={take}
          onBack={onClose}
        />
        <SendingProblem>{problem}</SendingProblem>
      </Dialog>
    )
  const danger = ['REJECT', 'ARCHIVE', 'DELETE'].includes(action.type)
  return (
    <Dialog
      open
      onClose={onClose}
      title={label}
      keepOpen={needsReason}
      actions={
        <>
          <Button kind="secondary" onPress={onClose}>
            {t('design.cancel')}
          </Button>
          <Button kind={danger ? 'danger' : 'primary'} busy={busy} onPress={confirm}>
            {label}
          </Button>
        </>
      }
    >
      <p>{about}</p>
      {needsReason ? (
        <TextField
          label={t('records.reason')}
          rows={3}
          value={reason}
          onChange={setReason}
          required
          autoFocus
          {...(asked && missing ? { problem: t('records.reasonMissing') } : {})}
        />
      ) : null}
      <SendingProblem>{problem}</SendingProblem>
    </Dialog>
  )
}

/** What an action asks before it is taken. */
function formOf({ config }: OfferedAction): readonly FormPage[] | readonly FieldConfig[] {
  const form = config?.form
  return Array.isArray(form) ? form : (form?.pages ?? [])
}

export const SendingProblem = ({ children }: { children: ReactNode }) =>
  children ? (
    <p role="alert" className={styles.before}>
      {children}
    </p>
  ) : null

/** What is done to the open record, and the body that Core is sent. */
interface Deed {
  action: OutboxAction
  body: Record<string, unknown>
}

/** Puts actions on the open record into the outbox; `done` is called once it is safe on the device. */
export function useSending(done: () => void) {
  const t = useText()
  const { submitAll } = useOutbox()
  const { title, asker } = useOpenRecord()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  /** One after the other: all are kept, or none is. */
  const sendAll = async (state: EventState, deeds: Deed[], after: NewSubmission[] = []) => {
    setBusy(true)
    setProblem(undefined)
    try {
      const submissions = deeds.map(({ action, body }, at) => ({
        recordId: state.id,
        isNew: false,
        eventType: state.type,
        action,
        assign: at > 0 || state.assignedTo !== asker.person.id,
        body,
        title,
      }))
      await submitAll([...submissions, ...after])
      setBusy(false)
      done()
    } catch (error) {
      setBusy(false)
      setProblem(sentenceOf(error, t))
    }
  }
  const send = (state: EventState, action: OutboxAction, body: Deed['body']) =>
    sendAll(state, [{ action, body }])
  return { send, sendAll, busy, problem }
}
