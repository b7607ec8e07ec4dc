// Files on the device that nothing needs any more: pictures that were taken again, those of forgotten drafts, and
// copies of what was looked at. A phone has little room, and the outbox goes first.
import type { PersonalDatabase } from '../device/database'

const DAY = 24 * 3600_000
/** A form that is open may hold a file that nothing names yet. */
const STAYS = DAY
/** What was read of Core can be read again, unless there is no network for so long. */
const COPY_STAYS = 30 * DAY
/** All copies together, in bytes. */
const COPIES = 150 * 1024 * 1024

interface Copy {
  key: string
  age: number
  size: number
}

/** Ids of files that wait in the outbox or in a draft. */
async function needed(db: PersonalDatabase): Promise<Set<string>> {
  const ids = new Set<string>()
  const [items, drafts] = await Promise.all([db.getAll('outbox'), db.getAll('drafts')])
  const drafted: unknown[] = drafts
  for (const item of items) {
    if (item.leftAt === undefined) for (const { id } of item.files) ids.add(id)
    if (item.draft) drafted.push(item.draft)
  }
  for (const [, id] of JSON.stringify(drafted).matchAll(/"device:([^"\\]+)"/g)) if (id) ids.add(id)
  return ids
}

/** Deletes what is needed no longer. One file after the other, so that nothing else has to wait. */
export async function forgetUnusedFiles(db: PersonalDatabase, now: number): Promise<void> {
  const keep = await needed(db)
  const copies: Copy[] = []
  for (const key of await db.getAllKeys('files')) {
    if (keep.has(key)) continue
    const file = await db.get('files', key)
    if (!file) continue
    // A clock that was set back says nothing of the age: as long ago as it is ahead.
    const age = Math.abs(now - file.addedAt)
    if (file.path === key) copies.push({ key, age, size: file.bytes.byteLength })
    else if (age > STAYS) await db.delete('files', key)
  }
  let room = COPIES
  for (const { key, age, size } of copies.sort((a, b) => a.age - b.age)) {
    room -= size
    if (age > COPY_STAYS || room < 0) await db.delete('files', key)
  }
}
