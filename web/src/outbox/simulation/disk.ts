// What survives a tab: one person's part of a simulated device, with the semantics of the database.
import type { StoredFile } from '../../device/file'
import type { LocalDraft } from '../../forms/draft'
import type { OutboxItem } from '../item'
import { type Change, goesWith } from '../machine'
import {
  DeviceFull,
  filesLetGo,
  isForgotten,
  type NewEntry,
  newItems,
  type OutboxStore,
  undoOf,
} from '../store'

/** Is shown each item as it is written; undefined when it went. */
export type Watcher = (id: string, before: OutboxItem | undefined, after: OutboxItem | undefined) => void

export class MemoryDisk implements OutboxStore {
  readonly items = new Map<string, OutboxItem>()
  readonly files = new Map<string, StoredFile>()
  readonly drafts = new Map<string, LocalDraft>()
  private readonly begun = new Map<string, string>()

  constructor(
    private readonly isFull: () => boolean = () => false,
    private readonly watcher: Watcher = () => undefined,
  ) {}

  async add(entry: NewEntry): Promise<OutboxItem[]> {
    if (this.isFull()) throw new DeviceFull()
    const added = newItems(entry, {
      items: [...this.items.values()],
      begunAs: (recordId) => this.begun.get(recordId),
      draft: (id) => this.drafts.get(id),
    })
    for (const file of entry.files) this.files.set(file.id, file)
    for (const item of added) {
      for (const file of item.files) {
        const kept = this.files.get(file.id)
        if (kept) Object.assign(file, { name: kept.name, size: kept.bytes.byteLength })
      }
      if (item.draft) this.drafts.delete(item.draft.id)
      this.write(item.id, item)
    }
    return added
  }

  async all(): Promise<OutboxItem[]> {
    return [...this.items.values()]
  }

  async change(
    id: string,
    change: (item: OutboxItem) => Change | undefined,
  ): Promise<OutboxItem | undefined> {
    const before = this.items.get(id)
    if (!before) return undefined
    const changed = change(before)
    if (!changed) return before
    if (changed.is === 'keep' && this.isFull()) throw new DeviceFull()
    const after = changed.is === 'keep' ? changed.item : undefined
    const leaves = !after || after.leftAt !== undefined
    const others = [...this.items.values()].filter((item) => item.id !== id)
    if (leaves && before.leftAt === undefined)
      for (const file of filesLetGo(before, changed, others)) this.files.delete(file)
    const { draft } = changed
    if (draft) {
      const taken = this.drafts.has(draft.id)
      this.drafts.set(
        taken ? `${draft.id}/${id}` : draft.id,
        taken ? { ...draft, id: `${draft.id}/${id}` } : draft,
      )
    }
    this.write(id, after)
    if (changed.is === 'drop' || draft)
      for (const other of others) if (goesWith(other, before)) this.write(other.id, undefined)
    const undo = undoOf(changed, [...this.items.values()], [...this.drafts.values()])
    if (undo) this.write(id, undo)
    if (changed.is === 'keep' && changed.begun !== undefined) {
      this.begun.set(before.recordId, changed.begun)
      for (const other of others)
        if (other.recordId === before.recordId) this.write(other.id, { ...other, eventId: changed.begun })
    }
    return after
  }

  async file(id: string): Promise<StoredFile | undefined> {
    return this.files.get(id)
  }

  async forget(before: number): Promise<void> {
    for (const item of this.items.values()) if (isForgotten(item, before)) this.items.delete(item.id)
  }

  private write(id: string, after: OutboxItem | undefined): void {
    const before = this.items.get(id)
    if (after) this.items.set(id, after)
    else this.items.delete(id)
    this.watcher(id, before, after)
  }
}
