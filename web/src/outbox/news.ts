// What became of items since they were last looked at, for whoever does not see the page.
import type { OutboxItem, OutboxState } from './item'

/** States that are told; that an item waits or is being sent is what everybody expects of it. */
const TOLD: readonly OutboxState['is'][] = [
  'received',
  'in-external-validation',
  'approved',
  'refused',
  'needs-attention',
]

export type Known = ReadonlyMap<string, OutboxState['is']>

export const knownOf = (items: readonly OutboxItem[]): Known =>
  new Map(items.map(({ id, state }) => [id, state.is]))

/** The items that have come to another state than `before`; one that nobody knew of has been told by whoever made it. */
export const newsOf = (before: Known, items: readonly OutboxItem[]): OutboxItem[] =>
  items.filter(({ id, state, undoes }) => {
    const was = before.get(id)
    return !undoes && was !== undefined && was !== state.is && TOLD.includes(state.is)
  })
