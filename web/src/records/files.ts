// A record's pictures and documents: from the device when they were read before, otherwise from Core.
import { NoAnswer, refusalOf } from '../api/errors'
import type { PersonalDatabase } from '../device/database'
import { localFileId } from '../device/file'
import type { FileAnswer } from './filesOf'

interface ReadFile {
  bytes: ArrayBuffer
  type: string
}

/** Core's address of a file's path. */
const fileAddress = (path: string): string =>
  `/attachments/${path.replace(/^\/+/, '').split('/').map(encodeURIComponent).join('/')}`

/**
 * Reads a file and keeps it, so that it can be seen without a network.
 * @throws NoAnswer when it is not on the device and nobody answers; Refusal when Core says no.
 */
export async function readFile(
  database: PersonalDatabase,
  file: FileAnswer,
  token: string | undefined,
  send: typeof fetch,
  now: () => number,
): Promise<ReadFile> {
  const id = localFileId(file.path) ?? file.path
  const kept = await database.get('files', id)
  if (kept) return { bytes: kept.bytes, type: kept.type }
  let response: Response
  try {
    response = await send(fileAddress(file.path), {
      headers: token ? { authorization: `Bearer ${token}` } : {},
    })
  } catch (error) {
    throw new NoAnswer(error)
  }
  if (!response.ok) throw await refusalOf(response)
  const bytes = await response.arrayBuffer()
  const type = (response.headers.get('content-type') ?? file.type).split(';')[0] ?? ''
  const stored = { id, name: file.name, type, bytes, digest: '', path: file.path, addedAt: now() }
  await database.put('files', stored).catch(() => undefined)
  return { bytes, type }
}
