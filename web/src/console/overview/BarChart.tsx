import type { ReactNode } from 'react'
import styles from './BarChart.module.css'

interface Bar {
  id: string
  label: ReactNode
  /** 0 to 1. */
  reach: number
  value: ReactNode
  tone?: 'good' | 'warn' | 'bad' | undefined
}

/**
 * Bars beside their names and values. The words and numbers are text, so that the bars themselves may be passed over
 * by whoever cannot see them. `marks` are lines to compare with.
 */
export function BarChart(props: {
  title: string
  bars: Bar[]
  marks?: { at: number; label: string }[]
  note?: ReactNode
}) {
  const marks = props.marks ?? []
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.title}>{props.title}</figcaption>
      <ul className={styles.bars}>
        {props.bars.map((bar) => (
          <li key={bar.id} className={styles.bar}>
            <span className={styles.label}>{bar.label}</span>
            <svg className={styles.track} aria-hidden="true" focusable="false">
              {marks.map((mark) => (
                <line
                  key={mark.label}
                  x1={`${mark.at * 100}%`}
                  x2={`${mark.at * 100}%`}
                  y1="0"
                  y2="100%"
                  className={styles.mark}
                />
              ))}
              <rect
                width={`${bar.reach * 100}%`}
                height="100%"
                rx="3"
                className={bar.tone ? styles[bar.tone] : styles.plain}
              />
            </svg>
            <span className={styles.value}>{bar.value}</span>
          </li>
        ))}
        {marks.length > 0 ? (
          <li className={styles.bar} aria-hidden="true">
            <span />
            <span className={styles.axis}>
              {marks.map((mark) => (
                <span key={mark.label} style={{ insetInlineStart: `${mark.at * 100}%` }}>
                  {mark.label}
                </span>
              ))}
            </span>
            <span />
          </li>
        ) : null}
      </ul>
      {props.note ? <p className={styles.note}>{props.note}</p> : null}
    </figure>
  )
}
