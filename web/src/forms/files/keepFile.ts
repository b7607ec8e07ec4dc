// A picture or document on its way into an answer: looked at, made smaller, and kept on the device until
// it can be sent.
import type { PersonalDatabase } from '../../device/database'
import { localPath, type StoredFile } from '../../device/file'

/** What a field takes. */
export interface FileLimits {
  /** Bytes. */
  most: number
  /** Such as `image/png`. */
  types: readonly string[]
}

/** What an answer says of a file. */
export interface FileAnswer {
  path: string
  originalFilename: string
  type: string
}

export type Refused = 'type' | 'size' | 'unreadable'

/** The field does not take this file. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused'
  constructor(
    readonly why: Refused,
    readonly limits: FileLimits,
  ) {
    super(`The file is refused: ${why}`)
  }
}

export interface FileKeeping {
  database: () => Promise<Pick<PersonalDatabase, 'put'>>
  newId: () => string
  now: () => number
  /** A picture of at most this many pixels a side, as JPEG; rejects when it is no picture. */
  shrink: (file: Blob, longestSide: number, quality: number) => Promise<Blob>
  digest: (bytes: ArrayBuffer) => Promise<string>
}

const LONGEST_SIDE = 2000
const QUALITY = 0.8
const DEFAULT_MOST = 5 * 1024 * 1024
const DEFAULT_TYPES = ['image/png', 'image/jpeg', 'application/pdf']
const PICTURES = ['image/png', 'image/jpeg']

/** What a field of files or a signature takes, by its configuration. */
export function limitsOf(
  configuration: Record<string, unknown> | undefined,
  types = DEFAULT_TYPES,
): FileLimits {
  const { maxFileSize, acceptedFileTypes } = configuration ?? {}
  const named = Array.isArray(acceptedFileTypes) ? acceptedFileTypes.map(String) : types
  return {
    most: typeof maxFileSize === 'number' ? maxFileSize : DEFAULT_MOST,
    // `image/jpg` is no type, but configurations name it.
    types: [...new Set(named.map((type) => (type === 'image/jpg' ? 'image/jpeg' : type)))],
  }
}

/**
 * Keeps a file on the device.
 * @throws FileRefused; whatever the device says when it has no room
 */
export async function keepFile(file: File, limits: FileLimits, keeping: FileKeeping): Promise<FileAnswer> {
  const made = await prepared(file, limits, keeping)
  if (!limits.types.includes(made.type)) throw new FileRefused('type', limits)
  if (made.size > limits.most) throw new FileRefused('size', limits)
  const bytes = await made.arrayBuffer()
  const stored: StoredFile = {
    id: keeping.newId(),
    name: nameFor(file.name, made.type),
    type: made.type,
    bytes,
    digest: await keeping.digest(bytes),
    addedAt: keeping.now(),
  }
  await (await keeping.database()).put('files', stored)
  return { path: localPath(stored.id), originalFilename: stored.name, type: stored.type }
}

/** Pictures are made smaller, also ones of kinds that the field does not take; the rest is as it is. */
async function prepared(file: File, limits: FileLimits, { shrink }: FileKeeping): Promise<Blob> {
  const type = file.type === 'image/jpg' ? 'image/jpeg' : file.type
  const original = type === file.type ? file : new Blob([file], { type })
  const becomesPicture = type.startsWith('image/') && type !== 'image/svg+xml'
  if (!becomesPicture || !limits.types.includes('image/jpeg')) return original
  let smaller: Blob
  try {
    smaller = await shrink(original, LONGEST_SIDE, QUALITY)
  } catch {
    if (PICTURES.includes(type)) throw new FileRefused('unreadable', limits)
    throw new FileRefused('type', limits)
  }
  const mayStay = limits.types.includes(type) && original.size <= limits.most
  return mayStay && original.size <= smaller.size ? original : smaller
}

/** The name's ending follows what the file has become. */
function nameFor(name: string, type: string): string {
  const ending = { 'image/jpeg': '.jpg', 'image/png': '.png' }[type]
  if (!ending || /\.(jpe?g)$/i.test(name) === (type === 'image/jpeg')) return name
  return type === 'image/jpeg' ? `${name.replace(/\.[^.]*$/, '')}${ending}` : name
}
