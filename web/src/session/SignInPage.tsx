import { type FormEvent, useEffect, useState } from 'react'
import { Refusal } from '../api/errors'
import { Button } from '../design/Button'
import { TextField } from '../design/Field'
import { Notice } from '../design/Notice'
import { openPersonal } from '../device/database'
import { useLanguage, useText } from '../language/Language'
import { isInOutbox } from '../outbox/view'
import type { DeviceAccount } from './account'
import type { SignInCore, Started } from './core'
import { Entrance } from './Entrance'
import styles from './Entrance.module.css'
import { Recovery } from './Recovery'
import { useSession } from './SessionContext'
import { SetUp } from './SetUp'
import { StepProblem, useStep } from './Step'

type Step =
  | { is: 'password' }
  | { is: 'code'; started: Started; username: string }
  | { is: 'set-up'; token: string }
  | { is: 'recovery' }

/** Password, then the code that country config delivered. */
export function SignInPage(props: {
  core: SignInCore
  accounts: DeviceAccount[]
  /** Wrong PINs have just shut the desk. */
  tooManyTries?: boolean
  /** Back to where they were, when it is only the session that has ended. */
  cancel?: () => void
}) {
  const { core, accounts } = props
  const t = useText()
  const [step, setStep] = useState<Step>({ is: 'password' })
  const [said, setSaid] = useState<Said | undefined>(
    props.tooManyTries ? { tone: 'warn', text: t('session.pin.tooMany') } : undefined,
  )
  const [username, setUsername] = useState(() => lastOf(accounts)?.username ?? '')
  const back = (text?: string, tone: Said['tone'] = 'warn') => {
    setSaid(text ? { text, tone } : undefined)
    setStep({ is: 'password' })
  }
  const good = (text?: string) => back(text, 'good')
  if (step.is === 'code')
    return <Code core={core} started={step.started} username={step.username} back={back} />
  if (step.is === 'set-up')
    return <SetUp core={core} token={step.token} done={() => good(t('session.setUp.done'))} back={back} />
  if (step.is === 'recovery') return <Recovery core={core} done={good} />
  return (
    <Password
      core={core}
      accounts={accounts}
      said={said}
      username={username}
      setUsername={setUsername}
      {...(props.cancel ? { cancel: props.cancel } : {})}
      forgot={() => setStep({ is: 'recovery' })}
      started={(started, username) =>
        setStep(
          started.status === 'pending' && started.token
            ? { is: 'set-up', token: started.token }
            : { is: 'code', started, username },
        )
      }
    />
  )
}

interface Said {
  text: string
  tone: 'good' | 'warn'
}

/** Who worked on this device last. */
const lastOf = (accounts: DeviceAccount[]) => [...accounts].sort((a, b) => b.lastSeenAt - a.lastSeenAt)[0]

function Password(props: {
  core: SignInCore
  accounts: DeviceAccount[]
  said: Said | undefined
  username: string
  setUsername: (username: string) => void
  forgot: () => void
  cancel?: () => void
  started: (started: Started, username: string) => void
}) {
  const t = useText()
  const { username, setUsername } = props
  const [password, setPassword] = useState('')
  const { busy, problem, run } = useStep((error) => {
    if (error instanceof Refusal && error.status === 401) return t('session.wrong')
    if (error instanceof Refusal && error.status === 403) return t('session.shut')
    return undefined
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (username.trim() === '' || password === '') return
    run(async () => props.started(await props.core.start(username.trim(), password), username.trim()))
  }
  return (
    <Entrance title={t('session.signIn')}>
      {props.said ? (
        <Notice tone={props.said.tone} live>
          {props.said.text}
        </Notice>
      ) : null}
      <form className={styles.form} onSubmit={submit}>
        <TextField
          label={t('session.username')}
          name="username"
          autoComplete="username"
          value={username}
          onChange={setUsername}
          autoFocus={username === ''}
        />
        <TextField
          label={t('session.password')}
          name="password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          autoFocus={username !== ''}
        />
        <StepProblem problem={problem} />
        <Button type="submit" busy={busy}>
          {t('session.next')}
        </Button>
      </form>
      <div className={styles.foot}>
        <Button kind="quiet" size="small" onPress={props.forgot}>
          {t('session.forgot')}
        </Button>
        {props.cancel ? (
          <Button kind="quiet" size="small" onPress={props.cancel}>
            {t('design.back')}
          </Button>
        ) : null}
      </div>
      <OnThisDevice accounts={props.accounts} choose={setUsername} />
      {props.accounts.length === 0 ? <p className={styles.soft}>{t('session.needsNetwork')}</p> : null}
    </Entrance>
  )
}

/** Who has worked here, and what of theirs waits to be sent. Says how many, never what. */
function OnThisDevice(props: { accounts: DeviceAccount[]; choose: (username: string) => void }) {
  const t = useText()
  const [waiting, setWaiting] = useState<Record<string, number>>({})
  useEffect(() => {
    let current = true
    void (async () => {
      const counts: Record<string, number> = {}
      for (const account of props.accounts) {
        const database = await openPersonal(account.userId)
        counts[account.userId] = (await database.getAll('outbox')).filter(isInOutbox).length
        database.close()
      }
      if (current) setWaiting(counts)
    })()
    return () => {
      current = false
    }
  }, [props.accounts])
  const others = props.accounts.filter(
    (account) => (waiting[account.userId] ?? 0) > 0 || props.accounts.length > 1,
  )
  if (others.length === 0) return null
  return (
    <section className={styles.form}>
      <h2>{t('session.onDevice')}</h2>
      <ul className={styles.accounts}>
        {others.map((account) => (
          <li key={account.userId}>
            <Button kind="secondary" size="small" onPress={() => props.choose(account.username)}>
              {account.name.firstname} {account.name.surname}
            </Button>{' '}
            {waiting[account.userId] ? (
              <span className={styles.soft}>{t('session.waiting', { count: waiting[account.userId] })}</span>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Code(props: {
  core: SignInCore
  started: Started
  username: string
  back: (message?: string) => void
}) {
  const t = useText()
  const { language } = useLanguage()
  const session = useSession()
  const [code, setCode] = useState('')
  const [again, setAgain] = useState(false)
  // A code is good once: when only the account could not be read, that alone is tried again.
  const [verified, setVerified] = useState<string>()
  const { busy, problem, run } = useStep((error) =>
    error instanceof Refusal && error.status === 401 ? t('session.code.wrong') : undefined,
  )
  // Which of them is used is the country's to say.
  const where = [props.started.mobile, props.started.email].filter((one) => one !== undefined)
  const or = new Intl.ListFormat(language, { type: 'disjunction' })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (code.trim() === '') return
    setAgain(false)
    run(async () => {
      const token = verified ?? (await props.core.verify(props.started.nonce, code.trim()))
      setVerified(token)
      await session.signedIn(await props.core.account(token, props.username))
    })
  }
  return (
    <Entrance title={t('session.code.title')}>
      <p>
        {where.length > 0
          ? t('session.code.sent', { where: or.format(where) })
          : t('session.code.sentSomewhere')}
      </p>
      <form className={styles.form} onSubmit={submit}>
        <TextField
          label={t('session.code.label')}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          value={code}
          onChange={setCode}
          maxLength={12}
          autoFocus
        />
        {again && !problem ? (
          <Notice tone="good" live>
            {t('session.code.sentAgain')}
          </Notice>
        ) : null}
        <StepProblem problem={problem} />
        <Button type="submit" busy={busy}>
          {t('session.signIn')}
        </Button>
      </form>
      <div className={styles.foot}>
        <Button
          kind="quiet"
          size="small"
          isDisabled={busy}
          onPress={() =>
            run(async () => {
              try {
                await props.core.sendCodeAgain(props.started.nonce, false)
              } catch (error) {
                // After too many wrong codes, or too long a time, no other is sent: it begins anew.
                if (!(error instanceof Refusal && error.status === 401)) throw error
                return props.back(t('session.code.over'))
              }
              setCode('')
              setAgain(true)
            })
          }
        >
          {t('session.code.again')}
        </Button>
        <Button kind="quiet" size="small" onPress={() => props.back()}>
          {t('design.back')}
        </Button>
      </div>
    </Entrance>
  )
}
