import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { Button } from '../../design/Button'
import { Checkbox, TextField } from '../../design/Field'
import { Notice } from '../../design/Notice'
import { Card } from '../../design/Page'
import { useText } from '../../language/Language'
import { useAccount } from '../../session/SessionContext'
import { useCommand } from '../asking'
import styles from '../Console.module.css'
import { ReasonDialog } from '../ReasonDialog'
import { RESEND_PENDING, RESOLVE_PENDING } from '../scopes'
import { useMay } from '../useMay'

type Decision = 'approve' | 'reject' | 'hand-back'

/** Asks the country again, or decides in its place: with a reason, and after having read what that means. */
export function Decisions(props: { action: Schemas['PendingAction']; onDone: (said: string) => void }) {
  const { action } = props
  const t = useText()
  const account = useAccount()
  const mayResend = useMay(RESEND_PENDING)
  const mayResolve = useMay(RESOLVE_PENDING)
  const [resent, setResent] = useState<string>()
  const [resending, setResending] = useState(false)
  const [deciding, setDeciding] = useState<Decision>()
  const resend = useCommand((api, actionId: string) =>
    api.POST('/pending-actions/{actionId}/resend', { params: { path: { actionId } }, body: {} }),
  )
  const own = action.requestedBy === account.userId
  if (!mayResend && !mayResolve) return null
  return (
    <Card title={t('console.pending.decide')}>
      <p className={styles.soft}>{t('console.pending.decideHelp')}</p>
      {resent ? (
        <Notice tone="good" live>
          {resent}
        </Notice>
      ) : null}
      <div className={styles.row}>
        {mayResend ? <Button onPress={() => setResending(true)}>{t('console.pending.resend')}</Button> : null}
        {mayResolve ? (
          <>
            <Button kind="secondary" isDisabled={own} onPress={() => setDeciding('approve')}>
              {t('console.pending.approve')}
            </Button>
            <Button kind="secondary" onPress={() => setDeciding('hand-back')}>
              {t('console.pending.hand-back')}
            </Button>
            <Button kind="secondary" onPress={() => setDeciding('reject')}>
              {t('console.pending.reject')}
            </Button>
          </>
        ) : null}
      </div>
      {mayResolve && own ? <p className={styles.soft}>{t('console.pending.approveOwn')}</p> : null}
      <ReasonDialog
        open={resending}
        onClose={() => setResending(false)}
        title={t('console.pending.resend')}
        action={t('console.pending.resend')}
        reason="none"
        onOrder={async () => {
          const answer = await resend.mutateAsync(action.actionId)
          if (answer) setResent(t(`console.pending.resent.${answer.resent}`))
        }}
      >
        <p>{t('console.pending.resendHelp')}</p>
      </ReasonDialog>
      {deciding ? (
        <DecideDialog
          decision={deciding}
          action={action}
          onClose={() => setDeciding(undefined)}
          onDone={props.onDone}
        />
      ) : null}
    </Card>
  )
}

function DecideDialog(props: {
  decision: Decision
  action: Schemas['PendingAction']
  onClose: () => void
  onDone: (said: string) => void
}) {
  const { decision, action } = props
  const t = useText()
  const [number, setNumber] = useState('')
  const [sure, setSure] = useState(false)
  const needsNumber = decision === 'approve' && action.actionType === 'REGISTER'
  const registrationNumber = number.trim()
  const command = useCommand((api, reason: string) => {
    const params = { path: { actionId: action.actionId } }
    if (decision === 'approve')
      return api.POST('/pending-actions/{actionId}/approve', {
        params,
        body: { reason, ...(needsNumber ? { registrationNumber } : {}) },
      })
    return decision === 'reject'
      ? api.POST('/pending-actions/{actionId}/reject', { params, body: { reason } })
      : api.POST('/pending-actions/{actionId}/hand-back', { params, body: { reason } })
  })
  return (
    <ReasonDialog
      open
      onClose={props.onClose}
      title={t(`console.pending.${decision}`)}
      action={t(`console.pending.${decision}`)}
      reason="required"
      danger={decision !== 'hand-back'}
      missing={
        needsNumber && registrationNumber === ''
          ? t('console.pending.numberNeeded')
          : sure
            ? undefined
            : t('console.pending.sureNeeded')
      }
      onOrder={async (reason) => {
        const resolved = await command.mutateAsync(reason)
        const words = decision === 'hand-back' ? t('console.step.pending.handBack') : undefined
        props.onDone(
          [
            words ?? t(`console.pending.resolved.${resolved?.resolution ?? 'accepted'}`),
            resolved?.already ? t('console.pending.already') : '',
          ]
            .filter(Boolean)
            .join(' '),
        )
      }}
    >
      <p>{t(`console.pending.${decision}Help`)}</p>
      {needsNumber ? (
        <TextField
          label={t('console.pending.number')}
          help={t('console.pending.numberHelp')}
          value={number}
          onChange={setNumber}
          required
        />
      ) : null}
      <Checkbox value={sure} onChange={setSure}>
        {t('console.pending.sure')}
      </Checkbox>
    </ReasonDialog>
  )
}
