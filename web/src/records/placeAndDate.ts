// Where and when the event itself happened, as far as the configuration says how to tell.
import type { Answers, EventState, LegalStep } from './eventState'
import { isObject } from './layers'
import type { EventRules } from './rules'

/** What the configured field answers (a place, or the area of a domestic address), otherwise the office. */
export function placeOfEvent(
  rules: EventRules,
  declaration: Answers,
  office: string | null | undefined,
): string | undefined {
  const answer = rules.placeOfEvent ? declaration[rules.placeOfEvent.$$field] : undefined
  const place = isObject(answer) ? areaOf(answer) : answer
  return isId(place) ? place : isId(office) ? office : undefined
}

function areaOf(address: Answers): unknown {
  const details = address.streetLevelDetails
  const areTexts =
    details === undefined ||
    (isObject(details) && Object.values(details).every((one) => typeof one === 'string'))
  const isDomestic = address.addressType === 'DOMESTIC'
  return isDomestic && areTexts && typeof address.country === 'string'
    ? address.administrativeArea
    : undefined
}

const UUID =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|0{8}-0{4}-0{4}-0{4}-0{12}|f{8}-f{4}-f{4}-f{4}-f{12})$/i

const isId = (text: unknown): text is string => typeof text === 'string' && UUID.test(text)

/** The day, as `YYYY-MM-DD`; undefined when what is configured is not answered with a date. */
export function dateOfEvent(rules: EventRules, state: EventState): string | undefined {
  const where = rules.dateOfEvent
  if (!where) return state.createdAt.split('T')[0]
  if ('$$field' in where) {
    const answer = state.declaration[where.$$field]
    return isDay(answer) ? answer : undefined
  }
  const [day, time] = timeAt(state, where.$$event)?.split('T') ?? []
  return isDay(day) && time?.endsWith('Z') ? day : undefined
}

/** The point in time that a state has at a path such as `legalStatuses.DECLARED.acceptedAt`. */
function timeAt(state: EventState, path: string): string | undefined {
  if (path === 'createdAt' || path === 'updatedAt') return state[path]
  const [first, name, key, ...more] = path.split('.')
  if (first === 'legalStatuses' && more.length === 0 && (name === 'DECLARED' || name === 'REGISTERED')) {
    const step: LegalStep | undefined = state.legalStatuses[name]
    return key === 'createdAt' || key === 'acceptedAt' ? step?.[key] : undefined
  }
  return undefined
}

/** Whether it is a day that exists, written `YYYY-MM-DD`. */
function isDay(text: unknown): text is string {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}
