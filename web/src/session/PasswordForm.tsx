import { type FormEvent, useMemo, useState } from 'react'
import { Refusal } from '../api/errors'
import { Button } from '../design/Button'
import { TextField } from '../design/Field'
import { Notice } from '../design/Notice'
import { useWorld } from '../device/world'
import { useText } from '../language/Language'
import { SignInCore } from './core'
import styles from './Entrance.module.css'
import { isGoodPassword, NewPassword } from './NewPassword'
import { useAccount, useSession } from './SessionContext'
import { goToProblem, StepProblem, useStep } from './Step'

/** Another password for oneself. All sessions end with it, this one too. */
export function PasswordForm() {
  const t = useText()
  const session = useSession()
  const { userId } = useAccount()
  const { send, now } = useWorld()
  const core = useMemo(() => new SignInCore(send, now), [send, now])
  const [present, setPresent] = useState('')
  const [password, setPassword] = useState('')
  const [repeated, setRepeated] = useState('')
  const [tried, setTried] = useState(false)
  const [saved, setSaved] = useState(false)
  const { busy, problem, run } = useStep((error) =>
    error instanceof Refusal && error.status === 401 ? t('session.password.wrong') : undefined,
  )
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setTried(true)
    if (present === '' || !isGoodPassword(password) || password !== repeated)
      return goToProblem(event.currentTarget)
    const token = session.token()
    run(async () => {
      if (!token) throw new Error(t('session.password.signInFirst'))
      await core.changePassword(token, userId, present, password)
      setSaved(true)
      await session.tokenRefused(token)
    })
  }
  if (saved)
    return (
      <Notice tone="good" live>
        {t('session.password.saved')}
      </Notice>
    )
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        label={t('session.password.present')}
        type="password"
        autoComplete="current-password"
        value={present}
        onChange={setPresent}
        problem={tried && present === '' ? t('session.password.presentNeeded') : undefined}
      />
      <NewPassword {...{ password, repeated, tried, setPassword, setRepeated }} />
      <StepProblem problem={problem} />
      <Button type="submit" kind="secondary" busy={busy}>
        {t('session.pin.save')}
      </Button>
    </form>
  )
}
