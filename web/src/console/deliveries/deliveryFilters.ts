// What deliveries can be narrowed by: in the address, and as Core asks for it.
import type { Schemas } from '../../api/client'
import { type Filters, momentsOf } from '../filters'
import { FAILURES, STATES, SUCCESSES } from './words'

/** Not a state of Core's: both that are not over. */
const UNFINISHED = 'unfinished'
/** Not an outcome of Core's: all that are repeated. */
const ANY_FAILURE = 'failure'

/** Ages to choose from, with what Core calls them. */
export const AGES = {
  older1h: { olderThan: '1h' },
  older1d: { olderThan: '1d' },
  older7d: { olderThan: '7d' },
  younger1h: { youngerThan: '1h' },
  younger1d: { youngerThan: '1d' },
} as const satisfies Record<string, { olderThan: string } | { youngerThan: string }>

const AGE_NAMES = Object.keys(AGES)

export const DELIVERY_FILTERS = {
  state: [UNFINISHED, ...STATES],
  kind: 'text',
  eventType: 'text',
  eventId: 'text',
  outcome: [ANY_FAILURE, ...FAILURES, ...SUCCESSES],
  attempts: 'number',
  age: AGE_NAMES,
  from: 'day',
  until: 'day',
  after: 'text',
} as const

export type DeliveryFilters = Filters<typeof DELIVERY_FILTERS>

type Wanted = Schemas['DeliveryFilter']

/** As an order to send names it. */
export function wantedOf(filters: DeliveryFilters): Wanted {
  const { state, kind, eventType, eventId, outcome, attempts, age } = filters
  return {
    ...(state
      ? { state: (state === UNFINISHED ? ['queued', 'leased'] : [state]) as Wanted['state'] & {} }
      : {}),
    ...(kind ? { kind: [kind] } : {}),
    ...(eventType ? { eventType } : {}),
    ...(eventId ? { eventId } : {}),
    ...(outcome
      ? { outcome: (outcome === ANY_FAILURE ? [...FAILURES] : [outcome]) as Wanted['outcome'] & {} }
      : {}),
    ...(attempts ? { attempts: Number(attempts) } : {}),
    ...(age ? AGES[age as keyof typeof AGES] : {}),
    ...momentsOf(filters),
  }
}

/** The same as a query asks for it: lists with commas between. */
export function queryOf(filters: DeliveryFilters): Record<string, string> {
  return Object.fromEntries(Object.entries(wantedOf(filters)).map(([name, value]) => [name, String(value)]))
}

/** A filter of Core's, where it says something, for people to read. */
export const entriesOf = (filter: Wanted): [name: string, values: string[]][] =>
  Object.entries(filter).map(([name, value]) => [name, Array.isArray(value) ? value : [String(value)]])
