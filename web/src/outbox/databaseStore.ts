// The outbox in IndexedDB. Transactions are `strict`: what is said to be kept is on the disk.
import type { PersonalDatabase } from '../device/database'
import type { LocalDraft } from '../forms/draft'
import type { OutboxItem } from './item'
import { type Change, goesWith } from './machine'
import {
  DeviceFailed,
  DeviceFull,
  filesLetGo,
  isForgotten,
  type NewEntry,
  newItems,
  type OutboxStore,
  undoOf,
} from './store'
import { forgetUnusedFiles } from './unusedFiles'

const ALL = ['outbox', 'files', 'drafts', 'begun'] as const

export class DatabaseStore implements OutboxStore {
  private opened: Promise<PersonalDatabase> | undefined

  /** Opens again after a failure: some browsers lose a connection that rests. */
  constructor(private readonly open: () => Promise<PersonalDatabase>) {}

  async close(): Promise<void> {
    const { opened } = this
    this.opened = undefined
    await opened?.then(
      (db) => db.close(),
      () => undefined,
    )
  }

  private database(): Promise<PersonalDatabase> {
    this.opened ??= this.open()
    return this.opened
  }

  add(entry: NewEntry): Promise<OutboxItem[]> {
    return this.write(async (tx) => {
      const drafts = new Map((await tx.objectStore('drafts').getAll()).map((one) => [one.id, one]))
      const begun = new Map(
        (await tx.objectStore('begun').getAll()).map((one) => [one.recordId, one.eventId]),
      )
      const added = newItems(entry, {
        items: await tx.objectStore('outbox').getAll(),
        begunAs: (recordId) => begun.get(recordId),
        draft: (id) => drafts.get(id),
      })
      for (const file of entry.files) await tx.objectStore('files').put(file)
      for (const item of added) {
        for (const file of item.files) {
          const kept = await tx.objectStore('files').get(file.id)
          if (kept) Object.assign(file, { name: kept.name, size: kept.bytes.byteLength })
        }
        await tx.objectStore('outbox').add(item)
        if (item.draft) await tx.objectStore('drafts').delete(item.draft.id)
      }
      return added
    })
  }

  all(): Promise<OutboxItem[]> {
    return this.read((db) => db.getAll('outbox'))
  }

  change(id: string, change: (item: OutboxItem) => Change | undefined): Promise<OutboxItem | undefined> {
    return this.write(async (tx) => {
      const outbox = tx.objectStore('outbox')
      const before = await outbox.get(id)
      if (!before) return undefined
      const changed = change(before)
      if (!changed) return before
      if (changed.is === 'drop') await outbox.delete(id)
      else await outbox.put(changed.item)
      if (changed.draft) await putBack(changed.draft, id, tx.objectStore('drafts'))
      if (changed.is === 'drop' || changed.draft)
        for (const other of await outbox.getAll()) if (goesWith(other, before)) await outbox.delete(other.id)
      if (changed.is === 'drop' && changed.undo) {
        const undo = undoOf(changed, await outbox.getAll(), await tx.objectStore('drafts').getAll())
        if (undo) await outbox.put(undo)
      }
      const leaves = changed.is === 'drop' || changed.item.leftAt !== undefined
      if (leaves && before.leftAt === undefined && before.files.length > 0) {
        const others = (await outbox.getAll()).filter((item) => item.id !== id)
        for (const file of filesLetGo(before, changed, others)) await tx.objectStore('files').delete(file)
      }
      if (changed.is === 'keep' && changed.begun !== undefined) {
        const { begun } = changed
        await tx.objectStore('begun').put({ recordId: before.recordId, eventId: begun })
        for (const other of await outbox.index('by-record').getAll(before.recordId))
          if (other.id !== id) await outbox.put({ ...other, eventId: begun })
      }
      return changed.is === 'keep' ? changed.item : undefined
    })
  }

  file(id: string) {
    return this.read((db) => db.get('files', id))
  }

  async forget(before: number, now: number): Promise<void> {
    await this.write(async (tx) => {
      const outbox = tx.objectStore('outbox')
      for (const item of await outbox.getAll()) if (isForgotten(item, before)) await outbox.delete(item.id)
    })
    await this.read((db) => forgetUnusedFiles(db, now))
  }

  private async read<T>(f: (db: PersonalDatabase) => Promise<T>): Promise<T> {
    try {
      return await f(await this.database())
    } catch (error) {
      await this.close()
      throw new DeviceFailed(error)
    }
  }

  private async write<T>(f: (tx: Writing) => Promise<T>): Promise<T> {
    let tx: Writing | undefined
    try {
      tx = writing(await this.database())
      tx.done.catch(() => undefined)
      const result = await f(tx)
      await tx.done
      return result
    } catch (error) {
      try {
        tx?.abort()
      } catch {
        // It has ended already.
      }
      if (isFull(error) || isFull(tx?.error)) throw new DeviceFull(error)
      await this.close()
      throw new DeviceFailed(error)
    }
  }
}

const writing = (db: PersonalDatabase) => db.transaction(ALL, 'readwrite', { durability: 'strict' })
type Writing = ReturnType<typeof writing>

/** Whoever has begun the same again meanwhile keeps that, too. */
async function putBack(
  draft: LocalDraft,
  itemId: string,
  drafts: { get(id: string): Promise<unknown>; put(draft: LocalDraft): Promise<unknown> },
): Promise<void> {
  const taken = (await drafts.get(draft.id)) !== undefined
  await drafts.put(taken ? { ...draft, id: `${draft.id}/${itemId}` } : draft)
}

const isFull = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'QuotaExceededError'
