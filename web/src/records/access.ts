// Who may do what to which record. Core checks every call; this is what lets the desk offer only what
// Core will let through.
import type { EventState, LegalStep } from './eventState'
import type { AvailableAction } from './next'
import type { Jurisdiction, Scope } from './scope'
import { isAboutRecords } from './scopeKinds'

/** Who asks, and where they work. Scopes name places relative to these. */
export interface Person {
  id: string
  role?: string | undefined
  primaryOfficeId?: string | undefined
  /** The area that office serves. Without one they serve the whole country. */
  administrativeAreaId?: string | undefined
}

/** A step of a record's, with the hierarchy of the office it was taken in: the uppermost area first. */
interface ReachStep {
  createdBy: string
  createdAtLocation?: readonly string[] | null | undefined
}

/** What of a record decides who may reach it. Places are hierarchies, the place itself last. */
export interface RecordReach {
  type: string
  placeOfEvent?: readonly string[] | null | undefined
  legalStatuses?: { DECLARED?: ReachStep | null | undefined; REGISTERED?: ReachStep | null | undefined }
}

/** Whether one scope lets somebody reach a record: all that narrows the scope must hold. */
export function reaches(scope: Scope, person: Person, record: RecordReach, customActionType?: string | null) {
  if (!isAboutRecords(scope.type)) return false
  const options = scope.options ?? {}
  const { DECLARED: declared, REGISTERED: registered } = record.legalStatuses ?? {}
  return (
    (options.event?.includes(record.type) ?? true) &&
    liesWithin(options.placeOfEvent, person, record.placeOfEvent) &&
    liesWithin(options.declaredIn, person, declared?.createdAtLocation) &&
    isBy(options.declaredBy, person, declared) &&
    liesWithin(options.registeredIn, person, registered?.createdAtLocation) &&
    isBy(options.registeredBy, person, registered) &&
    (scope.type !== 'record.custom-action' ||
      (customActionType != null && (options.customActionTypes?.includes(customActionType) ?? false)))
  )
}

const isBy = (limit: 'user' | undefined, person: Person, step: ReachStep | null | undefined): boolean =>
  limit === undefined || step?.createdBy === person.id

/** Whether a place lies in somebody's jurisdiction; a place that is not known lies in none. */
function liesWithin(
  limit: Jurisdiction | undefined,
  person: Person,
  place: readonly string[] | null | undefined,
): boolean {
  if (limit === undefined || limit === 'all') return true
  if (!place) return false
  const { primaryOfficeId: office, administrativeAreaId: area } = person
  if (limit === 'location') return office != null && place.includes(office)
  return area == null || place.includes(area)
}

/** The kinds of scope any one of which lets somebody take an action; `anyone` needs none. */
const KINDS: Record<string, readonly string[] | 'anyone'> = {
  ASSIGN: 'anyone',
  UNASSIGN: 'anyone',
  READ: ['record.read'],
  CREATE: ['record.create'],
  NOTIFY: ['record.notify'],
  DECLARE: ['record.declare', 'record.register'],
  EDIT: ['record.edit'],
  DELETE: ['record.declare', 'record.notify'],
  REGISTER: ['record.register'],
  REJECT: ['record.reject'],
  ARCHIVE: ['record.archive'],
  PRINT_CERTIFICATE: ['record.print-certified-copies'],
  REQUEST_CORRECTION: ['record.request-correction', 'record.correct'],
  APPROVE_CORRECTION: ['record.correct'],
  REJECT_CORRECTION: ['record.correct'],
  REVIEW_CORRECTION_REQUEST: ['record.correct'],
  MARK_AS_DUPLICATE: ['record.review-duplicates'],
  MARK_AS_NOT_DUPLICATE: ['record.review-duplicates'],
  CUSTOM: ['record.custom-action'],
}

/** Whether somebody's scopes let them take this action on this record. */
export function mayTake(
  action: AvailableAction,
  scopes: readonly Scope[],
  person: Person,
  record: RecordReach,
  customActionType?: string,
): boolean {
  const kinds = KINDS[action] ?? []
  if (kinds === 'anyone') return true
  return scopes.some(
    (scope) => kinds.includes(scope.type) && reaches(scope, person, record, customActionType),
  )
}

/** Whether they may take the record from somebody else who holds it. */
export const mayUnassignOthers = (scopes: readonly Scope[], person: Person, record: RecordReach): boolean =>
  scopes.some((scope) => scope.type === 'record.unassign-others' && reaches(scope, person, record))

/** What of a record's state decides who may reach it; `hierarchy` gives a place with all areas above it. */
export function reachOf(
  state: Pick<EventState, 'type' | 'placeOfEvent' | 'legalStatuses'>,
  hierarchy: (place: string) => readonly string[],
): RecordReach {
  const step = (of: LegalStep | undefined): ReachStep | undefined =>
    of && {
      createdBy: of.createdBy,
      createdAtLocation: of.createdAtLocation ? hierarchy(of.createdAtLocation) : undefined,
    }
  return {
    type: state.type,
    placeOfEvent: state.placeOfEvent ? hierarchy(state.placeOfEvent) : undefined,
    legalStatuses: {
      DECLARED: step(state.legalStatuses.DECLARED),
      REGISTERED: step(state.legalStatuses.REGISTERED),
    },
  }
}
