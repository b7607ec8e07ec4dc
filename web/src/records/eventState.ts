// What a record's actions add up to, as Core's `EventIndex` has it on the wire.
import type { Schemas } from '../api/client'

export type EventStatus = Schemas['EventIndex']['status']
export type ActionType = Schemas['Action']['type']
/** Answers by field id; `null` clears one. */
export type Answers = Record<string, unknown>

/** A step with legal effect: who took it, where and when. */
export interface LegalStep {
  createdAt: string
  createdBy: string
  createdByUserType: 'user' | 'system'
  createdAtLocation?: string | undefined
  acceptedAt: string
  createdByRole?: string | undefined
  registrationNumber?: string | undefined
}

interface LegalStatuses {
  DECLARED?: LegalStep | undefined
  REGISTERED?: LegalStep | undefined
}

export interface EventState {
  id: string
  type: string
  status: EventStatus
  legalStatuses: LegalStatuses
  createdAt: string
  createdBy: string
  createdByUserType: 'user' | 'system'
  createdAtLocation?: string | undefined
  updatedAt: string
  updatedBy: string
  updatedByUserRole?: string | undefined
  updatedAtLocation?: string | undefined
  assignedTo?: string | undefined
  trackingId: string
  placeOfEvent?: string | undefined
  /** `YYYY-MM-DD`. */
  dateOfEvent?: string | undefined
  potentialDuplicates: { id: string; trackingId: string }[]
  /** Those of actions first, then the inherent ones, then the country's own. */
  flags: string[]
  /** In lists, as Core serves them: what the country has not decided on, and since when. */
  pendingActions?: { type: string; customActionType?: string | null; requestedAt: string }[] | undefined
  /** All answers, without cleared fields. */
  declaration: Answers
}
