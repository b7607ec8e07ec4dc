import type { Schemas } from '../../api/client'
import { Tag } from '../../design/Notice'
import { useFormats, useText } from '../../language/Language'
import styles from '../Console.module.css'
import { Moment } from '../Moment'
import { isFailure, outcomeWords } from './words'

/** As deliveries and pending actions tell of an attempt; only the former tell what was answered. */
type AttemptTold = Schemas['Attempt'] & { answer?: string | null; answerWithheld?: boolean }

/** Every attempt, the latest first: when, for how long, what came back and why it failed. */
export function Attempts({ attempts }: { attempts: AttemptTold[] }) {
  const t = useText()
  if (attempts.length === 0) return <p className={styles.soft}>{t('console.deliveries.noAttempt')}</p>
  return (
    <ol className={styles.timeline} reversed>
      {[...attempts]
        .sort((a, b) => b.number - a.number)
        .map((attempt) => (
          <Attempt key={attempt.number} attempt={attempt} />
        ))}
    </ol>
  )
}

function Attempt({ attempt }: { attempt: AttemptTold }) {
  const t = useText()
  const { number } = useFormats()
  const failed = isFailure(attempt.outcome)
  const took =
    attempt.durationMs < 1000
      ? `${number(attempt.durationMs)} ms`
      : `${number(Math.round(attempt.durationMs / 100) / 10)} s`
  return (
    <li className={`${styles.step} ${failed ? styles.bad : styles.good}`}>
      <p className={styles.row}>
        <strong>{t('console.deliveries.attempt', { number: attempt.number })}</strong>
        <Tag tone={failed ? 'bad' : 'good'}>{outcomeWords(t, attempt.outcome)}</Tag>
        {attempt.status ? <Tag>{t('console.deliveries.status', { status: attempt.status })}</Tag> : null}
      </p>
      <p className={styles.soft}>
        <Moment at={attempt.startedAt} exact /> · {t('console.deliveries.took', { time: took })}
      </p>
      {attempt.error ? <p>{attempt.error}</p> : null}
      {attempt.answer ? (
        <details>
          <summary>{t('console.deliveries.answer')}</summary>
          <pre className={styles.answer}>{attempt.answer}</pre>
        </details>
      ) : null}
      {attempt.answerWithheld ? <p className={styles.soft}>{t('console.deliveries.withheld')}</p> : null}
    </li>
  )
}
