// What the accepted actions of a record add up to.
//
// An accepted action has two halves where country config decided on it: the Requested action, with
// what the person sent, and the Accepted one that names it, with what the country added. "Complete"
// below means both halves put together.
import type { Action, EventDocument } from '../api/client'
import type { ActionType, Answers, EventStatus } from './eventState'
import { isObject, layOver, withoutNulls } from './layers'

/** All actions by the time they were written. The document usually has them in that order. */
export const inTime = (event: EventDocument): Action[] =>
  [...event.actions].sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0))

/** The one that was written last; of several at that very time, the last listed. */
export function latest(actions: Action[]): Action | undefined {
  return actions.reduce<Action | undefined>(
    (last, action) => (last === undefined || action.createdAt >= last.createdAt ? action : last),
    undefined,
  )
}

export const latestAccepted = (event: EventDocument, types: readonly ActionType[]): Action | undefined =>
  latest(event.actions.filter((action) => action.status === 'Accepted' && types.includes(action.type)))

const requestOf = (event: EventDocument, action: Action): Action | undefined =>
  action.originalActionId ? event.actions.find(({ id }) => id === action.originalActionId) : undefined

/** The halves of an action, in the order in which they count. */
function halves(event: EventDocument, action: Action): Action[] {
  const request = requestOf(event, action)
  return request?.status === 'Requested' ? [request, action] : [action]
}

const together = (event: EventDocument, action: Action, part: 'declaration' | 'annotation'): Answers =>
  halves(event, action).reduce((all, half) => layOver(all, half[part] ?? {}), {} as Answers)

/** What an action says about the declaration: what was sent, and what the country put over it. */
export const completeDeclaration = (event: EventDocument, action: Action): Answers =>
  together(event, action, 'declaration')

export const completeAnnotation = (event: EventDocument, action: Action): Answers =>
  together(event, action, 'annotation')

/** An action's content: the country's keys replace those that were sent, as wholes. */
export function completeContent(event: EventDocument, action: Action): Answers {
  const sent = requestOf(event, action)?.content
  return { ...(isObject(sent) ? sent : {}), ...(isObject(action.content) ? action.content : {}) }
}

/** The answers as accepted actions build them up; a field that was cleared is `null`. */
export interface Collected {
  declaration: Answers
  annotation: Answers
}

/** Lays an accepted action over what was answered before it. */
export function collect(event: EventDocument, before: Collected, action: Action): Collected {
  const annotation = layOver(before.annotation, completeAnnotation(event, action))
  return { declaration: declared(event, before.declaration, action), annotation }
}

function declared(event: EventDocument, before: Answers, action: Action): Answers {
  const layer = (ground: Answers, of: Action) =>
    halves(event, of).reduce((all, half) => layOver(all, half.declaration ?? {}), ground)
  switch (action.type) {
    case 'APPROVE_CORRECTION': {
      // It counts as what it approves, and then itself.
      const request = event.actions.find(({ id, status }) => id === action.requestId && status === 'Accepted')
      return request ? layer(layer(before, request), action) : before
    }
    // What a correction asks for goes in with its approval, not before.
    case 'REQUEST_CORRECTION':
    case 'REJECT_CORRECTION':
    case 'PRINT_CERTIFICATE':
      return before
    default:
      return layer(before, action)
  }
}

/** The declaration as all accepted actions up to `until` (exclusive) leave it, without cleared fields. */
export function declarationBefore(event: EventDocument, until?: Action): Answers {
  let all: Collected = { declaration: {}, annotation: {} }
  for (const action of inTime(event)) {
    if (action === until) break
    if (action.status === 'Accepted') all = collect(event, all, action)
  }
  return withoutNulls(all.declaration)
}

const REACHES: Partial<Record<ActionType, EventStatus>> = {
  CREATE: 'CREATED',
  NOTIFY: 'NOTIFIED',
  DECLARE: 'DECLARED',
  REGISTER: 'REGISTERED',
  ARCHIVE: 'ARCHIVED',
}

/** How far the record has come. */
export function statusOf(event: EventDocument): EventStatus {
  const last = latestAccepted(event, Object.keys(REACHES) as ActionType[])
  return (last && REACHES[last.type]) ?? 'CREATED'
}

/** The accepted correction request that still waits for its approval or refusal. */
export function pendingCorrection(event: EventDocument): Action | undefined {
  const last = latestAccepted(event, ['REQUEST_CORRECTION', 'APPROVE_CORRECTION', 'REJECT_CORRECTION'])
  return last?.type === 'REQUEST_CORRECTION' ? last : undefined
}

/** Records this one may be a duplicate of; none once somebody has decided. */
export function potentialDuplicates(event: EventDocument): { id: string; trackingId: string }[] {
  const last = latestAccepted(event, ['DUPLICATE_DETECTED', 'MARK_AS_DUPLICATE', 'MARK_AS_NOT_DUPLICATE'])
  const found = last?.type === 'DUPLICATE_DETECTED' ? last.content?.duplicates : undefined
  return Array.isArray(found) ? found : []
}

/** Who holds the record, if anybody does. */
export function assignedTo(event: EventDocument): string | undefined {
  const last = latestAccepted(event, ['ASSIGN', 'UNASSIGN'])
  return last?.type === 'ASSIGN' ? last.assignedTo : undefined
}

/** Actions on which the country has not decided, oldest first. */
export const undecided = (event: EventDocument): Action[] =>
  event.actions.filter(
    (action) =>
      action.status === 'Requested' &&
      !event.actions.some((other) => other.originalActionId === action.id && other.status !== 'Requested'),
  )
