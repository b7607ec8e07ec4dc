import { Link } from 'wouter'
import { Tag } from '../design/Notice'
import { useText } from '../language/Language'
import styles from './Outbox.module.css'
import { OutboxNews } from './OutboxNews'
import { useOutbox } from './OutboxProvider'

/** In the header: how much waits, and whether somebody has to look. Nothing when there is nothing. */
export function OutboxBadge() {
  return (
    <>
      <OutboxNews />
      <Badge />
    </>
  )
}

function Badge() {
  const t = useText()
  const { items, waiting, attention, failed, health } = useOutbox()
  if (failed || health.device)
    return (
      <Link href="/outbox" className={styles.badge ?? ''}>
        <Tag tone="bad">{t('outbox.badge.broken')}</Tag>
      </Link>
    )
  if (!items || waiting + attention === 0) return null
  return (
    <Link href="/outbox" className={styles.badge ?? ''}>
      <span className={styles.unseen}>{t('outbox.title')}</span>
      {attention > 0 ? (
        <Tag tone="bad">
          <Count count={attention} words={t('outbox.badge.attention', { count: attention })} />
        </Tag>
      ) : null}
      {waiting > 0 ? (
        <Tag tone="info">
          <Count count={waiting} words={t('outbox.badge.waiting', { count: waiting })} />
        </Tag>
      ) : null}
    </Link>
  )
}

/** On a phone there is room for the number alone; the words are still read aloud. */
function Count({ count, words }: { count: number; words: string }) {
  return (
    <>
      <span className={styles.words}>{words}</span>
      <span className={styles.number} aria-hidden="true">
        {count}
      </span>
    </>
  )
}
