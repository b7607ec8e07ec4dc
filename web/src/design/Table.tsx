import type { ReactNode } from 'react'
import { useText } from '../language/Language'
import { Button } from './Button'
import styles from './Table.module.css'

export interface Column<Row> {
  id: string
  label: string
  cell: (row: Row) => ReactNode
  number?: boolean
  /** Shown without its label on a phone: the row's name, its buttons. */
  bare?: boolean
  sortable?: boolean
}

/** A table that becomes a list of cards on a phone. `caption` is for screen readers. */
export function Table<Row>(props: {
  caption: string
  columns: Column<Row>[]
  rows: Row[]
  rowKey: (row: Row) => string
  sort?: { column: string; descending: boolean }
  onSort?: (column: string) => void
}) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <caption className="visually-hidden">{props.caption}</caption>
        <thead>
          <tr>
            {props.columns.map((column) => {
              const sorted = props.sort?.column === column.id ? props.sort : undefined
              return (
                <th
                  key={column.id}
                  scope="col"
                  className={`${column.number ? styles.number : ''} ${column.sortable && props.onSort ? styles.sortable : ''}`}
                  aria-sort={sorted ? (sorted.descending ? 'descending' : 'ascending') : undefined}
                >
                  {column.sortable && props.onSort ? (
                    <button
                      type="button"
                      className={`${styles.sort} ${sorted ? styles.sorted : ''}`}
                      onClick={() => props.onSort?.(column.id)}
                    >
                      {column.label}
                      {'\u00a0'}
                      <span aria-hidden="true">{sorted ? (sorted.descending ? '↓' : '↑') : '↕'}</span>
                    </button>
                  ) : (
                    column.label
                  )}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={props.rowKey(row)}>
              {props.columns.map((column) => (
                <td
                  key={column.id}
                  data-label={column.bare ? '' : column.label}
                  className={column.number ? styles.number : undefined}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Which page of how many rows, and the way to the next. */
export function Pager(props: {
  offset: number
  limit: number
  total: number
  onMove: (offset: number) => void
}) {
  const t = useText()
  if (props.total <= props.limit && props.offset === 0) return null
  const to = Math.min(props.offset + props.limit, props.total)
  return (
    <nav className={styles.pager} aria-label={t('design.pages')}>
      <span>{t('design.range', { from: props.offset + 1, to, total: props.total })}</span>
      <Button
        kind="secondary"
        size="small"
        isDisabled={props.offset === 0}
        aria-label={t('design.previous')}
        onPress={() => props.onMove(Math.max(0, props.offset - props.limit))}
      >
        ‹
      </Button>
      <Button
        kind="secondary"
        size="small"
        isDisabled={to >= props.total}
        aria-label={t('design.next')}
        onPress={() => props.onMove(props.offset + props.limit)}
      >
        ›
      </Button>
    </nav>
  )
}
