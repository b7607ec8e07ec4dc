// How a declaration may be sent, by the country's configuration and the person's scopes.
import type { EventConfig } from '../configuration/types'
import { mayTake, type RecordReach } from '../records/access'
import type { EventState } from '../records/eventState'
import type { Asker } from '../records/offered'
import { placeOfEvent } from '../records/placeAndDate'
import { actionRules, type EventRules } from '../records/rules'
import type { Sending } from './filling/submissions'
import type { Answers } from './rules/field'

type Hierarchy = (place: string) => readonly string[]

/** The ways that are open, the fullest first. Core judges again. */
export function openSendings(
  event: EventConfig,
  answers: Answers,
  { person, scopes }: Asker,
  hierarchy: Hierarchy,
  state?: EventState,
): Sending[] {
  const rules = event as unknown as EventRules
  const office = person.primaryOfficeId
  const place = placeOfEvent(rules, answers, state?.createdAtLocation ?? office)
  const declared = { createdBy: person.id, createdAtLocation: office ? hierarchy(office) : null }
  const reach: RecordReach = {
    type: event.id,
    placeOfEvent: place ? hierarchy(place) : null,
    // What is sent now is declared by this person, here.
    legalStatuses: { DECLARED: declared },
  }
  return (['REGISTER', 'DECLARE', 'NOTIFY'] as const).filter(
    (sending) =>
      actionRules(rules, sending) !== undefined &&
      (sending !== 'REGISTER' || actionRules(rules, 'DECLARE') !== undefined) &&
      // What is declared is not notified of again.
      (sending !== 'NOTIFY' || state?.status !== 'DECLARED') &&
      mayTake(sending, scopes, person, reach),
  )
}
