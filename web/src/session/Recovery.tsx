import { type FormEvent, useState } from 'react'
import { Refusal } from '../api/errors'
import { Button } from '../design/Button'
import { RadioGroup, TextField } from '../design/Field'
import { Notice } from '../design/Notice'
import { useText } from '../language/Language'
import type { SignInCore } from './core'
import { Entrance } from './Entrance'
import styles from './Entrance.module.css'
import { isGoodPassword, NewPassword } from './NewPassword'
import { goToProblem, StepProblem, useStep } from './Step'

type Lost = 'password' | 'username'
type Step =
  | { is: 'contact' }
  | { is: 'code' }
  | { is: 'answer'; question: string; again: boolean }
  | { is: 'password' }

/** As somebody types a number or an address: with blanks, dots or strokes to read it by. */
const contactIn = (text: string): string =>
  text.includes('@') ? text.trim() : text.replace(/[\s.\-/()]/g, '')

/** Back into an account: a contact, a code, an answer, then a new password or the username by message. */
export function Recovery({ core, done }: { core: SignInCore; done: (message?: string) => void }) {
  const t = useText()
  const [lost, setLost] = useState<Lost>('password')
  const [step, setStep] = useState<Step>({ is: 'contact' })
  const [nonce, setNonce] = useState('')
  const [text, setText] = useState('')
  const [password, setPassword] = useState('')
  const [repeated, setRepeated] = useState('')
  const [tried, setTried] = useState(false)
  const [over, setOver] = useState(false)
  const [again, setAgain] = useState(false)
  const to = (next: Step) => {
    setText('')
    setAgain(false)
    setOver(false)
    setStep(next)
  }
  const { busy, problem, run } = useStep((error) => {
    if (!(error instanceof Refusal && error.status === 401)) return undefined
    if (step.is === 'code') return t('session.code.wrong')
    // After too many wrong answers, or too long a time, nothing is taken any more.
    to({ is: 'contact' })
    setOver(true)
    return ''
  })
  const afterAnswer = async (answered: string) => {
    if (lost === 'username') {
      await core.sendUsername(answered)
      done(t('session.recover.nameSent'))
    } else to({ is: 'password' })
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (step.is === 'password') {
      setTried(true)
      if (!isGoodPassword(password) || password !== repeated) return goToProblem(event.currentTarget)
      run(async () => {
        await core.setForgottenPassword(nonce, password)
        done(t('session.recover.passwordDone'))
      })
      return
    }
    if (text.trim() === '') return
    setAgain(false)
    run(async () => {
      if (step.is === 'contact') {
        const found = await core.findAccount(contactIn(text), lost)
        setNonce(found.nonce)
        // Whoever has forgotten the username is asked the question at once; a code proves the contact otherwise.
        to(
          found.securityQuestionKey
            ? { is: 'answer', question: found.securityQuestionKey, again: false }
            : { is: 'code' },
        )
      } else if (step.is === 'code') {
        const proven = await core.verifyContact(nonce, text.trim())
        setNonce(proven.nonce)
        to({ is: 'answer', question: proven.securityQuestionKey, again: false })
      } else {
        const answered = await core.answer(nonce, text)
        setNonce(answered.nonce)
        if (answered.matched) await afterAnswer(answered.nonce)
        else to({ is: 'answer', question: answered.securityQuestionKey ?? step.question, again: true })
      }
    })
  }
  const sendAgain = () =>
    run(async () => {
      try {
        await core.sendCodeAgain(nonce, true)
      } catch (error) {
        if (!(error instanceof Refusal && error.status === 401)) throw error
        to({ is: 'contact' })
        return setOver(true)
      }
      setText('')
      setAgain(true)
    })
  return (
    <Entrance title={t('session.recover.title')}>
      <form className={styles.form} onSubmit={submit}>
        {step.is === 'contact' ? (
          <>
            {over ? (
              <Notice tone="warn" live>
                {t('session.recover.over')}
              </Notice>
            ) : null}
            <RadioGroup
              label={t('session.recover.what')}
              value={lost}
              onChange={(value) => setLost(value as Lost)}
              options={[
                { value: 'password', label: t('session.recover.password') },
                { value: 'username', label: t('session.recover.name') },
              ]}
            />
            <TextField
              label={t('session.recover.contact')}
              value={text}
              onChange={setText}
              autoComplete="email"
            />
          </>
        ) : null}
        {step.is === 'code' ? (
          <>
            <p>{t('session.recover.sent')}</p>
            <TextField
              label={t('session.code.label')}
              value={text}
              onChange={setText}
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={12}
              autoFocus
            />
            {again && !problem ? (
              <Notice tone="good" live>
                {t('session.code.sentAgain')}
              </Notice>
            ) : null}
          </>
        ) : null}
        {step.is === 'answer' ? (
          <>
            {step.again ? (
              <Notice tone="warn" live>
                {t('session.recover.wrongAnswer')}
              </Notice>
            ) : null}
            <p>{t('session.recover.answer')}</p>
            <TextField
              label={t(`session.question.${step.question}`)}
              value={text}
              onChange={setText}
              autoComplete="off"
              autoFocus
            />
          </>
        ) : null}
        {step.is === 'password' ? (
          <NewPassword {...{ password, repeated, tried, setPassword, setRepeated }} />
        ) : null}
        <StepProblem problem={problem} />
        <Button type="submit" busy={busy}>
          {t('session.next')}
        </Button>
      </form>
      <div className={styles.foot}>
        {step.is === 'code' ? (
          <Button kind="quiet" size="small" isDisabled={busy} onPress={sendAgain}>
            {t('session.code.again')}
          </Button>
        ) : null}
        <Button kind="quiet" size="small" onPress={() => done()}>
          {t('session.recover.back')}
        </Button>
      </div>
    </Entrance>
  )
}
