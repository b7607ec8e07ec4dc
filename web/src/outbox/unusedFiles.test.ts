import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { openPersonal, type PersonalDatabase } from '../device/database'
import type { LocalDraft } from '../forms/draft'
import type { OutboxItem } from './item'
import { forgetUnusedFiles } from './unusedFiles'

const DAY = 24 * 3600_000
const NOW = 100 * DAY
let person = 0
const open = () => openPersonal(`files-${++person}`)

const add = (db: PersonalDatabase, id: string, age: number, { path = '', size = 1 } = {}) => {
  const bytes = new ArrayBuffer(size)
  const named = path ? { path } : {}
  return db.put('files', { id, name: id, type: 'image/png', bytes, digest: '', addedAt: NOW - age, ...named })
}
const copy = (db: PersonalDatabase, id: string, age: number, size = 1) => add(db, id, age, { path: id, size })
const left = async (db: PersonalDatabase) => {
  await forgetUnusedFiles(db, NOW)
  return db.getAllKeys('files')
}

test('a file stays while an item or a draft needs it, and for a day in case a form that is open does', async () => {
  const db = await open()
  for (const id of ['waiting', 'drafted', 'refused', 'left', 'replaced']) await add(db, id, 2 * DAY)
  await add(db, 'just-taken', DAY / 2)
  const picture = (id: string) =>
    ({ answers: { picture: { path: `device:${id}` } } }) as unknown as LocalDraft
  const item = (id: string, more: Partial<OutboxItem>) =>
    ({ id, files: [{ id, name: '', size: 1, sent: 0 }], ...more }) as OutboxItem
  await db.put('outbox', item('waiting', {}))
  await db.put('outbox', item('left', { leftAt: 1 }))
  await db.put('outbox', item('refused', { leftAt: 1, draft: picture('refused') }))
  await db.put('drafts', { ...picture('drafted'), id: 'd' })
  expect(await left(db)).toEqual(['drafted', 'just-taken', 'refused', 'waiting'])
})

test('copies of what was looked at stay for a month, as far as there is room for the newest', async () => {
  const db = await open()
  await copy(db, 'a/old.png', 31 * DAY)
  await copy(db, 'a/new.png', DAY)
  const large = 100 * 1024 * 1024
  await copy(db, 'a/large.png', 2 * DAY, large)
  await copy(db, 'a/older-and-large.png', 3 * DAY, large)
  expect(await left(db)).toEqual(['a/large.png', 'a/new.png'])
})
