import type { Schemas } from '../../api/client'
import { Tag } from '../../design/Notice'
import { type Text, useFormats, useText } from '../../language/Language'
import styles from '../Console.module.css'
import { entriesOf } from './deliveryFilters'
import { kindWords, outcomeWords, stateWords } from './words'

/** What a filter asks for, in words. */
export function WantedWords({ filter }: { filter: Schemas['DeliveryFilter'] }) {
  const t = useText()
  const { dateTime } = useFormats()
  const entries = entriesOf(filter)
  if (entries.length === 0) return <Tag>{t('console.any')}</Tag>
  return (
    <span className={styles.row}>
      {entries.map(([name, values]) => (
        <span key={name} className={styles.wanted}>{`${LABELS[name] ? t(LABELS[name]) : name}: ${values
          .map((value) => (name === 'from' || name === 'until' ? dateTime(value) : wordsOf(t, name, value)))
          .join(', ')}`}</span>
      ))}
    </span>
  )
}

const LABELS: Record<string, string> = {
  state: 'console.deliveries.state',
  kind: 'console.deliveries.kind',
  eventType: 'console.deliveries.event',
  eventId: 'console.deliveries.eventId',
  outcome: 'console.deliveries.outcome',
  attempts: 'console.deliveries.attempts',
  from: 'console.from',
  until: 'console.sendings.before',
  olderThan: 'console.sendings.olderThan',
  youngerThan: 'console.sendings.youngerThan',
}

function wordsOf(t: Text, name: string, value: string): string {
  if (name === 'state') return stateWords(t, value)
  if (name === 'kind') return kindWords(t, value)
  if (name === 'outcome') return outcomeWords(t, value)
  return value
}
