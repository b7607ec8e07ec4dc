import { Link } from 'wouter'
import { useApi } from '../api/ApiContext'
import type { Action, Api, Schemas } from '../api/client'
import { useFormats, useText } from '../language/Language'
import type { Asker } from './offered'
import { useOpenRecord } from './RecordContext'
import styles from './RecordPage.module.css'
import { hasScope } from './scope'
import type { TimelineEntry } from './timeline'
import { useKept } from './useKept'

type Delivery = Schemas['Delivery']

interface Handing {
  attempts: Schemas['Attempt'][]
  /** The delivery, for those who may look at it. */
  deliveryId?: string
}

const NONE: Handing = { attempts: [] }

/** Where they can be read, by how much one may see. */
const READERS = {
  async own(api: Api, { id, transactionId }: Action): Promise<Handing> {
    const { data } = await api.GET('/transactions/{transactionId}', { params: { path: { transactionId } } })
    return { attempts: data?.submissions.find(({ actionId }) => actionId === id)?.attempts ?? [] }
  },
  async deliveries(api: Api, { id }: Action, deliveries: Delivery[]): Promise<Handing> {
    const delivery = deliveries.find(({ actionId }) => actionId === id)
    if (!delivery) return NONE
    const path = { deliveryId: delivery.id }
    const { data } = await api.GET('/deliveries/{deliveryId}', { params: { path } })
    return { attempts: data?.timeline ?? [], deliveryId: delivery.id }
  },
  async pending(api: Api, { id }: Action): Promise<Handing> {
    const { data } = await api.GET('/pending-actions/{actionId}', { params: { path: { actionId: id } } })
    return { attempts: data?.attempts ?? [] }
  },
}

/** Only a request is handed over, and Core tells those who decide by hand of what waits alone. */
function sourceOf(
  { action, isAsked, outcome }: TimelineEntry,
  asker: Asker,
): keyof typeof READERS | undefined {
  if (!isAsked) return undefined
  if (action.createdBy === asker.person.id) return 'own'
  if (hasScope(asker.scopes, 'delivery.read', 'delivery.manage')) return 'deliveries'
  return outcome === 'waiting' && hasScope(asker.scopes, 'pending.resolve') ? 'pending' : undefined
}

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
  const { asker, document } = useOpenRecord()
  const source = sourceOf(entry, asker)
  const ofRecord = useKept<Delivery[]>(
    ['record', 'deliveries', document.id, document.updatedAt],
    async () => {
      const query = { eventId: document.id, limit: '500' }
      return (await api.GET('/deliveries', { params: { query } })).data?.deliveries ?? []
    },
    { enabled: source === 'deliveries' },
  )
  const deliveries = ofRecord.data?.body
  const { data } = useKept<Handing>(
    ['record', 'attempts', entry.action.id, entry.outcome],
    async () => (source ? READERS[source](api, entry.action, deliveries ?? []) : NONE),
    { enabled: source !== undefined && (source !== 'deliveries' || deliveries !== undefined) },
  )
  const { attempts, deliveryId } = data?.body ?? NONE
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
      {deliveryId ? (
        <Link href={`/console/deliveries/${deliveryId}`}>{t('records.openDelivery')}</Link>
      ) : null}
    </details>
  )
}
