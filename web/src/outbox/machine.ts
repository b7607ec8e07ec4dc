// How one item of the outbox moves on. Pure: what comes next for an item, and what it becomes by
// what happened; whoever calls keeps it on the device before the next step begins. Everything is
// written so that a step may be repeated after a crash at any point: Core knows each by its
// transaction id.
import type { LocalDraft } from '../forms/draft'
import type { CoreRefusal, Standing } from './core'
import { withPaths } from './files'
import type { OutboxItem, OutboxState, Problem, StoryEntry, Trouble } from './item'
import { pauseAfter } from './pause'

/**
 * What is to be done next. `request`: find the correction that is to be approved; `ask`: whether Core
 * has the action; `follow`: what has become of it.
 */
export type Step = 'record' | 'release' | 'assignment' | 'files' | 'request' | 'action' | 'ask' | 'follow'

/** What happened when a step was tried. */
export type Outcome =
  | { is: 'begun'; eventId: string }
  | { is: 'released' }
  | { is: 'assigned' }
  | { is: 'file'; id: string; sent: number; path?: string }
  /** The correction that is to be approved: Core's id of it, once it was taken. */
  | { is: 'request'; requestId: string | undefined }
  | { is: 'standing'; standing: Standing }
  /** Core has never seen the action. */
  | { is: 'unknown' }
  | { is: 'refused'; refusal: CoreRefusal }
  | { is: 'silent'; why: 'no-answer' | 'not-core'; message?: string }
  | { is: 'signed-out' }
  /** The bytes are no longer on this device. */
  | { is: 'file-missing'; id: string }

export interface Moment {
  now: number
  random: () => number
}

/**
 * What is to be written: the item, or that it goes; and a draft that is put back with it. `undo` comes
 * in the place of one that goes, unless something else on the device is of the same record.
 */
export type Change =
  | { is: 'keep'; item: OutboxItem; begun?: string; draft?: LocalDraft }
  | { is: 'drop'; item: OutboxItem; draft?: LocalDraft; undo?: OutboxItem }

const LONGEST_STORY = 40
const SECOND = 1_000

/** What comes next for an item that nothing else holds; undefined when nothing goes on by itself. */
export function stepOf(item: OutboxItem): Step | undefined {
  if (item.leftAt !== undefined) return item.state.is === 'in-external-validation' ? 'follow' : undefined
  if (item.state.is === 'needs-attention' && !item.wish) return undefined
  if (item.actionId) return 'follow'
  if (item.wish || item.refusal) return 'ask'
  if (!item.eventId) return item.undoes ? 'ask' : 'record'
  if (item.takeOver) return 'release'
  if (item.assign && !item.assigned) return 'assignment'
  if (item.files.some((file) => file.path === undefined)) return 'files'
  if (approvesWhatItFollows(item)) return 'request'
  return 'action'
}

/** Approves the correction that was handed in with it, of which Core's id is not known beforehand. */
const approvesWhatItFollows = ({ action, follows, body }: OutboxItem): boolean =>
  action === 'APPROVE_CORRECTION' && follows !== undefined && body.requestId === undefined

/** The transaction of a step before the action. That of beginning a record is the record's own, whichever item begins it. */
export function transactionOf(item: OutboxItem, step: 'record' | 'release' | 'assignment'): string {
  return step === 'record' ? `${item.recordId}.record` : `${item.id}.${step}.${item.round}`
}

/** Core may have the action, or get it still. */
export const mayHaveReached = (item: OutboxItem): boolean =>
  item.inDoubt || (item.state.is === 'sending' && item.state.step === 'action')

/** To be kept before a step is tried: from then on it may have happened. */
export function begin(item: OutboxItem, step: Step, now: number): OutboxItem {
  // It was begun before, and what came of it was never kept.
  const next = without({ ...item, inDoubt: mayHaveReached(item) }, 'pause')
  if (step === 'ask' || step === 'follow' || step === 'request') return next
  if (step === 'record') next.recordAsked = true
  return inState(next, { is: 'sending', since: now, step: step === 'release' ? 'assignment' : step }, now)
}

/** Whoever sent it is gone: whether it arrived is not known. */
export const interrupted = (item: OutboxItem, now: number): OutboxItem =>
  item.state.is === 'sending'
    ? inState({ ...item, inDoubt: mayHaveReached(item) }, { is: 'waiting', since: now }, now)
    : item

/** What an item becomes by what came of a step. */
export function apply(item: OutboxItem, step: Step, outcome: Outcome, moment: Moment): Change {
  if (item.undoes && isEnd(step, outcome)) return { is: 'drop', item }
  switch (outcome.is) {
    case 'begun':
      return keep(calm({ ...item, eventId: outcome.eventId }), outcome.eventId)
    case 'released':
      return keep(calm({ ...item, takeOver: false, assigned: false }))
    case 'assigned':
      return keep(calm({ ...item, assigned: true }))
    case 'file':
      return keep(calm(fileMoved(item, outcome)))
    case 'request': {
      const { requestId } = outcome
      if (requestId === undefined) return keep(troubled(item, { kind: 'undecided' }, moment))
      return keep(calm({ ...item, body: { ...item.body, requestId } }))
    }
    case 'standing':
      if (outcome.standing.is === 'held-back' && item.wish) return drop(item, item.wish, moment.now)
      return keep(stands(item, outcome.standing, moment))
    case 'unknown':
      return unknown(item, step, moment)
    case 'refused':
      return refused(item, step, outcome.refusal, moment)
    case 'silent':
      return keep(troubled(doubted(item, step), { kind: outcome.why, message: outcome.message }, moment))
    case 'signed-out':
      return keep(troubled(item, { kind: 'signed-out' }, moment))
    case 'file-missing': {
      const name = item.files.find((file) => file.id === outcome.id)?.name ?? ''
      return keep(attention(item, { kind: 'file', message: name }, moment))
    }
  }
}

/**
 * Of what clears away: there is nothing left to clear away, or Core will not have it cleared away
 * since somebody has done something with it. What a step finds out that was under way for the item
 * before it was taken back says nothing.
 */
function isEnd(step: Step, outcome: Outcome): boolean {
  if (outcome.is === 'refused')
    return step !== 'files' && ![408, 429].includes(outcome.refusal.status) && outcome.refusal.status < 500
  return outcome.is === 'standing' || outcome.is === 'unknown'
}

function stands(item: OutboxItem, standing: Standing, { now, random }: Moment): OutboxItem {
  const wished = item.wish !== undefined
  if (standing.is === 'held-back') {
    const message = 'Core found records that this may be a duplicate of'
    // Core did not do it, and will not by itself: nothing is in doubt any more.
    const known = { ...item, inDoubt: false }
    return attention(known, { kind: 'duplicate', message, details: standing.details }, { now, random })
  }
  const known = without(calm({ ...item, actionId: standing.actionId, inDoubt: false }), 'wish', 'refusal')
  const note = wished ? ('not-cancelled' as const) : undefined
  const spread = 0.5 + random()
  if (standing.is === 'undelivered') {
    const since = item.state.is === 'received' ? item.state.since : now
    const state: OutboxState = {
      is: 'received',
      since,
      attempts: standing.attempts,
      ...(standing.lastError !== undefined && { lastError: standing.lastError }),
      ...(standing.nextAttemptAt !== undefined && { nextAttemptAt: standing.nextAttemptAt }),
    }
    const lasts = between(3 * SECOND, (now - since) / 10, 60 * SECOND) * spread
    return { ...inState(known, state, now, note), pause: { from: now, lasts, atLeast: 0 } }
  }
  const left = { ...known, leftAt: item.leftAt ?? now }
  switch (standing.is) {
    case 'undecided': {
      const since = item.state.is === 'in-external-validation' ? item.state.since : now
      const lasts = between(20 * SECOND, (now - since) / 10, 3600 * SECOND) * spread
      const next = inState(left, { is: 'in-external-validation', since }, now, note)
      return { ...next, pause: { from: now, lasts, atLeast: 0 } }
    }
    case 'approved':
      return without(inState(left, { is: 'approved', at: now }, now, note), 'draft')
    case 'refused': {
      const { reason, handedBack, byHand } = standing
      return inState(left, { is: 'refused', at: now, reason, handedBack, byHand }, now, note)
    }
  }
}

function unknown(item: OutboxItem, step: Step, moment: Moment): Change {
  // What has left stays left: country config has it, whatever Core has forgotten.
  if (item.leftAt !== undefined) return keep(rested(item, moment))
  if (step === 'follow') {
    // Core had it and has it no more, as after an older copy was put back: it is sent again, under
    // the same id.
    const again = without({ ...item, inDoubt: true }, 'actionId', 'pause')
    return keep(inState(again, { is: 'waiting', since: moment.now }, moment.now, 'sent-again'))
  }
  const known = { ...item, inDoubt: false }
  if (item.wish) return drop(known, item.wish, moment.now)
  if (item.refusal) return keep(attention(known, item.refusal, moment))
  return keep(calm(known))
}

function refused(item: OutboxItem, step: Step, refusal: CoreRefusal, moment: Moment): Change {
  const { status, message, retryAfter, details } = refusal
  const trouble = (kind: Trouble['kind'], of = item) =>
    keep(troubled(of, { kind, message }, moment, retryAfter))
  if (status >= 500 || status === 408) return trouble('core-busy', doubted(item, step))
  // Core has the action or may have it: nobody is bothered with why it does not tell.
  if (status === 429 || step === 'ask' || step === 'follow') return trouble('core-busy')
  // The upload is further than this tab knew, or was forgotten: it is begun again.
  const isElsewhere = status === 404 || (status === 409 && details?.offset !== undefined)
  if (step === 'files' && isElsewhere) return trouble('core-busy')
  if (step === 'action' && status === 409 && details) {
    if (details.waitingFor) return trouble('undecided')
    if (details.assignedTo === null && item.assign)
      return trouble('not-held', { ...item, assigned: false, round: item.round + 1 })
  }
  const problem = problemOf(step, refusal)
  if (item.inDoubt) {
    const doubting = { ...item, refusal: problem }
    return trouble('in-doubt', doubting)
  }
  if (item.wish) return drop(item, item.wish, moment.now)
  return keep(attention(item, problem, moment))
}

function problemOf(step: Step, { status, message, fields, details }: CoreRefusal): Problem {
  const kinds: Record<number, Problem['kind']> = {
    400: 'invalid',
    403: 'forbidden',
    404: 'gone',
    409: 'conflict',
    413: 'file',
  }
  const kind = step === 'files' && status !== 403 ? 'file' : (kinds[status] ?? 'unexpected')
  return { kind, status, message, ...(fields && { fields }), ...(details && { details }) }
}

/** What a person may do with an item that is not wanted as it is. */
type Withdrawal = { is: 'done'; change: Change } | { is: 'asked'; change: Change } | { is: 'too-late' }

/**
 * Takes an item back, for good or to be edited. Once something of the action may have reached Core,
 * Core is asked first; once Core has it, it is too late.
 */
export function withdraw(item: OutboxItem, to: 'discard' | 'edit', now: number): Withdrawal {
  if (item.leftAt !== undefined) {
    if (to !== 'edit' || item.state.is !== 'refused' || !item.draft) return { is: 'too-late' }
    const draft = withPaths(item.draft, item.files)
    const kept = without({ ...item, seenAt: now }, 'draft')
    return { is: 'done', change: { is: 'keep', item: kept, draft } }
  }
  if (item.actionId || item.undoes) return { is: 'too-late' }
  if (!mayHaveReached(item)) return { is: 'done', change: drop(item, to, now) }
  // The answer that is awaited may still tell.
  if (item.state.is === 'sending') return { is: 'asked', change: keep({ ...item, wish: to }) }
  const asking = without({ ...item, wish: to }, 'pause')
  return { is: 'asked', change: keep(inState(asking, { is: 'waiting', since: now }, now)) }
}

/** A person says that it should go on, now; if `takeOver`, although somebody else holds the record. */
export function tryAgain(item: OutboxItem, takeOver: boolean, now: number): OutboxItem {
  if (item.leftAt !== undefined) return item
  const again = without(item, 'pause')
  if (item.state.is !== 'needs-attention') return again
  const next = {
    ...without(again, 'trouble'),
    assigned: false,
    // Whoever held the record when they handed this in may have lost it since.
    assign: true,
    takeOver,
    round: item.round + 1,
  }
  return inState(next, { is: 'waiting', since: now }, now, takeOver ? 'taken-over' : 'tried-again')
}

/** Was handed in together with another, after it, and has no meaning without: goes when that is taken back. */
export const goesWith = (item: OutboxItem, other: OutboxItem): boolean =>
  item.follows === other.id && item.leftAt === undefined && !item.actionId && !mayHaveReached(item)

/** The person knows that it was refused. */
export const seen = (item: OutboxItem, now: number): OutboxItem =>
  item.state.is === 'refused' ? { ...item, seenAt: now } : item

function drop(item: OutboxItem, to: 'discard' | 'edit', now: number): Change {
  const begun = item.isNew && (item.eventId !== undefined || item.recordAsked === true)
  if (to === 'edit' && item.draft) {
    const draft = withPaths(item.draft, item.files)
    return { is: 'drop', item, draft: begun ? { ...draft, begun: true } : draft }
  }
  return begun ? { is: 'drop', item, undo: undoing(item, now) } : { is: 'drop', item }
}

/** What clears the record away that Core has begun, or may have, for an item that was taken back. */
function undoing(item: OutboxItem, now: number): OutboxItem {
  const rest = without(item, 'pause', 'trouble', 'wish', 'refusal', 'draft', 'draftId', 'follows')
  return {
    ...rest,
    action: 'DELETE',
    undoes: true,
    assign: true,
    takeOver: false,
    inDoubt: false,
    body: {},
    files: [],
    state: { is: 'waiting', since: now },
  }
}

const keep = (item: OutboxItem, begun?: string): Change => ({
  is: 'keep',
  item,
  ...(begun !== undefined && { begun }),
})

/** An action that was sent and not answered by Core may be there. */
const doubted = (item: OutboxItem, step: Step): OutboxItem =>
  step === 'action' ? { ...item, inDoubt: true } : item

const calm = (item: OutboxItem): OutboxItem => without(item, 'trouble', 'pause')

function rested(item: OutboxItem, { now, random }: Moment): OutboxItem {
  const pause = pauseAfter(20, now, random)
  return { ...item, pause }
}

function troubled(
  item: OutboxItem,
  { kind, message }: { kind: Trouble['kind']; message?: string | undefined },
  { now, random }: Moment,
  retryAfter?: number,
): OutboxItem {
  const attempts = (item.trouble?.attempts ?? 0) + 1
  const since = Math.min(item.trouble?.since ?? now, now)
  const trouble = { kind, since, attempts, ...(message !== undefined && { message }) }
  const next = { ...item, trouble, pause: pauseAfter(attempts, now, random, retryAfter) }
  // What Core has stays received, whoever is silent now.
  return item.state.is === 'sending' ? inState(next, { is: 'waiting', since: now }, now) : next
}

function attention(item: OutboxItem, problem: Problem, { now }: Moment): OutboxItem {
  const next = without(calm(item), 'wish', 'refusal')
  return inState(next, { is: 'needs-attention', at: now, problem }, now)
}

function fileMoved(item: OutboxItem, moved: { id: string; sent: number; path?: string }): OutboxItem {
  const files = item.files.map((file) =>
    file.id === moved.id
      ? { ...file, sent: moved.sent, ...(moved.path !== undefined && { path: moved.path }) }
      : file,
  )
  return { ...item, files }
}

function inState(item: OutboxItem, state: OutboxState, now: number, note?: StoryEntry['note']): OutboxItem {
  if (item.state.is === state.is && !note) return { ...item, state }
  const entry: StoryEntry = { at: now, is: state.is, ...(note && { note }) }
  return { ...item, state, story: [...item.story, entry].slice(-LONGEST_STORY) }
}

const between = (least: number, value: number, most: number): number => Math.min(most, Math.max(least, value))

function without(
  item: OutboxItem,
  ...names: ('pause' | 'trouble' | 'wish' | 'refusal' | 'actionId' | 'draft' | 'draftId' | 'follows')[]
) {
  const rest = { ...item }
  for (const name of names) delete rest[name]
  return rest
}
