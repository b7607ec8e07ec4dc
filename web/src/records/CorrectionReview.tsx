import { useState } from 'react'
import { Button } from '../design/Button'
import { Confirm, Dialog } from '../design/Dialog'
import { TextField } from '../design/Field'
import { Card } from '../design/Page'
import { useFormats, useText } from '../language/Language'
import { useUnfinished } from '../session/useUnfinished'
import { SendingProblem, useSending } from './ActionDialog'
import { AnnotationFacts } from './AnnotationFacts'
import { pendingCorrection } from './accepted'
import { mayTake } from './access'
import { ChangesTable } from './ChangesTable'
import { type Correction, correctionOf } from './correction'
import { availableActions } from './next'
import { mayWorkOn } from './offered'
import { useOpenRecord } from './RecordContext'
import { useOutboxItems } from './useOutboxItems'

/** A correction that somebody asked for: before and after, why, and the decision about it. */
export function CorrectionReview() {
  const { document, config } = useOpenRecord()
  const request = pendingCorrection(document)
  if (!request) return null
  return <Review correction={correctionOf(document, request, config)} />
}

function Review({ correction }: { correction: Correction }) {
  const t = useText()
  const formats = useFormats()
  const { people, state, asker, reach } = useOpenRecord()
  const [deciding, setDeciding] = useUnfinished<'approve' | 'reject' | undefined>(
    `correction of ${state.id}`,
    undefined,
  )
  const busy = useOutboxItems(state.id).length > 0
  const available = availableActions(state.status, state.flags)
  const may = (action: 'APPROVE_CORRECTION' | 'REJECT_CORRECTION') =>
    available.includes(action) && mayTake(action, asker.scopes, asker.person, reach)
  const off = !mayWorkOn(state, asker.person) || busy
  const { request } = correction
  return (
    <div id="correction" tabIndex={-1}>
      <Card
        title={t('records.correction')}
        actions={
          <>
            {may('APPROVE_CORRECTION') ? (
              <Button isDisabled={off} onPress={() => setDeciding('approve')}>
                {t('records.approveCorrection')}
              </Button>
            ) : null}
            {may('REJECT_CORRECTION') ? (
              <Button kind="danger" isDisabled={off} onPress={() => setDeciding('reject')}>
                {t('records.rejectCorrection')}
              </Button>
            ) : null}
          </>
        }
      >
        <p>
          {t('records.correctionBy', {
            name: people.name(request.createdBy, request.createdByUserType, request.createdByRole),
            time: formats.dateTime(request.createdAt),
          })}
        </p>
        {correction.changes.length === 0 ? (
          <p>{t('records.changesNothing')}</p>
        ) : (
          <ChangesTable caption={t('records.correction')} changes={correction.changes} />
        )}
        <AnnotationFacts type="REQUEST_CORRECTION" annotation={correction.annotation} />
      </Card>
      {deciding ? (
        <Decision kind={deciding} requestId={request.id} onClose={() => setDeciding(undefined)} />
      ) : null}
    </div>
  )
}

function Decision(props: { kind: 'approve' | 'reject'; requestId: string; onClose: () => void }) {
  const { kind, requestId, onClose } = props
  const t = useText()
  const { state } = useOpenRecord()
  const { send, busy, problem } = useSending(onClose)
  const [reason, setReason] = useUnfinished(`${requestId} reason`, '')
  const [asked, setAsked] = useState(false)
  if (kind === 'approve')
    return (
      <Confirm
        open
        onClose={onClose}
        title={t('records.approveCorrection')}
        action={t('records.approveCorrection')}
        busy={busy}
        onConfirm={() =>
          void send(state, 'APPROVE_CORRECTION', { requestId, declaration: {}, annotation: {} })
        }
      >
        <p>{t('records.approveCorrectionWhat')}</p>
        <SendingProblem>{problem}</SendingProblem>
      </Confirm>
    )
  const missing = reason.trim() === ''
  return (
    <Dialog
      open
      keepOpen
      onClose={onClose}
      title={t('records.rejectCorrection')}
      actions={
        <>
          <Button kind="secondary" onPress={onClose}>
            {t('design.cancel')}
          </Button>
          <Button
            kind="danger"
            busy={busy}
            onPress={() => {
              setAsked(true)
              if (!missing)
                void send(state, 'REJECT_CORRECTION', {
                  requestId,
                  declaration: {},
                  annotation: {},
                  content: { reason: reason.trim() },
                })
            }}
          >
            {t('records.rejectCorrection')}
          </Button>
        </>
      }
    >
      <TextField
        label={t('records.reason')}
        rows={3}
        value={reason}
        onChange={setReason}
        autoFocus
        required
        {...(asked && missing ? { problem: t('records.reasonMissing') } : {})}
      />
      <SendingProblem>{problem}</SendingProblem>
    </Dialog>
  )
}
