import { type ReactNode, useState } from 'react'
import { Button } from '../design/Button'
import { Dialog } from '../design/Dialog'
import { TextField } from '../design/Field'
import { Notice } from '../design/Notice'
import { useText } from '../language/Language'
import { EnterSubmits } from './EnterSubmits'
import { Failure } from './Failure'

/** The longest that Core keeps. */
const LONGEST = 1000

export interface Order {
  title: string
  action: string
  /** What will happen, in words. */
  children?: ReactNode
  danger?: boolean
  /** Whether Core asks for a reason; without one is left to the person. */
  reason: 'required' | 'optional' | 'none'
  /** What else is missing, in words; undefined when nothing is. */
  missing?: string | undefined
}

/** Asks once more, and why, before an operator's order is carried out. */
export function ReasonDialog(
  props: Order & {
    open: boolean
    onClose: () => void
    /** Rejects when it could not be done; the dialog then stays and says so. */
    onOrder: (reason: string) => Promise<unknown>
  },
) {
  return props.open ? <Asking {...props} /> : null
}

function Asking(props: Order & { onClose: () => void; onOrder: (reason: string) => Promise<unknown> }) {
  const t = useText()
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const given = reason.trim()
  const short = given.length > LONGEST || (props.reason === 'required' && given === '')
  const order = async () => {
    setTried(true)
    if (short || props.missing || busy) return
    setBusy(true)
    setError(undefined)
    try {
      await props.onOrder(given)
      props.onClose()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      keepOpen
      onClose={props.onClose}
      title={props.title}
      actions={
        <>
          <Button kind="secondary" onPress={props.onClose}>
            {t('design.cancel')}
          </Button>
          <Button kind={props.danger ? 'danger' : 'primary'} busy={busy} onPress={() => void order()}>
            {props.action}
          </Button>
        </>
      }
    >
      <EnterSubmits onSubmit={() => void order()}>
        {props.children}
        {props.reason === 'none' ? null : (
          <TextField
            label={t('console.reason')}
            help={t('console.reasonHelp')}
            value={reason}
            onChange={setReason}
            rows={3}
            required={props.reason === 'required'}
            problem={tried && short ? t('console.reasonNeeded') : undefined}
            autoFocus
          />
        )}
        {tried && props.missing ? (
          <Notice tone="bad" live>
            {props.missing}
          </Notice>
        ) : null}
        <Failure error={error} />
      </EnterSubmits>
    </Dialog>
  )
}
