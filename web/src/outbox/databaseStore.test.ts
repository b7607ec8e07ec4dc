import 'fake-indexeddb/auto'
import { IDBObjectStore } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openPersonal, type PersonalDatabase } from '../device/database'
import type { LocalDraft } from '../forms/draft'
import { DatabaseStore } from './databaseStore'
import type { NewSubmission, OutboxItem } from './item'
import { withdraw } from './machine'
import type { Watcher } from './simulation/disk'
import { type Looked, run } from './simulation/run'
import { DeviceFailed, DeviceFull, type OutboxStore } from './store'

let db: PersonalDatabase
let store: DatabaseStore
let person = 0

beforeEach(async () => {
  db = await openPersonal(`person-${++person}`)
  const name = `person-${person}`
  store = new DatabaseStore(() => openPersonal(name))
})
afterEach(async () => {
  await store.close()
  vi.restoreAllMocks()
  db.close()
})

const draft = (id: string): LocalDraft => ({
  id,
  recordId: 'r1',
  isNew: true,
  eventType: 'birth',
  action: 'DECLARE',
  declaration: { name: 'Ann', picture: 'device:f1' },
  annotation: {},
  title: 'Ann',
  changedAt: 1,
})

const submission = (more: Partial<NewSubmission> = {}): NewSubmission => ({
  recordId: 'r1',
  isNew: true,
  eventType: 'birth',
  action: 'DECLARE',
  assign: true,
  body: { declaration: { name: 'Ann', picture: 'device:f1' } },
  title: 'Ann',
  ...more,
})

const file = (id: string) => ({
  id,
  name: `${id}.jpg`,
  type: 'image/jpeg',
  bytes: new ArrayBuffer(8),
  digest: 'd',
  addedAt: 1,
})

const add = async (id: string, more: Partial<NewSubmission> = {}) => {
  const submissions = [{ id, submission: submission(more) }]
  const [item] = await store.add({ userId: 'me', at: 5, submissions, files: [file('f1')] })
  if (!item) throw new Error('nothing was added')
  return item
}

const drop = (id: string, to: 'discard' | 'edit') =>
  store.change(id, (item) => {
    const withdrawal = withdraw(item, to, 6)
    return withdrawal.is === 'too-late' ? undefined : withdrawal.change
  })

describe('the database of an outbox', () => {
  test('takes the draft in and keeps it and its files in one go', async () => {
    await db.put('drafts', draft('d1'))
    const item = await add('one', { draftId: 'd1' })
    expect(item).toMatchObject({ sequence: 1, draft: { id: 'd1' }, files: [{ id: 'f1', size: 8 }] })
    expect(await db.getAll('drafts')).toEqual([])
    expect(await db.getAll('outbox')).toEqual([item])
    expect((await store.file('f1'))?.name).toBe('f1.jpg')
    expect((await add('two')).sequence).toBe(2)
  })

  test('loses nothing when the device is full', async () => {
    await db.put('drafts', draft('d1'))
    const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('no room', 'QuotaExceededError')
    })
    await expect(add('one', { draftId: 'd1' })).rejects.toBeInstanceOf(DeviceFull)
    full.mockRestore()
    expect(await db.getAll('outbox')).toEqual([])
    expect(await db.getAll('files')).toEqual([])
    expect(await db.getAll('drafts')).toEqual([draft('d1')])
    await add('one', { draftId: 'd1' })
  })

  test('puts the draft back, with its files, when somebody wants to edit', async () => {
    await db.put('drafts', draft('d1'))
    await add('one', { draftId: 'd1' })
    await drop('one', 'edit')
    expect(await db.getAll('outbox')).toEqual([])
    expect(await db.getAll('drafts')).toEqual([draft('d1')])
    expect(await store.file('f1')).toBeDefined()
  })

  test('does not overwrite what was begun again meanwhile', async () => {
    await db.put('drafts', draft('d1'))
    await add('one', { draftId: 'd1' })
    await db.put('drafts', { ...draft('d1'), title: 'newer' })
    await drop('one', 'edit')
    expect((await db.getAll('drafts')).map(({ title }) => title).sort()).toEqual(['Ann', 'newer'])
  })

  test('keeps what is handed in together whole, and takes it back whole', async () => {
    await db.put('drafts', draft('d1'))
    const submissions = [
      { id: 'one', submission: submission({ draftId: 'd1' }) },
      { id: 'two', submission: submission({ action: 'REGISTER', isNew: false, body: {} }) },
    ]
    const added = await store.add({ userId: 'me', at: 5, submissions, files: [file('f1')] })
    expect(added.map(({ sequence, isNew, follows }) => [sequence, isNew, follows])).toEqual([
      [1, true, undefined],
      [2, true, 'one'],
    ])
    await drop('one', 'edit')
    expect(await db.getAll('outbox')).toEqual([])
    expect(await db.getAll('drafts')).toEqual([draft('d1')])
  })

  test('lets go of files when nobody needs them any more', async () => {
    await add('one')
    await add('two')
    await drop('one', 'discard')
    expect(await store.file('f1')).toBeDefined()
    await drop('two', 'discard')
    expect(await store.file('f1')).toBeUndefined()
  })

  test('tells all items of a record its id once it is begun, and those that come later', async () => {
    await add('one')
    await add('two', { isNew: false })
    await store.change('one', (item) => ({ is: 'keep', item: { ...item, eventId: 'e' }, begun: 'e' }))
    await add('three', { isNew: false })
    expect((await store.all()).map(({ eventId }) => eventId)).toEqual(['e', 'e', 'e'])
    expect(await add('four', { recordId: 'core', isNew: false })).toMatchObject({ eventId: 'core' })
  })

  test('of one person never holds anything of another', async () => {
    await add('one')
    const other = await openPersonal('somebody-else')
    const theirs = new DatabaseStore(async () => other)
    expect(await theirs.all()).toEqual([])
    expect(await theirs.change('one', (item) => ({ is: 'drop', item }))).toBeUndefined()
    other.close()
    expect(await store.all()).toHaveLength(1)
  })

  test('is there after everything was closed', async () => {
    const item = await add('one')
    await store.close()
    expect(await store.all()).toEqual([item])
  })

  test('opens again when the browser has lost it', async () => {
    let open = await openPersonal(`person-${person}`)
    const lost = new DatabaseStore(async () => {
      open = await openPersonal(`person-${person}`)
      return open
    })
    await lost.all()
    open.close()
    await expect(lost.all()).rejects.toBeInstanceOf(DeviceFailed)
    expect(await lost.all()).toEqual([])
    await lost.close()
  })
})

test('20 lives of the outbox over the real database end well', { timeout: 120_000 }, async () => {
  let asked = 0
  const settle = async () => {
    do await new Promise((done) => setImmediate(done))
    while (asked > 0)
  }
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    asked++
    try {
      return await work
    } finally {
      asked--
    }
  }
  for (let seed = 1; seed <= 20; seed++) {
    const open: PersonalDatabase[] = []
    const disk = async (user: string, watcher: Watcher): Promise<Looked> => {
      const base = await openPersonal(`life-${seed}-${user}`)
      open.push(base)
      return {
        store: watched(new DatabaseStore(async () => base), watcher, counted),
        items: () => base.getAll('outbox'),
        drafts: () => base.getAll('drafts'),
        putDraft: async (kept) => void (await counted(base.put('drafts', kept))),
      }
    }
    const { wrong } = await run(seed, { settle, disk, storm: 8 * 60_000 })
    expect(wrong, `seed ${seed}`).toEqual([])
    for (const base of open) base.close()
  }
})

/** Tells the judge of each write. */
function watched(
  store: OutboxStore,
  watcher: Watcher,
  counted: <T>(work: Promise<T>) => Promise<T>,
): OutboxStore {
  const known = new Map<string, OutboxItem>()
  const tell: Watcher = (id, before, after) => {
    if (after) known.set(id, after)
    else known.delete(id)
    watcher(id, before, after)
  }
  /** What went with another. */
  const tellGone = async () => {
    const there = new Set((await store.all()).map((item) => item.id))
    for (const [id, item] of known) if (!there.has(id)) tell(id, item, undefined)
  }
  return {
    add: (entry) =>
      counted(
        store.add(entry).then((items) => {
          for (const item of items) tell(item.id, undefined, item)
          return items
        }),
      ),
    change: (id, change) => {
      let before: OutboxItem | undefined
      let changed = false
      const changing = store.change(id, (item) => {
        before = item
        const made = change(item)
        changed = made !== undefined
        return made
      })
      return counted(
        changing.then(async (after) => {
          if (changed) tell(id, before, after)
          if (changed) await tellGone()
          return after
        }),
      )
    },
    all: () => counted(store.all()),
    file: (id) => counted(store.file(id)),
    forget: (before, now) => counted(store.forget(before, now)),
  }
}
