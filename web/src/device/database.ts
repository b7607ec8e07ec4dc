// What the desk keeps on the device. One database is everybody's: the country's documents and who
// has signed in here. Each person has another of their own, so that nobody ever opens somebody
// else's outbox.
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { LocalDraft } from '../forms/draft'
import type { OutboxItem } from '../outbox/item'
import type { DownloadedRecord } from '../records/downloaded'
import type { DeviceAccount } from '../session/account'
import type { StoredFile } from './file'

interface CommonSchema extends DBSchema {
  /** The country's documents as Core serves them, by path: `/config`, `/workqueues`, … */
  documents: { key: string; value: { path: string; etag: string | null; body: unknown; fetchedAt: number } }
  accounts: { key: string; value: DeviceAccount }
  /** Choices of this device: language, theme. */
  choices: { key: string; value: unknown }
}

interface PersonalSchema extends DBSchema {
  outbox: { key: string; value: OutboxItem; indexes: { 'by-sequence': number; 'by-record': string } }
  /** Pictures and documents that wait to be uploaded, or were downloaded with a record. */
  files: { key: string; value: StoredFile }
  drafts: { key: string; value: LocalDraft }
  /** Core's ids of records that began on this device under another. */
  begun: { key: string; value: { recordId: string; eventId: string } }
  records: { key: string; value: DownloadedRecord }
  /** Answers of Core that lists were last drawn from, to be shown without a network. */
  answers: { key: string; value: { key: string; body: unknown; fetchedAt: number } }
}

export type CommonDatabase = IDBPDatabase<CommonSchema>
export type PersonalDatabase = IDBPDatabase<PersonalSchema>

export const openCommon = (): Promise<CommonDatabase> =>
  openDB<CommonSchema>('countersign', 1, {
    upgrade(db) {
      db.createObjectStore('documents', { keyPath: 'path' })
      db.createObjectStore('accounts', { keyPath: 'userId' })
      db.createObjectStore('choices')
    },
  })

/** Opens what belongs to one person on this device. */
export const openPersonal = (userId: string): Promise<PersonalDatabase> =>
  openDB<PersonalSchema>(`countersign.person.${userId}`, 1, {
    upgrade(db) {
      const outbox = db.createObjectStore('outbox', { keyPath: 'id' })
      outbox.createIndex('by-sequence', 'sequence')
      outbox.createIndex('by-record', 'recordId')
      db.createObjectStore('files', { keyPath: 'id' })
      db.createObjectStore('drafts', { keyPath: 'id' })
      db.createObjectStore('begun', { keyPath: 'recordId' })
      db.createObjectStore('records', { keyPath: 'id' })
      db.createObjectStore('answers', { keyPath: 'key' })
    },
    // A new version of the desk in another tab changes the database: this one must not stand in its way.
    blocking(_, __, event) {
      if (event.target instanceof IDBDatabase) event.target.close()
    },
  })

/**
 * Asks the browser not to clear what is kept here when it needs space. Without this, a phone that
 * runs full may forget an outbox.
 */
export async function keepForGood(): Promise<boolean> {
  if (!navigator.storage?.persist) return false
  return (await isKeptForGood()) || navigator.storage.persist()
}

/** Whether the browser has promised that. */
export const isKeptForGood = async (): Promise<boolean> => (await navigator.storage?.persisted?.()) ?? false
