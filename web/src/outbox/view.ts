// How the outbox is shown: what needs a person comes first, then what is on its way in the order in
// which it goes, then what is done.
import type { OutboxItem } from './item'
import { held, inOrder } from './order'

interface Sections {
  attention: OutboxItem[]
  going: OutboxItem[]
  done: OutboxItem[]
  /** What each of these waits for. */
  held: Map<string, OutboxItem>
}

/** Country config has not acknowledged it, or Core will not take it as it is. */
export const isInOutbox = (item: OutboxItem): boolean => item.leftAt === undefined && !item.undoes

/** A person has to look at it, or was not told yet that it was refused. */
export const needsPerson = (item: OutboxItem): boolean =>
  item.state.is === 'needs-attention' || (item.state.is === 'refused' && item.seenAt === undefined)

export function sections(items: OutboxItem[]): Sections {
  const ordered = inOrder(items)
  const going = ordered.filter((item) => !needsPerson(item) && item.leftAt === undefined)
  const done = ordered.filter((item) => !needsPerson(item) && item.leftAt !== undefined)
  return { attention: ordered.filter(needsPerson), going, done: done.reverse(), held: held(items) }
}

export const attentionCount = (items: OutboxItem[]): number => items.filter(needsPerson).length

export const waitingCount = (items: OutboxItem[]): number =>
  items.filter((item) => item.leftAt === undefined && item.state.is !== 'needs-attention').length

const LONG = 3600_000
const MANY = 5

/** It has not moved for so long that somebody should know, though it is still tried. */
export function isLong(item: OutboxItem, now: number): boolean {
  const { trouble, state } = item
  if (item.leftAt !== undefined || state.is === 'needs-attention') return false
  if (state.is === 'received') return now - state.since > LONG && state.attempts >= MANY
  return trouble !== undefined && now - trouble.since > LONG && trouble.attempts >= MANY
}
