// Records kept on the device. Every record that is read is kept, so that it can be read again
// without a network; those not looked at for long make room.
import type { Api, EventDocument } from '../api/client'
import type { PersonalDatabase } from '../device/database'
import type { DownloadedRecord } from './downloaded'

const MOST_RECORDS = 500

/** Reads a record from Core and keeps it. */
export async function download(
  api: Api,
  database: PersonalDatabase,
  id: string,
  now: () => number,
): Promise<DownloadedRecord> {
  const { data } = await api.GET('/events/{eventId}', { params: { path: { eventId: id } } })
  if (!data) throw new Error('Core gave no record')
  return keepRecord(database, data, now())
}

export async function keepRecord(
  database: PersonalDatabase,
  document: EventDocument,
  downloadedAt: number,
): Promise<DownloadedRecord> {
  const record: DownloadedRecord = { id: document.id, document, downloadedAt }
  await database.put('records', record)
  if ((await database.count('records')) > MOST_RECORDS) await makeRoom(database)
  return record
}

async function makeRoom(database: PersonalDatabase): Promise<void> {
  const all = await database.getAll('records')
  all.sort((a, b) => a.downloadedAt - b.downloadedAt)
  const transaction = database.transaction('records', 'readwrite')
  for (const { id } of all.slice(0, all.length - MOST_RECORDS)) void transaction.store.delete(id)
  await transaction.done
}
