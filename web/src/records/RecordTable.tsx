import { Link } from 'wouter'
import { useConfiguration } from '../configuration/Configuration'
import type { EventConfig } from '../configuration/types'
import { Tag } from '../design/Notice'
import { type Column, Table } from '../design/Table'
import { useCountryText, useText } from '../language/Language'
import type { MessageDescriptor } from '../language/messages'
import type { EventState } from './eventState'
import { FlagTags } from './FlagTags'
import type { People } from './people'
import styles from './RecordTable.module.css'
import { recordTitle } from './recordTitle'
import { stateText } from './summaryLines'
import { useWords } from './useWords'

interface ConfiguredColumn {
  label: MessageDescriptor
  value: { $event: string }
}

/** A list of records: what each is about, the columns that are configured, and where it stands. */
export function RecordTable(props: {
  caption: string
  records: EventState[]
  columns: ConfiguredColumn[]
  people: People
  sort?: { column: string; descending: boolean }
  onSort?: (column: string) => void
  isSortable?: (column: string) => boolean
  /** What else stands in each row. */
  extra?: Column<EventState>[]
}) {
  const t = useText()
  const tc = useCountryText()
  const words = useWords()
  const { events } = useConfiguration()
  const configOf = (type: string): EventConfig | undefined => events.find(({ id }) => id === type)
  const columns: Column<EventState>[] = [
    {
      id: 'record',
      label: t('records.record'),
      bare: true,
      cell: (record) => {
        const config = configOf(record.type)
        return (
          <div className={styles.record}>
            <Link href={`/records/${record.id}`} className={styles.title ?? ''}>
              {recordTitle(config, record.declaration, words) || t('records.untitled')}
            </Link>
            <span className={styles.about}>
              {config ? tc(config.label) : record.type} · <code>{record.trackingId}</code>
            </span>
          </div>
        )
      },
    },
    ...props.columns
      .filter(({ value }) => value.$event !== 'title' && value.$event !== 'outbox')
      .map(
        ({ label, value: { $event: column } }): Column<EventState> => ({
          id: column,
          label: tc(label),
          sortable: props.isSortable?.(column) ?? false,
          cell: (record) => columnText(record, column, words, props.people),
        }),
      ),
    {
      id: 'standing',
      label: t('records.standing'),
      cell: (record) => (
        <div className={styles.tags}>
          <Tag>{t(`records.status.${record.status}`)}</Tag>
          <FlagTags flags={record.flags} config={configOf(record.type)} />
          {record.assignedTo ? (
            <span className={styles.about}>
              {t('records.heldBy', { name: props.people.name(record.assignedTo) })}
            </span>
          ) : null}
        </div>
      ),
    },
    ...(props.extra ?? []),
  ]
  return (
    <Table
      caption={props.caption}
      columns={columns}
      rows={props.records}
      rowKey={({ id }) => id}
      {...(props.sort ? { sort: props.sort } : {})}
      {...(props.onSort ? { onSort: props.onSort } : {})}
    />
  )
}

function columnText(
  record: EventState,
  column: string,
  words: ReturnType<typeof useWords>,
  people: People,
): string {
  const value = (record as unknown as Record<string, unknown>)[column]
  if (/(?:assignedTo|createdBy|updatedBy)$/.test(column))
    return typeof value === 'string' ? people.name(value) : ''
  return stateText(record, column, words)
}
