/** A picture or document on the device: to be uploaded before the action that refers to it, or kept for reading offline. */
export interface StoredFile {
  /** Chosen on this device; the upload's transaction id. */
  id: string
  name: string
  type: string
  /** As bytes, not a Blob: some browsers lose Blobs that are kept in IndexedDB. */
  bytes: ArrayBuffer
  /** SHA-256, as hexadecimal digits. */
  digest: string
  /** Core's path, once it has the file whole. */
  path?: string
  addedAt: number
}

/** In an answer, stands for the path of a file that is not uploaded yet: `device:<id of the StoredFile>`. */
export const localPath = (id: string): string => `device:${id}`

/** The id in such a path; undefined for a path of Core's. */
export const localFileId = (path: string): string | undefined =>
  path.startsWith('device:') ? path.slice('device:'.length) : undefined
