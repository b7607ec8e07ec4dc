import { expect, test } from 'vitest'
import type { LocalDraft } from '../forms/draft'
import type { OutboxItem } from './item'
import { apply, begin, interrupted, type Outcome, type Step, stepOf, tryAgain, withdraw } from './machine'
import { newItems } from './store'

const moment = { now: 100, random: () => 0.5 }

function item(more: Partial<OutboxItem> = {}): OutboxItem {
  const submission = {
    recordId: 'r',
    isNew: true,
    eventType: 'birth',
    action: 'DECLARE' as const,
    assign: true,
    body: { declaration: { picture: 'device:f' } },
    title: 'Ann',
  }
  const entry = { userId: 'me', at: 1, submissions: [{ id: 't', submission }], files: [] }
  const [made] = newItems(entry, { items: [], begunAs: () => undefined, draft: () => undefined })
  return { ...(made as OutboxItem), ...more }
}

function after(of: OutboxItem, step: Step, outcome: Outcome): OutboxItem {
  const change = apply(of, step, outcome, moment)
  if (change.is === 'drop') throw new Error('it went')
  return change.item
}

const sent = () => begin(item({ eventId: 'e', assigned: true, files: [] }), 'action', 50)
const silence: Outcome = { is: 'silent', why: 'no-answer' }
const refusal = (status: number, details?: Record<string, unknown>): Outcome => ({
  is: 'refused',
  refusal: { status, message: 'No', ...(details && { details }) },
})
const received: Outcome = { is: 'standing', standing: { is: 'undelivered', actionId: 'a', attempts: 3 } }

test('a submission begins its record, takes it, sends its files, acts and follows what comes of it', () => {
  const steps: (Step | undefined)[] = []
  let now = item()
  const outcomes: Outcome[] = [
    { is: 'begun', eventId: 'e' },
    { is: 'assigned' },
    { is: 'file', id: 'f', sent: 9, path: 'p' },
    received,
    { is: 'standing', standing: { is: 'undecided', actionId: 'a' } },
    { is: 'standing', standing: { is: 'approved', actionId: 'a' } },
  ]
  for (const outcome of outcomes) {
    const step = stepOf(now)
    steps.push(step)
    now = after(begin(now, step as Step, 50), step as Step, outcome)
  }
  expect(steps).toEqual(['record', 'assignment', 'files', 'action', 'follow', 'follow'])
  expect(stepOf(now)).toBeUndefined()
  expect(now).toMatchObject({ state: { is: 'approved' }, leftAt: 100 })
})

test('it stays while country config has not acknowledged it', () => {
  const now = after(sent(), 'action', received)
  expect(now.state).toMatchObject({ is: 'received', attempts: 3 })
  expect(now.leftAt).toBeUndefined()
  expect(withdraw(now, 'discard', 1)).toEqual({ is: 'too-late' })
})

test('what was begun at Core for an item that is discarded is cleared away there', () => {
  const undo = (of: OutboxItem) => {
    const withdrawn = withdraw(of, 'discard', 9)
    return withdrawn.is === 'done' && withdrawn.change.is === 'drop' ? withdrawn.change.undo : undefined
  }
  expect(undo(item())).toBeUndefined()
  expect(undo(item({ isNew: false, eventId: 'e' }))).toBeUndefined()

  const known = undo(item({ eventId: 'e', assigned: true })) as OutboxItem
  expect(known).toMatchObject({ id: 't', action: 'DELETE', eventId: 'e', files: [], undoes: true })
  expect(stepOf(known)).toBe('action')
  const done: Outcome = { is: 'standing', standing: { is: 'approved', actionId: 't' } }
  expect(apply(known, 'action', done, moment).is).toBe('drop')
  // Somebody has gone on with it meanwhile.
  expect(apply(known, 'action', refusal(409), moment).is).toBe('drop')
  expect(after(known, 'action', refusal(503)).trouble?.kind).toBe('core-busy')

  // Nothing came back when the record was to be begun: Core is asked what it has.
  const asked = undo(after(begin(item(), 'record', 5), 'record', silence)) as OutboxItem
  expect(stepOf(asked)).toBe('ask')
  expect(stepOf(after(asked, 'ask', { is: 'begun', eventId: 'e' }))).toBe('assignment')
  expect(apply(asked, 'ask', { is: 'unknown' }, moment).is).toBe('drop')
})

test('whoever has lost a record takes it again when they try again', () => {
  const held = item({ eventId: 'e', assign: false, files: [] })
  const lost = after(held, 'action', refusal(409, { assignedTo: { id: 'other', name: null } }))
  expect(lost.state.is).toBe('needs-attention')
  expect(stepOf(tryAgain(lost, false, 200))).toBe('assignment')
})

test('a correction is approved under the id that Core has given the request before it', () => {
  const approval = item({
    action: 'APPROVE_CORRECTION',
    isNew: false,
    eventId: 'e',
    assigned: true,
    files: [],
    body: { content: { immediateCorrection: true } },
    follows: 'first',
  })
  expect(stepOf(approval)).toBe('request')
  const waiting = after(approval, 'request', { is: 'request', requestId: undefined })
  expect(waiting.trouble?.kind).toBe('undecided')
  expect(stepOf(waiting)).toBe('request')
  const found = after(approval, 'request', { is: 'request', requestId: 'r1' })
  expect(found.body).toEqual({ content: { immediateCorrection: true }, requestId: 'r1' })
  expect(stepOf(found)).toBe('action')
  expect(after(approval, 'request', refusal(409)).state.is).toBe('needs-attention')
})

test('before anything of it was sent it can be taken back at once', () => {
  const draft = { id: 'd', declaration: { picture: 'device:f' } } as unknown as LocalDraft
  const files = [{ id: 'f', name: '', size: 1, sent: 1, path: 'p' }]
  expect(withdraw(item({ draft, files }), 'edit', 1)).toMatchObject({
    is: 'done',
    // What Core has of the files need not be sent again.
    change: { is: 'drop', draft: { declaration: { picture: 'p' } } },
  })
})

test('after it was sent without an answer Core is asked before it is taken back', () => {
  const unsure = after(sent(), 'action', silence)
  const asked = withdraw(unsure, 'discard', 1)
  if (asked.is !== 'asked' || asked.change.is !== 'keep') throw new Error(asked.is)
  const wished = asked.change.item
  expect(stepOf(wished)).toBe('ask')
  expect(apply(wished, 'ask', { is: 'unknown' }, moment).is).toBe('drop')
  const kept = after(wished, 'ask', received)
  expect(kept.wish).toBeUndefined()
  expect(kept.story.at(-1)).toMatchObject({ is: 'received', note: 'not-cancelled' })
})

test('whoever was cut off while sending does not know whether it arrived', () => {
  expect(interrupted(sent(), 60)).toMatchObject({ inDoubt: true, state: { is: 'waiting' } })
  expect(begin(sent(), 'action', 60).inDoubt).toBe(true)
  expect(interrupted(begin(item(), 'record', 50), 60).inDoubt).toBe(false)
})

test('a refusal counts at once when nothing is in doubt, and otherwise after Core was asked', () => {
  expect(after(sent(), 'action', refusal(400)).state).toMatchObject({ problem: { kind: 'invalid' } })
  const doubtful = after({ ...sent(), inDoubt: true }, 'action', refusal(400))
  expect(stepOf(doubtful)).toBe('ask')
  expect(after(doubtful, 'ask', { is: 'unknown' }).state).toMatchObject({ problem: { kind: 'invalid' } })
  expect(after(doubtful, 'ask', received).state.is).toBe('received')
})

test.each([
  [409, { assignedTo: { id: 'x' } }, 'conflict'],
  [403, undefined, 'forbidden'],
  [404, undefined, 'gone'],
  [413, undefined, 'file'],
  [418, undefined, 'unexpected'],
])('%i needs a person', (status, details, kind) => {
  const now = after(sent(), 'action', refusal(status, details))
  expect(now.state).toMatchObject({ is: 'needs-attention', problem: { kind } })
  expect(stepOf(now)).toBeUndefined()
})

test.each([408, 429, 500, 503])('%i passes', (status) => {
  expect(after(sent(), 'action', refusal(status))).toMatchObject({
    state: { is: 'waiting' },
    trouble: { kind: 'core-busy', attempts: 1 },
  })
})

test('what waits for the country’s earlier decision waits, and says so', () => {
  const now = after(sent(), 'action', refusal(409, { waitingFor: { actionId: 'b' } }))
  expect(now).toMatchObject({ state: { is: 'waiting' }, trouble: { kind: 'undecided' } })
})

test('a record that nobody holds any more is taken again, as a transaction of its own', () => {
  const now = after(sent(), 'action', refusal(409, { assignedTo: null }))
  expect(now).toMatchObject({ assigned: false, round: 1, trouble: { kind: 'not-held' } })
  expect(stepOf(now)).toBe('assignment')
})

test('taking over takes the record from whoever holds it first', () => {
  const now = tryAgain(after(sent(), 'action', refusal(409, { assignedTo: { id: 'x' } })), true, 60)
  expect(stepOf(now)).toBe('release')
  expect(stepOf(after(now, 'release', { is: 'released' }))).toBe('assignment')
})

test('being signed out is nobody’s failure: nothing is in doubt, and it goes on', () => {
  expect(after(sent(), 'action', { is: 'signed-out' })).toMatchObject({
    inDoubt: false,
    state: { is: 'waiting' },
  })
})

test('trouble counts its tries since it began, and is forgotten when something moves', () => {
  const once = after(sent(), 'action', silence)
  const twice = apply(begin(once, 'action', 120), 'action', silence, { ...moment, now: 130 })
  expect(twice.item.trouble).toMatchObject({ since: 100, attempts: 2 })
  expect(after(twice.item, 'action', received).trouble).toBeUndefined()
})

test('what Core had and has forgotten is sent again under the same id', () => {
  const now = after(after(sent(), 'action', received), 'follow', { is: 'unknown' })
  expect(now.actionId).toBeUndefined()
  expect([stepOf(now), now.id]).toEqual(['action', 't'])
})

test('a registration that is held back as a possible duplicate needs a person', () => {
  const held: Outcome = { is: 'standing', standing: { is: 'held-back', details: {} } }
  expect(after(sent(), 'action', held).state).toMatchObject({ problem: { kind: 'duplicate' } })
})

test('what was in doubt and turns out to be held back can be taken back, before and after it is known', () => {
  const held: Outcome = { is: 'standing', standing: { is: 'held-back', details: {} } }
  const doubted = after(sent(), 'action', silence)
  expect(withdraw(after(doubted, 'ask', held), 'discard', 100).is).toBe('done')
  const asked = withdraw(doubted, 'discard', 100)
  if (asked.is !== 'asked' || asked.change.is !== 'keep') throw new Error('Core is to be asked first')
  expect(apply(asked.change.item, 'ask', held, moment).is).toBe('drop')
})
