import type { ReactNode } from 'react'
import { Link, useRoute } from 'wouter'
import { useFormats } from '../language/Language'
import styles from './Navigation.module.css'

/** Entries of the navigation under a heading. */
export function NavigationGroup({ heading, children }: { heading?: string; children: ReactNode }) {
  return (
    <section className={heading ? undefined : styles.bare}>
      {heading ? <h2 className={styles.heading}>{heading}</h2> : null}
      <ul className={styles.list}>{children}</ul>
    </section>
  )
}

/** One page to go to. `count` stands at the end of its line; undefined while it is not known. */
export function NavigationEntry(props: {
  href: string
  label: string
  count?: number | undefined
  onGo: () => void
  icon?: ReactNode
  /** Also current on pages below. */
  deep?: boolean
}) {
  const formats = useFormats()
  const [exact] = useRoute(props.href)
  const [below] = useRoute(`${props.href}/*`)
  const current = exact || (props.deep === true && below)
  return (
    <li>
      <Link
        href={props.href}
        onClick={props.onGo}
        className={styles.entry ?? ''}
        aria-current={current ? 'page' : undefined}
      >
        {props.icon}
        <span className={styles.label}>{props.label}</span>
        {props.count === undefined ? null : (
          <span className={`${styles.count} ${props.count === 0 ? '' : styles.some}`}>
            {formats.number(props.count)}
          </span>
        )}
      </Link>
    </li>
  )
}
