import { expect, test } from 'vitest'
import { Messages } from '../language/messages'
import type { OutboxItem, OutboxState } from './item'
import texts from './texts'
import { attentionCount, isLong, sections, waitingCount } from './view'
import { wordsOf } from './words'

const item = (id: number, state: OutboxState, more: Partial<OutboxItem> = {}): OutboxItem => ({
  id: `i${id}`,
  recordId: 'r',
  isNew: false,
  eventType: 'birth',
  action: 'DECLARE',
  assign: true,
  body: {},
  title: `Title ${id}`,
  userId: 'me',
  sequence: id,
  createdAt: 0,
  assigned: false,
  round: 0,
  takeOver: false,
  files: [],
  inDoubt: false,
  state,
  story: [],
  ...more,
})

const waiting: OutboxState = { is: 'waiting', since: 0 }
const problem = (kind: 'conflict' | 'invalid', details = {}): OutboxState => ({
  is: 'needs-attention',
  at: 0,
  problem: { kind, message: 'No', details },
})

function say(of: OutboxItem, heldBy?: OutboxItem, silentSince?: number, language: 'en' | 'fr' = 'en') {
  const messages = new Messages(language, [texts[language]])
  const t = (id: string, values?: Record<string, unknown>) => messages.text(id, values as never)
  const health = { signedOut: false, ...(silentSince !== undefined && { silentSince }) }
  const formats = { dateTime: (at: number) => `<${at}>` }
  return wordsOf(of, { heldBy, health, long: false, t, formats })
}

const all: [OutboxState, string][] = [
  [waiting, 'Waiting to be sent'],
  [{ is: 'sending', since: 0, step: 'action' }, 'Sending'],
  [
    { is: 'received', since: 5, attempts: 2 },
    'Received by Core, waiting for the country’s systems (since <5>, 2 attempts)',
  ],
  [{ is: 'in-external-validation', since: 5 }, 'Received, in external validation'],
  [{ is: 'approved', at: 5 }, 'Approved'],
  [{ is: 'refused', at: 5, reason: 'too young', handedBack: false, byHand: false }, 'Refused: too young'],
  [problem('invalid'), 'Some answers will not do'],
]

test.each(all)('each state is said in plain words: %j', (state, words) => {
  expect(say(item(1, state)).state).toBe(words)
})

test('what waits says for what', () => {
  const trouble = { kind: 'no-answer', since: 3, attempts: 4 } as const
  const silent = say(item(1, waiting, { trouble }))
  expect(silent.state).toBe('Waiting for network')
  expect(silent.details).toEqual(['4 tries since <3>. It goes on by itself.'])
  expect(say(item(1, waiting), undefined, 7).state).toBe('Waiting for network')
  expect(say(item(2, waiting), item(1, waiting)).state).toContain('“Title 1” of the same record goes first')
  expect(say(item(2, waiting), item(1, problem('invalid'))).state).toContain('needs your attention')
})

test('a conflict names who holds the record', () => {
  const held = { assignedTo: { id: 'x', name: { firstname: 'Kofi', surname: 'Mensah' } } }
  expect(say(item(1, problem('conflict', held))).state).toMatch(/^Kofi Mensah holds this record/)
  expect(say(item(1, problem('conflict', { assignedTo: { id: 'x' } }))).state).toMatch(/^Somebody else/)
  expect(say(item(1, problem('conflict'))).details).toEqual(['No'])
})

test('every text is there in both languages', () => {
  expect(Object.keys(texts.fr).sort()).toEqual(Object.keys(texts.en).sort())
  for (const [state] of all)
    expect(say(item(1, state), undefined, undefined, 'fr').state).not.toMatch(/outbox\./)
})

test('what needs a person comes first, and what has left last', () => {
  const items = [
    item(4, { is: 'approved', at: 0 }, { leftAt: 1, recordId: 'a' }),
    item(3, problem('invalid'), { recordId: 'b' }),
    item(2, waiting, { recordId: 'b' }),
    item(1, { is: 'refused', at: 0, reason: null, handedBack: false, byHand: false }, { leftAt: 1 }),
  ]
  const { attention, going, done, held } = sections(items)
  expect([attention, going, done].map((list) => list.map(({ sequence }) => sequence))).toEqual([
    [1, 3],
    [2],
    [4],
  ])
  expect(held.size).toBe(1)
  expect([attentionCount(items), waitingCount(items)]).toEqual([2, 1])
})

test('what is tried for more than an hour in vain is said to be stuck', () => {
  const trouble = { kind: 'core-busy', since: 0, attempts: 9 } as const
  expect(isLong(item(1, waiting, { trouble }), 3_000_000)).toBe(false)
  expect(isLong(item(1, waiting, { trouble }), 4_000_000)).toBe(true)
})
