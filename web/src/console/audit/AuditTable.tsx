import { Link } from 'wouter'
import type { Schemas } from '../../api/client'
import { type Column, Table } from '../../design/Table'
import { useText } from '../../language/Language'
import { usePeople } from '../../records/people'
import styles from '../Console.module.css'
import { Moment } from '../Moment'
import { AuditDetails, subjectOf } from './AuditDetails'
import { operationWords } from './operations'

type Entry = Schemas['AuditTrailEntry']

/** How people call the record; entries about reading it may not say. */
function trackingIdOf({ details }: Entry): string | undefined {
  const id = details?.trackingId
  return typeof id === 'string' ? id : undefined
}

/** Entries of the audit trail: when, who, what, about which record, and with what. */
export function AuditTable({ entries }: { entries: Entry[] }) {
  const t = useText()
  const people = usePeople(
    entries.flatMap((entry) => [
      entry.byType === 'core' ? undefined : entry.by,
      entry.onBehalfOf,
      subjectOf(entry.details),
    ]),
  )
  const who = (entry: Entry): string =>
    entry.byType === 'core'
      ? t('console.core')
      : people.name(entry.by, entry.byType === 'system' ? 'system' : 'user')
  const columns: Column<Entry>[] = [
    {
      id: 'what',
      label: t('console.what'),
      bare: true,
      cell: (entry) => (
        <span className={styles.named}>{operationWords(t, entry.operation, entry.details)}</span>
      ),
    },
    {
      id: 'who',
      label: t('console.who'),
      cell: (entry) => (
        <span>
          {entry.byType === 'core' ? (
            who(entry)
          ) : (
            <Link href={`/console/audit?${entry.byType === 'system' ? 'client' : 'user'}=${entry.by}`}>
              {who(entry)}
            </Link>
          )}
          {entry.onBehalfOf && entry.onBehalfOf !== entry.by ? (
            <span className={styles.soft}>
              {' '}
              {t('console.audit.onBehalfOf', { who: people.name(entry.onBehalfOf) })}
            </span>
          ) : null}
        </span>
      ),
    },
    { id: 'when', label: t('console.when'), cell: (entry) => <Moment at={entry.at} exact /> },
    {
      id: 'record',
      label: t('console.audit.record'),
      cell: (entry) =>
        entry.eventId ? (
          <Link href={`/console/audit?event=${entry.eventId}`} title={entry.eventId}>
            {trackingIdOf(entry) ?? `${entry.eventId.slice(0, 8)}…`}
          </Link>
        ) : (
          '–'
        ),
    },
    {
      id: 'details',
      label: t('console.details'),
      cell: (entry) => (
        <span>
          <AuditDetails details={entry.details ?? {}} people={people} />
        </span>
      ),
    },
  ]
  return <Table caption={t('console.audit')} columns={columns} rows={entries} rowKey={(entry) => entry.id} />
}
