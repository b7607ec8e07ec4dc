import type { EventDocument } from '../api/client'

/** A record that was read, kept to be read again without a network. */
export interface DownloadedRecord {
  id: string
  document: EventDocument
  downloadedAt: number
}
