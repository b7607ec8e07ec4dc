// Where the outbox keeps its items on the device. Every call is one transaction: all of it is
// there afterwards, or nothing.
import type { StoredFile } from '../device/file'
import type { LocalDraft } from '../forms/draft'
import { filesIn } from './files'
import type { NewSubmission, OutboxItem } from './item'
import type { Change } from './machine'
import { recordOf } from './order'

/** What is handed in at once: all of it is kept, or nothing. */
export interface NewEntry {
  userId: string
  at: number
  /** In the order in which they go, each with its transaction id. */
  submissions: { id: string; submission: NewSubmission }[]
  files: StoredFile[]
}

export interface OutboxStore {
  /**
   * Keeps items with their files for good, and removes the drafts that they came from.
   * @throws DeviceFull, DeviceFailed; nothing was changed then
   */
  add(entry: NewEntry): Promise<OutboxItem[]>
  /** Everybody's eyes: all items, those that have left among them. */
  all(): Promise<OutboxItem[]>
  /**
   * What is taken back takes with it what goes with it. Writes what `change` makes of the item as it is now; undefined changes nothing. Gives the item as
   * it is afterwards; undefined when it is not there.
   * @throws DeviceFull, DeviceFailed
   */
  change(id: string, change: (item: OutboxItem) => Change | undefined): Promise<OutboxItem | undefined>
  file(id: string): Promise<StoredFile | undefined>
  /** Forgets what left the outbox before a moment and was decided, and files that nothing needs now. */
  forget(before: number, now: number): Promise<void>
}

/** The device has no room. What was to be kept is not kept, and nothing else is lost. */
export class DeviceFull extends Error {
  override readonly name = 'DeviceFull'
  constructor(cause?: unknown) {
    super('This device has no room left', { cause })
  }
}

/** The device's storage does not work. */
export class DeviceFailed extends Error {
  override readonly name = 'DeviceFailed'
  constructor(cause?: unknown) {
    super('This device’s storage does not answer', { cause })
  }
}

/** What items are made of besides what was handed in. */
export interface Found {
  /** The items there are. */
  items: OutboxItem[]
  /** Core's id of a record, when it was begun by an earlier item. */
  begunAs: (recordId: string) => string | undefined
  draft: (id: string) => LocalDraft | undefined
}

/** The items of what was handed in, as they are first kept. */
export function newItems(entry: NewEntry, found: Found): OutboxItem[] {
  const made: OutboxItem[] = []
  for (const one of entry.submissions) {
    const item = newItem(one, entry, { ...found, items: [...found.items, ...made] })
    const first = made[0]
    made.push(first ? { ...item, follows: first.id } : item)
  }
  return made
}

function newItem(
  { id, submission }: NewEntry['submissions'][number],
  { userId, at, files }: NewEntry,
  found: Found,
): OutboxItem {
  const draft = submission.draftId === undefined ? undefined : found.draft(submission.draftId)
  const wanted = filesIn(submission.body)
  const begins = found.items.some(
    (item) => item.recordId === submission.recordId && item.isNew && item.leftAt === undefined,
  )
  const isNew = submission.isNew || begins
  const eventId = found.begunAs(submission.recordId) ?? (isNew ? undefined : submission.recordId)
  return {
    ...submission,
    isNew,
    id,
    userId,
    sequence: found.items.reduce((most, item) => Math.max(most, item.sequence), 0) + 1,
    createdAt: at,
    ...(eventId !== undefined && { eventId }),
    ...(draft?.begun && { recordAsked: true }),
    assigned: false,
    round: 0,
    takeOver: false,
    // Those that nobody handed in may be on the device already, since they were chosen.
    files: [...wanted].map((wantedId) => {
      const file = files.find((one) => one.id === wantedId)
      return { id: wantedId, name: file?.name ?? '', size: file?.bytes.byteLength ?? 0, sent: 0 }
    }),
    inDoubt: false,
    ...(draft && { draft }),
    state: { is: 'waiting', since: at },
    story: [{ at, is: 'waiting' }],
  }
}

/** What clears away at Core what was begun for an item that goes, when nothing else on the device is of that record. */
export function undoOf(
  change: Change,
  others: OutboxItem[],
  drafts: Pick<LocalDraft, 'recordId'>[],
): OutboxItem | undefined {
  const undo = change.is === 'drop' ? change.undo : undefined
  if (!undo) return undefined
  const isUsed =
    others.some((other) => recordOf(other) === recordOf(undo)) ||
    drafts.some(({ recordId }) => recordId === undo.recordId)
  return isUsed ? undefined : undo
}

/** The files that nobody needs any more once an item is kept like this, or gone. */
export function filesLetGo(before: OutboxItem, change: Change, others: OutboxItem[]): string[] {
  const needed = (item: OutboxItem) => item.leftAt === undefined
  if (change.is === 'keep' && needed(change.item)) return []
  // A draft that is put back wants them again.
  const back = filesIn(change.draft)
  const used = new Set(others.filter(needed).flatMap((item) => item.files.map((file) => file.id)))
  return before.files.map((file) => file.id).filter((id) => !back.has(id) && !used.has(id))
}

/** Whether an item may be forgotten: it was decided long ago, and the person knows what became of it. */
export function isForgotten(item: OutboxItem, before: number): boolean {
  if (item.leftAt === undefined || item.leftAt >= before) return false
  if (item.state.is === 'refused') return item.seenAt !== undefined
  return item.state.is === 'approved'
}
