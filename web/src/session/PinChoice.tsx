import { type FormEvent, useState } from 'react'
import { Button } from '../design/Button'
import { TextField } from '../design/Field'
import { Notice } from '../design/Notice'
import { useText } from '../language/Language'
import styles from './Entrance.module.css'
import { isEasilyGuessed, isPin, PIN_LENGTH } from './pin'
import { useSession } from './SessionContext'

/** Two times the same four digits. */
export function PinChoice() {
  const t = useText()
  const session = useSession()
  const [pin, setPin] = useState('')
  const [repeated, setRepeated] = useState('')
  const [tried, setTried] = useState(false)
  const [saved, setSaved] = useState(false)
  const problem = !isPin(pin)
    ? t('session.pin.digits')
    : isEasilyGuessed(pin)
      ? t('session.pin.easy')
      : undefined
  const differ = pin === repeated ? undefined : t('session.setUp.differ')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (problem || differ) return
    void session.choosePin(pin).then(() => {
      setSaved(true)
      setTried(false)
      setPin('')
      setRepeated('')
    })
  }
  const common = {
    type: 'password',
    inputMode: 'numeric',
    maxLength: PIN_LENGTH,
    autoComplete: 'off',
  } as const
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        {...common}
        label={t('session.pin.label')}
        value={pin}
        onChange={setPin}
        problem={tried ? problem : undefined}
      />
      <TextField
        {...common}
        label={t('session.pin.repeat')}
        value={repeated}
        onChange={setRepeated}
        problem={tried && !problem ? differ : undefined}
      />
      {saved ? (
        <Notice tone="good" live>
          {t('session.pin.saved')}
        </Notice>
      ) : null}
      <Button type="submit">{t('session.pin.save')}</Button>
    </form>
  )
}
