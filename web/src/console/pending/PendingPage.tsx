import { Link } from 'wouter'
import type { Schemas } from '../../api/client'
import { useConfiguration } from '../../configuration/Configuration'
import { EmptyState, Tag, type Tone } from '../../design/Notice'
import { Page } from '../../design/Page'
import { Table } from '../../design/Table'
import { useCountryText, useText } from '../../language/Language'
import { Asked, useAsked } from '../asking'
import styles from '../Console.module.css'
import { KINDS, kindWords } from '../deliveries/words'
import { Choice, Days, FilterBar, Turn } from '../FilterBar'
import { momentsOf } from '../filters'
import { Duration, Moment } from '../Moment'
import { useFilters } from '../useFilters'
import './texts'

type PendingAction = Schemas['PendingAction']

const OLDER = ['PT1H', 'PT6H', 'P1D', 'P7D', 'P30D'] as const
const ALERTS = ['none', 'due', 'overdue'] as const
/** Those that the country decides: kinds that are not messages. */
const ACTIONS = KINDS.filter((kind) => !kind.includes('/'))

const FILTERS = {
  alert: ALERTS,
  event: 'text',
  action: ACTIONS,
  delivered: ['true', 'false'],
  olderThan: OLDER,
  from: 'day',
  until: 'day',
  after: 'text',
} as const

export const ALERT_TONES: Record<PendingAction['alert'], Tone> = {
  none: 'plain',
  due: 'warn',
  overdue: 'bad',
}

/** What waits for the country's decision, as the filters in the address narrow it. */
export default function PendingPage() {
  const t = useText()
  const tc = useCountryText()
  const { events } = useConfiguration()
  const { filters, set, clear, turnTo, count } = useFilters(FILTERS)
  const { from: _from, until: _until, ...plain } = filters
  const query = { ...plain, ...momentsOf(filters) }
  const page = useAsked(
    ['pending', query],
    (api, signal) => api.GET('/pending-actions', { params: { query }, signal }),
    { live: filters.after === undefined },
  )
  return (
    <Page title={t('console.pending')} subtitle={t('console.pending.lead')}>
      <FilterBar count={count} onClear={clear}>
        <Choice
          label={t('console.pending.alert')}
          value={filters.alert}
          onChange={(alert) => set({ alert })}
          options={ALERTS.map((value) => ({ value, label: t(`console.pending.alert.${value}`) }))}
        />
        <Choice
          label={t('console.pending.action')}
          value={filters.action}
          onChange={(action) => set({ action })}
          options={ACTIONS.map((value) => ({ value, label: kindWords(t, value) }))}
        />
        <Choice
          label={t('console.pending.event')}
          value={filters.event}
          onChange={(event) => set({ event })}
          options={events.map((event) => ({ value: event.id, label: tc(event.label) }))}
        />
        <Choice
          label={t('console.pending.olderThan')}
          value={filters.olderThan}
          onChange={(olderThan) => set({ olderThan })}
          options={OLDER.map((value) => ({ value, label: t(`console.pending.older.${value}`) }))}
        />
        <Choice
          label={t('console.pending.delivered')}
          value={filters.delivered}
          onChange={(delivered) => set({ delivered })}
          options={['true', 'false'].map((value) => ({
            value,
            label: t(`console.pending.delivered.${value}`),
          }))}
        />
        <Days from={filters.from} until={filters.until} onChange={set} />
      </FilterBar>
      <Asked asking={page}>
        {(data) => (
          <>
            {data.pendingActions.length > 0 ? (
              <PendingTable actions={data.pendingActions} />
            ) : (
              <EmptyState title={t(count > 0 ? 'console.pending.emptyNarrowed' : 'console.pending.empty')}>
                {count > 0 ? t('console.pending.emptyHelp') : null}
              </EmptyState>
            )}
            <Turn after={filters.after} next={data.next} onTurn={turnTo} />
          </>
        )}
      </Asked>
    </Page>
  )
}

function PendingTable({ actions }: { actions: PendingAction[] }) {
  const t = useText()
  return (
    <Table
      caption={t('console.pending')}
      rows={actions}
      rowKey={(action) => action.actionId}
      columns={[
        {
          id: 'record',
          label: t('console.pending.record'),
          bare: true,
          cell: (action) => (
            <span className={styles.named}>
              <Link href={`/console/pending/${action.actionId}`}>
                {kindWords(t, action.actionType)} · {action.trackingId}
              </Link>
              <span className={styles.soft}>
                {' '}
                · {action.eventType}
                {action.customActionType ? ` · ${action.customActionType}` : ''}
              </span>
            </span>
          ),
        },
        {
          id: 'age',
          label: t('console.pending.age'),
          cell: (action) => (
            <span>
              <Duration seconds={action.ageSeconds} />
            </span>
          ),
        },
        {
          id: 'alert',
          label: t('console.pending.alert'),
          cell: (action) => (
            <span>
              <Tag tone={ALERT_TONES[action.alert]}>{t(`console.pending.alert.${action.alert}`)}</Tag>
            </span>
          ),
        },
        {
          id: 'deadline',
          label: t('console.pending.deadline'),
          cell: (action) => <Moment at={action.deadline} />,
        },
        {
          id: 'delivered',
          label: t('console.pending.delivered'),
          cell: (action) => t(`console.pending.delivered.${action.delivered}`),
        },
      ]}
    />
  )
}
