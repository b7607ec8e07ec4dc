// What the outbox needs of Core, and how Core's answers look to it. An answer is a value and never
// an exception, so that none can be overlooked.
import type { OutboxItem } from './item'

/** Core's own word, or the lack of it. */
export type Answer<T> =
  | { is: 'done'; value: T }
  | { is: 'refused'; refusal: CoreRefusal }
  /** Not Core's word: whether it did what was asked is not known. */
  | { is: 'silent'; why: 'no-answer' | 'not-core'; message?: string }
  /** Core does not take the person's token, or there is none. Nothing was done. */
  | { is: 'signed-out' }

export interface CoreRefusal {
  status: number
  message: string
  fields?: { field: string; messageId: string; message: string }[]
  details?: Record<string, unknown>
  /** Seconds. */
  retryAfter?: number
}

/** What an action has become, as Core tells it. */
export type Standing =
  /** Written down and safe; country config has not acknowledged it. */
  | { is: 'undelivered'; actionId: string; attempts: number; lastError?: string; nextAttemptAt?: number }
  /** Country config has it. */
  | { is: 'undecided'; actionId: string }
  | { is: 'approved'; actionId: string }
  | { is: 'refused'; actionId: string; reason: string | null; handedBack: boolean; byHand: boolean }
  /** It was not done: these may be the same. Asking again under the same id changes nothing. */
  | { is: 'held-back'; details: Record<string, unknown> }

export interface Core {
  /** Begins a record; the same transaction begins one record, however often it asks. Gives its id. */
  begin(eventType: string, transactionId: string, signal: AbortSignal): Promise<Answer<string>>
  assign(eventId: string, transactionId: string, signal: AbortSignal): Promise<Answer<null>>
  /** Takes a record out of whosoever hands. */
  unassign(eventId: string, transactionId: string, signal: AbortSignal): Promise<Answer<null>>
  /** Asks for the action; waits a while for country config. The item's id is the transaction's. */
  act(item: OutboxItem, body: Record<string, unknown>, signal: AbortSignal): Promise<Answer<Standing>>
  /**
   * The correction that was asked for under this transaction id, to be approved: Core's id of it;
   * null as long as the country has not decided whether it takes it.
   */
  correction(eventId: string, transactionId: string, signal: AbortSignal): Promise<Answer<string | null>>
  /** The record that this transaction began; null: there is none. */
  begun(transactionId: string, signal: AbortSignal): Promise<Answer<string | null>>
  /** What Core has under the item's transaction id; null: it has never seen it. */
  standing(item: OutboxItem, signal: AbortSignal): Promise<Answer<Standing | null>>
  uploads: Uploads
}

interface NewUpload {
  transactionId: string
  fileName: string
  contentType: string
  size: number
  sha256: string
}

/** An upload as Core has it; `path` once it is whole. */
export interface Upload {
  id: string
  offset: number
  path?: string
}

interface Uploads {
  /** Begins an upload, or says how far the one of this transaction is. */
  begin(upload: NewUpload, signal: AbortSignal): Promise<Answer<Upload>>
  append(id: string, offset: number, chunk: ArrayBuffer, signal: AbortSignal): Promise<Answer<Upload>>
}
