// Why a record is where nobody goes on with it by themselves: it was sent back, archived, or is a duplicate.
import type { Action, EventDocument } from '../api/client'
import { completeContent, latestAccepted } from './accepted'
import type { EventState } from './eventState'

interface Why {
  is: 'sent-back' | 'archived' | 'duplicate'
  action: Action
  reason: string
  /** The record that it is a duplicate of. */
  other?: string
}

export function whyOf(document: EventDocument, state: Pick<EventState, 'status' | 'flags'>): Why | undefined {
  const isArchived = state.status === 'ARCHIVED'
  const marked = latestAccepted(document, [
    'DUPLICATE_DETECTED',
    'MARK_AS_DUPLICATE',
    'MARK_AS_NOT_DUPLICATE',
  ])
  const duplicateOf = marked?.type === 'MARK_AS_DUPLICATE' ? marked.content?.duplicateOf : undefined
  const other = typeof duplicateOf === 'string' ? { other: duplicateOf } : {}
  if (!isArchived && !state.flags.includes('rejected'))
    return marked?.type === 'MARK_AS_DUPLICATE'
      ? { is: 'duplicate', action: marked, reason: '', ...other }
      : undefined
  const action = latestAccepted(document, [isArchived ? 'ARCHIVE' : 'REJECT'])
  if (!action) return undefined
  const { reason } = completeContent(document, action)
  return {
    is: isArchived ? 'archived' : 'sent-back',
    action,
    reason: typeof reason === 'string' ? reason.trim() : '',
    ...other,
  }
}
