import { LinkButton } from '../design/Button'
import { Notice } from '../design/Notice'
import { useFormats, useText } from '../language/Language'
import { useOpenRecord } from './RecordContext'
import { useOutboxItems } from './useOutboxItems'

/** What of this record is still on its way, above everything else. */
export function OutboxNotice() {
  const t = useText()
  const formats = useFormats()
  const { state } = useOpenRecord()
  const items = useOutboxItems(state.id)
  if (items.length === 0) return null
  const troubled = items.some((item) => item.state.is === 'needs-attention' || item.state.is === 'refused')
  return (
    <Notice
      tone={troubled ? 'bad' : 'info'}
      live
      title={t('records.inOutbox', { count: items.length })}
      actions={
        <LinkButton href="/outbox" kind="secondary" size="small">
          {t('records.openOutbox')}
        </LinkButton>
      }
    >
      <ul>
        {items.map((item) => (
          <li key={item.id}>
            {t(`records.deed.${item.action}`)} · {t(`records.outbox.${item.state.is}`)} ·{' '}
            {formats.dateTime(item.createdAt)}
          </li>
        ))}
      </ul>
    </Notice>
  )
}
