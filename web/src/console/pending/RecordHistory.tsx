import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { useText } from '../../language/Language'
import { usePeople } from '../../records/people'
import { Asked, useAsked } from '../asking'
import styles from '../Console.module.css'
import { Turn } from '../FilterBar'
import { Moment } from '../Moment'
import { stepWords } from './steps'
import './texts'

type Step = Schemas['HistoryStep']

/** What was done about a record, newest first, page by page. Who only looked at it is not told. */
export function RecordHistory({ eventId }: { eventId: string }) {
  const t = useText()
  const [after, setAfter] = useState<string>()
  const history = useAsked(
    ['history', eventId, after],
    (api, signal) =>
      api.GET('/events/{eventId}/history', {
        params: { path: { eventId }, query: after ? { after } : {} },
        signal,
      }),
    { live: after === undefined },
  )
  const people = usePeople((history.data?.steps ?? []).map((step) => (isCore(step) ? undefined : step.by)))
  return (
    <Asked asking={history}>
      {(found) => {
        const { steps, next } = found
        return steps.length === 0 && !after ? (
          <p className={styles.soft}>{t('console.pending.noHistory')}</p>
        ) : (
          <>
            <ol className={styles.timeline} reversed>
              {steps.map((step) => (
                <li key={step.id} className={styles.step}>
                  <p>
                    <strong>{stepWords(t, step)}</strong>
                    {' · '}
                    {isCore(step)
                      ? t('console.core')
                      : people.name(step.by, step.byType === 'system' ? 'system' : 'user')}
                  </p>
                  <p className={styles.soft}>
                    <Moment at={step.at} exact />
                  </p>
                  {typeof step.details.reason === 'string' ? <p>{step.details.reason}</p> : null}
                </li>
              ))}
            </ol>
            <Turn after={after} next={next ? String(next) : undefined} onTurn={setAfter} />
          </>
        )
      }}
    </Asked>
  )
}

const isCore = (step: Step): boolean => step.byType === 'core'
