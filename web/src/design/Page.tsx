import { type ReactNode, useEffect, useRef } from 'react'
import { Link } from 'wouter'
import { useText } from '../language/Language'
import styles from './Page.module.css'

/** What every page is in: its title (also the tab's), where one came from, and what can be done. */
export function Page(props: {
  title: string
  subtitle?: ReactNode
  back?: string
  actions?: ReactNode
  narrow?: boolean
  children: ReactNode
}) {
  const t = useText()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${props.title} · Countersign`
  }, [props.title])
  // Whoever navigates with a keyboard or a screen reader begins at the new page's title.
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [])
  return (
    <div className={`${styles.page} ${props.narrow ? styles.narrow : ''}`}>
      {props.back ? (
        <Link href={props.back} className={styles.back ?? ''} data-print="no">
          <span className="points" aria-hidden="true">
            ←
          </span>{' '}
          {t('design.back')}
        </Link>
      ) : null}
      <header className={styles.head}>
        <div className={styles.titles}>
          <h1 ref={heading} tabIndex={-1} className={styles.title}>
            {props.title}
          </h1>
          {props.subtitle ? <div className={styles.subtitle}>{props.subtitle}</div> : null}
        </div>
        {props.actions ? (
          <div className={styles.actions} data-print="no">
            {props.actions}
          </div>
        ) : null}
      </header>
      {props.children}
    </div>
  )
}

export function Card({
  title,
  children,
  actions,
}: {
  title?: string
  children: ReactNode
  actions?: ReactNode
}) {
  return (
    <section className={styles.card}>
      {title || actions ? (
        <header className={styles.head}>
          {title ? <h2>{title}</h2> : null}
          {actions ? (
            <div className={styles.actions} data-print="no">
              {actions}
            </div>
          ) : null}
        </header>
      ) : null}
      {children}
    </section>
  )
}

/** Names and what they are, such as a record's summary. */
export function Facts({ facts }: { facts: { name: ReactNode; value: ReactNode; key?: string }[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map((fact, index) => [
        <dt key={`n${fact.key ?? index}`}>{fact.name}</dt>,
        <dd key={`v${fact.key ?? index}`}>{fact.value}</dd>,
      ])}
    </dl>
  )
}
