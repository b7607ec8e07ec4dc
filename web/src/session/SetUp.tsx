import { type FormEvent, useState } from 'react'
import { Refusal } from '../api/errors'
import { Button } from '../design/Button'
import { Select, TextField } from '../design/Field'
import { useText } from '../language/Language'
import { QUESTIONS, type SecurityAnswer, type SignInCore } from './core'
import { Entrance } from './Entrance'
import styles from './Entrance.module.css'
import { isGoodPassword, NewPassword } from './NewPassword'
import { goToProblem, StepProblem, useStep } from './Step'

const HOW_MANY = 3

/** An account that was made for somebody becomes theirs: a password of their own, answers to be asked for. */
export function SetUp(props: {
  core: SignInCore
  token: string
  done: () => void
  /** To signing in; with a sentence when it cannot go on here. */
  back: (message?: string) => void
}) {
  const { core, token, done, back } = props

  const t = useText()
  const [password, setPassword] = useState('')
  const [repeated, setRepeated] = useState('')
  const [answers, setAnswers] = useState<SecurityAnswer[]>(() =>
    Array.from({ length: HOW_MANY }, () => ({ questionKey: '', answer: '' })),
  )
  const [tried, setTried] = useState(false)
  const { busy, problem, run } = useStep((error) => {
    if (!(error instanceof Refusal)) return undefined
    // What came with the first password is good for a while, and for one set-up.
    if (error.status !== 401 && error.status !== 409) return undefined
    back(t(error.status === 401 ? 'session.setUp.lapsed' : 'session.setUp.doneBefore'))
    return ''
  })
  const problemOf = (index: number): string | undefined => {
    const { questionKey, answer } = answers[index] ?? { questionKey: '', answer: '' }
    if (questionKey === '' || answer.trim() === '') return t('session.setUp.answerNeeded')
    return undefined
  }
  const isTaken = (key: string) => answers.some(({ questionKey }) => questionKey === key)
  const change = (index: number, part: Partial<SecurityAnswer>) =>
    setAnswers(answers.map((answer, at) => (at === index ? { ...answer, ...part } : answer)))
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setTried(true)
    if (!isGoodPassword(password) || password !== repeated || answers.some((_, index) => problemOf(index)))
      return goToProblem(event.currentTarget)
    run(async () => {
      await core.activate(token, password, answers)
      done()
    })
  }
  return (
    <Entrance title={t('session.setUp.title')} wide>
      <p>{t('session.setUp.intro')}</p>
      <form className={styles.form} onSubmit={submit}>
        <NewPassword {...{ password, repeated, tried, setPassword, setRepeated }} />
        {answers.map((answer, index) => (
          <div key={index} className={styles.form}>
            <Select
              label={t('session.setUp.question', { n: index + 1 })}
              value={answer.questionKey || undefined}
              onChange={(questionKey) => change(index, { questionKey })}
              options={QUESTIONS.filter((key) => key === answer.questionKey || !isTaken(key)).map((key) => ({
                value: key,
                label: t(`session.question.${key}`),
              }))}
            />
            <TextField
              label={t('session.setUp.answer')}
              value={answer.answer}
              onChange={(text) => change(index, { answer: text })}
              autoComplete="off"
              problem={tried ? problemOf(index) : undefined}
            />
          </div>
        ))}
        <StepProblem problem={problem} />
        <Button type="submit" busy={busy}>
          {t('session.setUp.save')}
        </Button>
      </form>
      <div className={styles.foot}>
        <Button kind="quiet" size="small" onPress={() => back()}>
          {t('session.recover.back')}
        </Button>
      </div>
    </Entrance>
  )
}
