// The state of a record: everything that lists and conditions look at. A pure function of its actions
// and its event's configuration, the same as Core computes, so that a record can be shown and worked
// on without a network. The rules are OpenCRVS 2.0's; the shared vectors decide what is right.
import type { Action, EventDocument } from '../api/client'
import {
  assignedTo,
  type Collected,
  collect,
  inTime,
  latest,
  potentialDuplicates,
  statusOf,
} from './accepted'
import type { ActionType, EventState, LegalStep } from './eventState'
import { flagsAfter, flagsOfActions, type LastingFlags, listed } from './flags'
import { withoutNulls } from './layers'
import { dateOfEvent, placeOfEvent } from './placeAndDate'
import type { EventRules, IsMet } from './rules'

/** Actions that country config decides on. */
const AWAITING_COUNTRY: readonly ActionType[] = [
  'NOTIFY',
  'DECLARE',
  'EDIT',
  'REGISTER',
  'REJECT',
  'ARCHIVE',
  'PRINT_CERTIFICATE',
  'REQUEST_CORRECTION',
  'APPROVE_CORRECTION',
  'REJECT_CORRECTION',
  'CUSTOM',
]

/** The state of a record; undefined when it has no CREATE action, which every record begins with. */
export function stateOf(event: EventDocument, rules: EventRules, isMet: IsMet): EventState | undefined {
  const actions = inTime(event)
  const created = actions.find(({ type }) => type === 'CREATE')
  if (!created) return undefined
  const touched = lastUpdate(actions) ?? created
  const accepted = actions.filter(({ status }) => status === 'Accepted')
  const updated = lastUpdate(accepted) ?? created

  let answers: Collected = { declaration: {}, annotation: {} }
  let flags: LastingFlags = { inherent: new Set(), own: new Set() }
  for (const action of accepted) {
    answers = collect(event, answers, action)
    flags = flagsAfter(flags, action, answers, rules, isMet)
  }

  const state: EventState = {
    id: event.id,
    type: event.type,
    status: statusOf(event),
    legalStatuses: { DECLARED: legalStep(event, 'DECLARE'), REGISTERED: legalStep(event, 'REGISTER') },
    createdAt: created.createdAt,
    createdBy: created.createdBy,
    createdByUserType: created.createdByUserType,
    createdAtLocation: created.createdAtLocation ?? undefined,
    updatedAt: updated.createdAt,
    updatedBy: touched.createdBy,
    updatedByUserRole: touched.createdByRole ?? undefined,
    updatedAtLocation: touched.createdAtLocation ?? undefined,
    assignedTo: assignedTo(event),
    trackingId: event.trackingId,
    placeOfEvent: placeOfEvent(rules, answers.declaration, created.createdAtLocation),
    dateOfEvent: undefined,
    potentialDuplicates: potentialDuplicates(event),
    flags: [...flagsOfActions(actions), ...listed(flags)],
    declaration: withoutNulls(answers.declaration),
  }
  state.dateOfEvent = dateOfEvent(rules, state)
  return state
}

/**
 * The last action that touched the record. Of a resolution, the action it resolves counts: it names
 * the person who asked.
 */
function lastUpdate(actions: Action[]): Action | undefined {
  const last = actions.findLast(({ type }) => type === 'CREATE' || AWAITING_COUNTRY.includes(type))
  const asked = last?.originalActionId && actions.find(({ id }) => id === last.originalActionId)
  return asked || last
}

/** Who took a step, where and when: the person who asked, not the system that accepted. */
function legalStep(event: EventDocument, type: 'DECLARE' | 'REGISTER'): LegalStep | undefined {
  const last = (status: Action['status']) =>
    latest(event.actions.filter((action) => action.type === type && action.status === status))
  const accepted = last('Accepted')
  if (!accepted) return undefined
  // The last request, even when it is not the one that was accepted: so says the protocol.
  const by = last('Requested') ?? accepted
  return {
    createdAt: by.createdAt,
    createdBy: by.createdBy,
    createdByUserType: by.createdByUserType,
    createdAtLocation: by.createdAtLocation ?? accepted.createdAtLocation ?? undefined,
    acceptedAt: accepted.createdAt,
    createdByRole: by.createdByRole ?? accepted.createdByRole ?? undefined,
    registrationNumber: type === 'REGISTER' ? (accepted.registrationNumber ?? undefined) : undefined,
  }
}
