import { useApi } from '../api/ApiContext'
import type { Schemas } from '../api/client'
import { useFormats, useText } from '../language/Language'
import { useOpenRecord } from './RecordContext'
import styles from './RecordPage.module.css'
import { hasScope } from './scope'
import type { TimelineEntry } from './timeline'
import { useKept } from './useKept'

type Attempt = Schemas['Attempt']

/** Outcomes that have a text of their own. */
const KNOWN = [
  'accepted',
  'pending',
  'rejected',
  'acknowledged',
  'not-implemented',
  'connect',
  'timeout',
  'http-status',
  'contract-violation',
  'decided-otherwise',
  'lost',
]

/** Every attempt to hand an action over to the country, for its sender and for those who look after deliveries. */
export function Attempts({ entry }: { entry: TimelineEntry }) {
  const t = useText()
  const formats = useFormats()
  const api = useApi()
  const { asker } = useOpenRecord()
  const { action } = entry
  const isOwn = action.createdBy === asker.person.id
  const isOperator = hasScope(asker.scopes, 'delivery.read', 'delivery.manage', 'pending.resolve')
  // Only a request is handed over, and Core tells operators of those that wait.
  const asked = entry.isAsked && (isOwn || (isOperator && entry.outcome === 'waiting'))
  const { data } = useKept<Attempt[]>(
    ['record', 'attempts', action.id],
    async () => {
      if (isOwn) {
        const params = { path: { transactionId: action.transactionId } }
        const { data } = await api.GET('/transactions/{transactionId}', { params })
        return data?.submissions.find(({ actionId }) => actionId === action.id)?.attempts ?? []
      }
      const { data } = await api.GET('/pending-actions/{actionId}', {
        params: { path: { actionId: action.id } },
      })
      return data?.attempts ?? []
    },
    { enabled: asked },
  )
  const attempts = data?.body ?? []
  if (attempts.length === 0) return null
  return (
    <details>
      <summary>{t('records.attempts', { count: attempts.length })}</summary>
      <ol className={styles.steps}>
        {attempts.map(({ number, startedAt, durationMs, status, outcome, error }) => (
          <li key={number}>
            {formats.dateTime(startedAt)} · {formats.number(durationMs)} ms ·{' '}
            {t(`records.attempt.${KNOWN.includes(outcome) ? outcome : 'other'}`)}
            {status ? ` · ${status}` : ''}
            {error ? ` · ${error}` : ''}
          </li>
        ))}
      </ol>
    </details>
  )
}
