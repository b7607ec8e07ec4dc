import type { ReactNode } from 'react'
import { Button } from '../design/Button'
import { type Option, Select, TextField } from '../design/Field'
import { useText } from '../language/Language'
import styles from './Console.module.css'

/** What a list can be narrowed by. On a phone it is folded away until it is wanted. */
export function FilterBar(props: { count: number; onClear: () => void; children: ReactNode }) {
  const t = useText()
  return (
    <details className={styles.filters} open={window.innerWidth > 768} data-print="no">
      <summary>
        {props.count > 0 ? t('console.filterCount', { count: props.count }) : t('console.filters')}
      </summary>
      <search className={styles.filterFields}>
        {props.children}
        {props.count > 0 ? (
          <div className={styles.filterEnd}>
            <Button kind="quiet" onPress={props.onClear}>
              {t('console.clearFilters')}
            </Button>
          </div>
        ) : null}
      </search>
    </details>
  )
}

const ANY = '*'

/** One of a few, or any. */
export function Choice(props: {
  label: string
  options: Option[]
  value: string | undefined
  onChange: (value: string | undefined) => void
}) {
  const t = useText()
  return (
    <Select
      label={props.label}
      options={[{ value: ANY, label: t('console.any') }, ...props.options]}
      value={props.value ?? ANY}
      onChange={(value) => props.onChange(value === ANY ? undefined : value)}
    />
  )
}

/** From one day to another. */
export function Days(props: {
  from: string | undefined
  until: string | undefined
  onChange: (changes: { from?: string | undefined; until?: string | undefined }) => void
}) {
  const t = useText()
  return (
    <>
      <TextField
        type="date"
        label={t('console.from')}
        value={props.from ?? ''}
        onChange={(from) => props.onChange({ from: from || undefined })}
      />
      <TextField
        type="date"
        label={t('console.until')}
        value={props.until ?? ''}
        onChange={(until) => props.onChange({ until: until || undefined })}
      />
    </>
  )
}

/** To the next page of a list that is read by cursors, and back to the first. */
export function Turn(props: {
  after: string | undefined
  next: string | null | undefined
  onTurn: (after: string | undefined) => void
}) {
  const t = useText()
  if (!props.after && !props.next) return null
  return (
    <nav className={styles.turn} aria-label={t('console.more')} data-print="no">
      {props.after ? (
        <Button kind="secondary" size="small" onPress={() => props.onTurn(undefined)}>
          « {t('console.first')}
        </Button>
      ) : null}
      {props.next ? (
        <Button kind="secondary" size="small" onPress={() => props.onTurn(props.next ?? undefined)}>
          {t('console.more')} ›
        </Button>
      ) : null}
    </nav>
  )
}
