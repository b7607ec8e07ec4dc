import { useState } from 'react'
import { useLocation } from 'wouter'
import { useEventConfig } from '../configuration/Configuration'
import { Button, LinkButton } from '../design/Button'
import { Confirm } from '../design/Dialog'
import { Progress } from '../design/Loading'
import { Notice, Tag } from '../design/Notice'
import { useCountryText, useFormats, useText } from '../language/Language'
import { useScope } from '../session/SessionContext'
import { fieldLabel } from './fieldLabel'
import type { OutboxItem } from './item'
import styles from './Outbox.module.css'
import { useOutbox } from './OutboxProvider'
import { canWithdraw, type Withdrawn } from './outbox'
import { isLong, needsPerson } from './view'
import { holderOf, wordsOf } from './words'

const MOST_FIELDS = 8

/** One submission: what it is, how it truly stands, and what can be done about it. */
export function ItemCard({
  item,
  heldBy,
  now,
}: {
  item: OutboxItem
  heldBy: OutboxItem | undefined
  now: number
}) {
  const t = useText()
  const formats = useFormats()
  const { health } = useOutbox()
  const long = isLong(item, now)
  const words = wordsOf(item, { heldBy, health, long, t, formats })
  return (
    <li className={`${styles.item} ${styles[words.tone] ?? ''}`}>
      <div className={styles.head}>
        <h3 className={styles.title}>{item.title || t('outbox.untitled')}</h3>
        <p className={styles.soft}>
          {t(`outbox.action.${item.action}`)} · {formats.dateTime(item.createdAt)}
        </p>
      </div>
      <div className={styles.standing}>
        <p className={styles.state}>
          {words.state} {long ? <Tag tone="warn">{t('outbox.long')}</Tag> : null}
        </p>
        {words.details.map((detail) => (
          <p key={detail} className={styles.soft}>
            {detail}
          </p>
        ))}
      </div>
      <Fields item={item} />
      {words.todo ? <p className={styles.detail}>{words.todo}</p> : null}
      <Files item={item} />
      <div className={styles.foot}>
        <ItemActions item={item} />
        <details className={styles.story}>
          <summary>{t('outbox.story')}</summary>
          <ol>
            {item.story.map((entry, index) => (
              <li key={index}>
                {formats.dateTime(entry.at)}: {t(`outbox.story.${entry.is}`)}
                {entry.note ? ` (${t(`outbox.note.${entry.note}`)})` : ''}
              </li>
            ))}
          </ol>
        </details>
      </div>
    </li>
  )
}

/** The answers that Core does not take, and why. */
function Fields({ item }: { item: OutboxItem }) {
  const t = useText()
  const tc = useCountryText()
  const event = useEventConfig(item.eventType)
  const fields = item.state.is === 'needs-attention' ? item.state.problem.fields : undefined
  if (!fields?.length) return null
  return (
    <ul className={styles.fields}>
      {fields.slice(0, MOST_FIELDS).map(({ field, messageId, message }) => (
        <li key={`${field} ${messageId}`}>
          {tc(fieldLabel(event, field)) || field}: {tc({ id: messageId, defaultMessage: message }) || message}
        </li>
      ))}
      {fields.length > MOST_FIELDS ? (
        <li>{t('outbox.moreFields', { count: fields.length - MOST_FIELDS })}</li>
      ) : null}
    </ul>
  )
}

function Files({ item }: { item: OutboxItem }) {
  const t = useText()
  const going = item.files.filter((file) => file.path === undefined && file.sent > 0)
  if (item.leftAt !== undefined || item.files.length === 0) return null
  const done = item.files.filter((file) => file.path !== undefined).length
  return (
    <>
      <p className={styles.soft}>{t('outbox.files', { done, count: item.files.length })}</p>
      {going.map((file) => (
        <Progress key={file.id} label={file.name} value={file.size > 0 ? file.sent / file.size : 0} />
      ))}
    </>
  )
}

function ItemActions({ item }: { item: OutboxItem }) {
  const t = useText()
  const [, go] = useLocation()
  const { outbox } = useOutbox()
  const mayTakeOver = useScope('record.unassign-others')
  const [asking, setAsking] = useState<'discard' | 'takeOver'>()
  const [told, setTold] = useState<'asked' | 'too-late' | 'failed'>()
  const problem = item.state.is === 'needs-attention' ? item.state.problem : undefined
  const withdrawable = canWithdraw(item) !== 'no'
  const refused = item.state.is === 'refused'
  const editable = item.draft !== undefined && (withdrawable || refused)
  const isOpen = item.leftAt === undefined && !item.actionId && !item.wish
  const holder = holderOf(problem?.details)
  const attempt = async (work: () => Promise<Withdrawn | undefined>, done?: () => void) => {
    setAsking(undefined)
    try {
      const withdrawn = await work()
      if (withdrawn === 'asked' || withdrawn === 'too-late') setTold(withdrawn)
      else done?.()
    } catch {
      setTold('failed')
    }
  }
  if (!outbox) return null
  const draft = item.draft
  const edit = () =>
    attempt(
      () => outbox.edit(item.id),
      () => draft && go(draftPath(draft)),
    )
  const retry = (takeOver: boolean) => attempt(() => outbox.retry(item.id, takeOver).then(() => undefined))
  return (
    <>
      {told ? (
        <Notice tone={told === 'asked' ? 'info' : 'warn'} live>
          {t(`outbox.told.${told}`)}
        </Notice>
      ) : null}
      <div className={styles.actions} data-print="no">
        {editable && (problem || refused || isOpen) ? (
          <Button size="small" kind={problem || refused ? 'primary' : 'secondary'} onPress={edit}>
            {t(problem || refused ? 'outbox.do.correct' : 'outbox.do.edit')}
          </Button>
        ) : null}
        {holder !== undefined && mayTakeOver ? (
          <Button size="small" kind="secondary" onPress={() => setAsking('takeOver')}>
            {t('outbox.do.takeOver')}
          </Button>
        ) : null}
        {isOpen && problem?.kind !== 'duplicate' ? (
          <Button size="small" kind="secondary" onPress={() => retry(false)}>
            {t(problem ? 'outbox.do.tryAgain' : 'outbox.do.tryNow')}
          </Button>
        ) : null}
        {item.eventId && (needsPerson(item) || item.leftAt !== undefined) ? (
          <LinkButton size="small" kind="secondary" href={`/records/${item.eventId}`}>
            {t('outbox.do.openRecord')}
          </LinkButton>
        ) : null}
        {refused && item.seenAt === undefined ? (
          <Button
            size="small"
            kind="secondary"
            onPress={() => attempt(() => outbox.dismiss(item.id).then(() => undefined))}
          >
            {t('outbox.do.dismiss')}
          </Button>
        ) : null}
        {withdrawable && !item.wish ? (
          <Button size="small" kind="quiet" onPress={() => setAsking('discard')}>
            {t('outbox.do.discard')}
          </Button>
        ) : null}
      </div>
      <Confirm
        open={asking === 'discard'}
        onClose={() => setAsking(undefined)}
        title={t('outbox.discard.title', { title: item.title || t('outbox.untitled') })}
        action={t('outbox.discard.action')}
        onConfirm={() => void attempt(() => outbox.cancel(item.id))}
        danger
      >
        <p>{t(canWithdraw(item) === 'must-ask' ? 'outbox.discard.mustAsk' : 'outbox.discard.text')}</p>
      </Confirm>
      <Confirm
        open={asking === 'takeOver'}
        onClose={() => setAsking(undefined)}
        title={t('outbox.takeOver.title')}
        action={t('outbox.do.takeOver')}
        onConfirm={() => void retry(true)}
        danger
      >
        <p>{t('outbox.takeOver.text', { name: holder || 'none' })}</p>
      </Confirm>
    </>
  )
}

const FORMS: Record<string, string> = { DECLARE: 'declare', EDIT: 'edit', REQUEST_CORRECTION: 'correct' }

/** Where a draft is gone on with. */
function draftPath({ action, recordId }: NonNullable<OutboxItem['draft']>): string {
  const form = FORMS[action]
  return form === undefined ? '/drafts' : `/records/${encodeURIComponent(recordId)}/${form}`
}
