import { useEffect, useState } from 'react'
import { Button } from '../design/Button'
import { Loading } from '../design/Loading'
import { EmptyState, ErrorState, Notice } from '../design/Notice'
import { Page } from '../design/Page'
import { isKeptForGood } from '../device/database'
import { type Room, room } from '../device/room'
import { useNow } from '../device/world'
import { useFormats, useText } from '../language/Language'
import { ItemCard } from './ItemCard'
import type { OutboxItem } from './item'
import styles from './Outbox.module.css'
import { useOutbox } from './OutboxProvider'
import { sections } from './view'

/** All that the person has handed in and that is not through, and what became of what is. */
export default function OutboxPage() {
  const t = useText()
  const { items, failed, reopen, outbox, waiting, attention } = useOutbox()
  const now = useNow()
  if (failed && !items)
    return (
      <Page title={t('outbox.title')} narrow>
        <ErrorState error={failed} retry={reopen} />
      </Page>
    )
  if (!items)
    return (
      <Page title={t('outbox.title')} narrow>
        <Loading />
      </Page>
    )
  const { attention: troubled, going, done, held } = sections(items)
  const list = (of: OutboxItem[]) => (
    <ul className={styles.list}>
      {of.map((item) => (
        <ItemCard key={item.id} item={item} heldBy={held.get(item.id)} now={now} />
      ))}
    </ul>
  )
  return (
    <Page
      title={t('outbox.title')}
      subtitle={t('outbox.subtitle', { waiting, attention })}
      narrow
      actions={
        going.length > 0 ? (
          <Button kind="secondary" onPress={() => outbox?.hurry()}>
            {t('outbox.do.tryAll')}
          </Button>
        ) : null
      }
    >
      <DeviceNotices />
      {troubled.length > 0 ? (
        <section className={styles.section}>
          <h2>{t('outbox.attention')}</h2>
          {list(troubled)}
        </section>
      ) : null}
      {going.length > 0 ? (
        <section className={styles.section}>
          <h2>{t('outbox.going')}</h2>
          {list(going)}
        </section>
      ) : null}
      {troubled.length + going.length === 0 ? (
        <EmptyState title={t('outbox.empty.title')}>{t('outbox.empty.text')}</EmptyState>
      ) : null}
      {done.length > 0 ? (
        <section className={styles.section}>
          <h2>{t('outbox.done')}</h2>
          <p className={styles.soft}>{t('outbox.done.text')}</p>
          {list(done)}
        </section>
      ) : null}
    </Page>
  )
}

/** What stands in the way of everything. */
function DeviceNotices() {
  const t = useText()
  const formats = useFormats()
  const { health, waiting } = useOutbox()
  const [left, setLeft] = useState<Room>()
  const [mayBeCleared, setMayBeCleared] = useState(false)
  useEffect(() => {
    let current = true
    void room().then((found) => current && setLeft(found))
    isKeptForGood().then(
      (isKept) => current && setMayBeCleared(!isKept),
      () => undefined,
    )
    return () => {
      current = false
    }
  }, [])
  return (
    <>
      {health.device ? (
        <Notice tone="bad" live title={t(`outbox.device.${health.device}`)}>
          {t(`outbox.device.${health.device}.text`)}
        </Notice>
      ) : null}
      {health.silentSince !== undefined ? (
        <Notice tone="warn">{t('outbox.silent', { since: formats.dateTime(health.silentSince) })}</Notice>
      ) : null}
      {left?.scarce && !health.device ? (
        <Notice tone="warn">{t('outbox.scarce', { free: Math.floor(left.free / 1024 / 1024) })}</Notice>
      ) : null}
      {mayBeCleared && waiting > 0 ? <Notice>{t('outbox.mayBeCleared')}</Notice> : null}
    </>
  )
}
