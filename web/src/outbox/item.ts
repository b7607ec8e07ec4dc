// What the outbox keeps of one submission. The machine that moves it on is in `machine.ts`.
import type { LocalDraft } from '../forms/draft'

/** Actions that a person can put into the outbox. */
export type OutboxAction =
  | 'NOTIFY'
  | 'DECLARE'
  | 'EDIT'
  | 'REGISTER'
  | 'REJECT'
  | 'ARCHIVE'
  | 'PRINT_CERTIFICATE'
  | 'REQUEST_CORRECTION'
  | 'APPROVE_CORRECTION'
  | 'REJECT_CORRECTION'
  | 'CUSTOM'
  | 'MARK_AS_DUPLICATE'
  | 'MARK_AS_NOT_DUPLICATE'
  | 'DELETE'

/** What a form, a dialog or a list hands to the outbox. */
export interface NewSubmission {
  /** The record: Core's id, or one chosen on this device for a record that Core does not know yet. */
  recordId: string
  /** The record begins with this submission. */
  isNew: boolean
  eventType: string
  action: OutboxAction
  /** Take the record into one's hands first, as Core wants it of persons. */
  assign: boolean
  /** The body of `POST /events/{id}/actions/{action}` but for the transaction id; `device:` paths stand for files that wait. */
  body: Record<string, unknown>
  /** What a person knows it by, such as the child's name. */
  title: string
  /** Why they may be edited and sent again: the draft that this came from. */
  draftId?: string
  /** Only clears away the record that Core began for something that the person has taken back; nobody waits for it. */
  undoes?: true
}

/**
 * Where a submission stands. Every one of these is shown in plain words, none is ever skipped. Why
 * it is not further, since when and after how many tries, is in the item's `trouble`.
 */
export type OutboxState =
  /** On this device only, as far as is known: no network, Core did not answer, or another of the same record goes first. */
  | { is: 'waiting'; since: number }
  | { is: 'sending'; since: number; step: SendingStep }
  /** Core has it for good; country config has not acknowledged it yet. */
  | ({ is: 'received'; since: number } & CountryDelivery)
  /** Country config has it, and has not decided. */
  | { is: 'in-external-validation'; since: number }
  | { is: 'approved'; at: number }
  | { is: 'refused'; at: number; reason: string | null; handedBack: boolean; byHand: boolean }
  /** Core will not take it as it is, or something else that a person has to look at. Nothing goes on by itself. */
  | { is: 'needs-attention'; at: number; problem: Problem }

type SendingStep = 'record' | 'assignment' | 'files' | 'action'

/** How far Core's delivery to country config is, as Core last told it. */
interface CountryDelivery {
  attempts: number
  lastError?: string
  nextAttemptAt?: number
}

/** What a person has to decide about. */
export interface Problem {
  kind:
    | 'conflict'
    | 'invalid'
    | 'forbidden'
    | 'gone'
    /** A file is no longer on this device, or Core does not take it. */
    | 'file'
    /** Core found records that this may be a duplicate of, and did not register. */
    | 'duplicate'
    | 'unexpected'
  status?: number
  message: string
  fields?: { field: string; messageId: string; message: string }[]
  details?: Record<string, unknown>
}

/** Why the last tries came to nothing, though there is no harm in trying again. */
export interface Trouble {
  kind:
    | 'no-answer'
    /** Something answered that is not Core: a proxy, or a network that wants one to sign in first. */
    | 'not-core'
    /** Core answered that it has a fault, or asked to be left alone for a while. */
    | 'core-busy'
    | 'signed-out'
    /** The record waits for the country's decision on an earlier action; Core takes no other. */
    | 'undecided'
    /** Nobody holds the record any more: it is taken again. */
    | 'not-held'
    /** Whether Core has the action is not known, and Core is to be asked. */
    | 'in-doubt'
  /** What was answered, in Core's own words. */
  message?: string
  /** Since when there is trouble without a break, of whatever kind. */
  since: number
  /** Tries since then. */
  attempts: number
}

/** When to try again. A device's clock may be set back, so that a moment alone would not do. */
export interface Pause {
  from: number
  /** Milliseconds. */
  lasts: number
  /** Milliseconds that are waited even if something speaks for trying sooner: Core has asked for it. */
  atLeast: number
}

/** A file that goes ahead of the action. */
interface ItemFile {
  /** Of the `StoredFile`. */
  id: string
  name: string
  size: number
  /** Bytes that Core has. */
  sent: number
  /** Core's path, once it has the file whole. */
  path?: string
}

export interface OutboxItem extends NewSubmission {
  /** The transaction id of the action, for as long as the item lives. Steps before it have ids made from this one. */
  id: string
  userId: string
  /** Strict order on this device. */
  sequence: number
  createdAt: number
  /** The first of those it was handed in together with: taken back with it. */
  follows?: string
  /** Core's id of the record, once known. */
  eventId?: string
  /** Core was asked to begin the record: it may have, whatever came back. */
  recordAsked?: true
  /** The action, once Core has written it down. */
  actionId?: string
  /** The step before the action is done: the record is in the person's hands. */
  assigned: boolean
  /** How often the record was taken for this: a new try to take it is a transaction of its own. */
  round: number
  /** Whoever holds the record loses it: a person has decided so. */
  takeOver: boolean
  files: ItemFile[]
  /** The action went out at least once without an answer that could be believed: Core may have it. */
  inDoubt: boolean
  /** A refusal that came while another try was in doubt: counts once Core says that it has nothing. */
  refusal?: Problem
  /** A person wants it back, and it is not known yet whether that is possible. */
  wish?: 'discard' | 'edit'
  trouble?: Trouble
  pause?: Pause
  /** The draft as it was, to be put back when the person wants to edit. */
  draft?: LocalDraft
  state: OutboxState
  /** When country config had acknowledged it: it has left the outbox, and is shown for a while as done. */
  leftAt?: number
  /** The person has seen that it was refused. */
  seenAt?: number
  /** Every change of state, newest last, bounded: what a person is shown as its story. */
  story: StoryEntry[]
}

export interface StoryEntry {
  at: number
  is: OutboxState['is']
  note?: 'not-cancelled' | 'taken-over' | 'tried-again' | 'sent-again'
}
