import { expect, test } from 'vitest'
import type { OutboxItem, OutboxState } from './item'
import { knownOf, newsOf } from './news'

const item = (id: string, is: OutboxState['is'], more: Partial<OutboxItem> = {}) =>
  ({ id, state: { is }, ...more }) as OutboxItem

test('what has come to another state is told once, and what merely waits or is sent is not', () => {
  const before = [item('a', 'waiting'), item('b', 'sending'), item('c', 'approved'), item('d', 'waiting')]
  const now = [
    item('a', 'sending'),
    item('b', 'approved'),
    item('c', 'approved'),
    item('d', 'needs-attention'),
  ]
  expect(newsOf(knownOf(before), now).map(({ id }) => id)).toEqual(['b', 'd'])
  expect(newsOf(knownOf(now), now)).toEqual([])
})

test('an item that was not there before is no news, nor is one that only clears away', () => {
  const clearing = item('e', 'waiting', { undoes: true })
  const gone = item('e', 'approved', { undoes: true })
  expect(newsOf(knownOf([clearing]), [gone, item('f', 'received')])).toEqual([])
})
