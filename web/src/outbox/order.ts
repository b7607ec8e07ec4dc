// Which items may go now. Those of one record go one after another, in the order in which they were
// written here; those of different records have nothing to do with each other.
import type { OutboxItem } from './item'
import { stepOf } from './machine'

/** Under one key, as soon as Core's id is known: whoever opens a record that began here meets the same. */
export const recordOf = (item: OutboxItem): string => item.eventId ?? item.recordId

/** Later items of the record wait for it: it has not left, or was refused and nobody has seen that yet. */
const holdsOthers = (item: OutboxItem): boolean =>
  item.leftAt === undefined || (item.state.is === 'refused' && item.seenAt === undefined)

/** For each item that another one of its record goes ahead of: the first of those. */
export function held(items: OutboxItem[]): Map<string, OutboxItem> {
  const first = new Map<string, OutboxItem>()
  const waits = new Map<string, OutboxItem>()
  for (const item of inOrder(items)) {
    const record = recordOf(item)
    const ahead = first.get(record)
    if (ahead && item.leftAt === undefined) waits.set(item.id, ahead)
    else if (!ahead && holdsOthers(item)) first.set(record, item)
  }
  return waits
}

/** The items that something can be done for, oldest first; what has left the outbox comes last. */
export function runnable(items: OutboxItem[]): OutboxItem[] {
  const waits = held(items)
  const free = inOrder(items).filter((item) => !waits.has(item.id) && stepOf(item) !== undefined)
  return [...free.filter((i) => i.leftAt === undefined), ...free.filter((i) => i.leftAt !== undefined)]
}

export const inOrder = (items: OutboxItem[]): OutboxItem[] =>
  [...items].sort((one, other) => one.sequence - other.sequence)
