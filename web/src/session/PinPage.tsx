import { type FormEvent, useState } from 'react'
import { Button } from '../design/Button'
import { TextField } from '../design/Field'
import { Notice } from '../design/Notice'
import { useText } from '../language/Language'
import type { DeviceAccount } from './account'
import { Entrance } from './Entrance'
import styles from './Entrance.module.css'
import { PinChoice } from './PinChoice'
import { PIN_LENGTH } from './pin'
import { useSession } from './SessionContext'
import { SignOutDialog } from './SignOutDialog'

/** Before the desk: choose a PIN, or enter it. Needs no network. */
export function PinPage({ account, choose }: { account: DeviceAccount; choose: boolean }) {
  const t = useText()
  const session = useSession()
  const [pin, setPin] = useState('')
  const [left, setLeft] = useState<number>()
  const [busy, setBusy] = useState(false)
  const [leaving, setLeaving] = useState<'somebody else' | 'forgotten'>()
  if (choose)
    return (
      <Entrance title={t('session.pin.choose')}>
        <p>{t('session.pin.why')}</p>
        <PinChoice />
      </Entrance>
    )
  const open = (entered: string) => {
    setBusy(true)
    void session
      .unlock(entered)
      .then((outcome) => {
        if (outcome !== true) {
          setPin('')
          setLeft(outcome)
        }
      })
      .finally(() => setBusy(false))
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (pin.length === PIN_LENGTH && !busy) open(pin)
  }
  return (
    <Entrance title={t('session.pin.enter', { name: account.name.firstname })}>
      <form className={styles.form} onSubmit={submit}>
        <TextField
          label={t('session.pin.label')}
          name="pin"
          type="password"
          inputMode="numeric"
          autoComplete="off"
          maxLength={PIN_LENGTH}
          value={pin}
          onChange={(text) => {
            setPin(text)
            // The fourth digit opens: nobody wants to press a button fifty times a day.
            if (text.length === PIN_LENGTH && !busy) open(text)
          }}
          autoFocus
        />
        {left === undefined ? null : (
          <Notice tone="bad" live>
            {t('session.pin.wrong', { left })}
          </Notice>
        )}
        <Button type="submit" busy={busy}>
          {t('session.pin.open')}
        </Button>
      </form>
      <div className={styles.foot}>
        <Button kind="quiet" size="small" onPress={() => setLeaving('forgotten')}>
          {t('session.pin.forgot')}
        </Button>
        <Button kind="quiet" size="small" onPress={() => setLeaving('somebody else')}>
          {t('session.pin.other')}
        </Button>
      </div>
      <SignOutDialog
        open={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        forgotten={leaving === 'forgotten'}
      />
    </Entrance>
  )
}
