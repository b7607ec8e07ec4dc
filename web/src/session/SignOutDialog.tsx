import { useEffect, useState } from 'react'
import { Button } from '../design/Button'
import { Dialog } from '../design/Dialog'
import { Notice } from '../design/Notice'
import { openPersonal } from '../device/database'
import { useOnline } from '../device/online'
import { useText } from '../language/Language'
import { isInOutbox } from '../outbox/view'
import { useAccount, useSession } from './SessionContext'

/**
 * Says what is still in the outbox before somebody leaves: it goes on only when they come back. Whoever has
 * `forgotten` the PIN chooses another then.
 */
export function SignOutDialog(props: { open: boolean; onClose: () => void; forgotten?: boolean }) {
  const { open, onClose, forgotten = false } = props
  const t = useText()
  const session = useSession()
  const online = useOnline()
  const { userId } = useAccount()
  const [waiting, setWaiting] = useState<number>()
  useEffect(() => {
    if (!open) return
    let current = true
    setWaiting(undefined)
    void openPersonal(userId).then(async (database) => {
      const items = await database.getAll('outbox')
      database.close()
      if (current) setWaiting(items.filter(isInOutbox).length)
    })
    return () => {
      current = false
    }
  }, [open, userId])
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t(forgotten ? 'session.pin.forgotten' : 'session.leave.title')}
      actions={
        <>
          <Button kind="secondary" onPress={onClose}>
            {t('design.cancel')}
          </Button>
          <Button
            kind={waiting || !online ? 'danger' : 'primary'}
            onPress={() => void session.signOut({ forgetPin: forgotten })}
          >
            {t('session.leave')}
          </Button>
        </>
      }
    >
      {forgotten ? <p>{t('session.pin.forgottenWhat')}</p> : null}
      {waiting ? (
        <Notice tone="warn">{t('session.leave.waiting', { count: waiting })}</Notice>
      ) : waiting === 0 && !forgotten ? (
        <p>{t('session.leave.nothing')}</p>
      ) : null}
      {online ? null : <Notice tone="warn">{t('session.leave.offline')}</Notice>}
    </Dialog>
  )
}
