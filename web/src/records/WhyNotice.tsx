import { Link } from 'wouter'
import type { EventDocument } from '../api/client'
import { Notice } from '../design/Notice'
import { useFormats, useText } from '../language/Language'
import type { EventState } from './eventState'
import { usePeople } from './people'
import { whyOf } from './why'

/** Who sent the record back or archived it, and why: whoever works on it next must know. */
export function WhyNotice({ document, state }: { document: EventDocument; state: EventState }) {
  const t = useText()
  const formats = useFormats()
  const why = whyOf(document, state)
  const people = usePeople([why?.action.createdBy])
  if (!why) return null
  const { action, is, reason, other } = why
  const name = people.name(action.createdBy, action.createdByUserType, action.createdByRole)
  return (
    <Notice
      tone={is === 'sent-back' ? 'warn' : 'plain'}
      title={t(`records.why.${is}`, { name, time: formats.dateTime(action.createdAt) })}
    >
      {reason === '' ? null : <p>{reason}</p>}
      {other === undefined ? null : <Link href={`/records/${other}`}>{t('records.why.other')}</Link>}
    </Notice>
  )
}
