import { Label, ProgressBar } from 'react-aria-components'
import { useText } from '../language/Language'
import styles from './Loading.module.css'

export const Spinner = () => <span className={styles.spinner} aria-hidden="true" />

/** In place of what is still being read. */
export function Loading({ label }: { label?: string }) {
  const t = useText()
  return (
    <div className={styles.loading} role="status">
      <Spinner />
      <span>{label ?? t('design.loading')}</span>
    </div>
  )
}

/** How far something long has come, 0 to 1. `words`: the label says it all, and no percentage is shown. */
export function Progress({ label, value, words }: { label: string; value: number; words?: boolean }) {
  return (
    <ProgressBar
      className={styles.progress ?? ''}
      value={Math.round(value * 100)}
      {...(words ? { valueLabel: label } : {})}
    >
      {({ percentage, valueText }) => (
        <>
          <Label>{words ? label : `${label} · ${valueText}`}</Label>
          <div className={styles.track}>
            <div className={styles.bar} style={{ inlineSize: `${percentage ?? 0}%` }} />
          </div>
        </>
      )}
    </ProgressBar>
  )
}
