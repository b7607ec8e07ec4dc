// What is filled in about a place, and as Core takes it.
import type { Schemas } from '../../api/client'
import type { AdministrativeArea, Place } from '../../configuration/types'
import { dayOf, momentsOf } from '../filters'

/** Stands for an area in the choice of a place's type. */
export const AREA = 'area'
/** Stands for the whole country in the choice of what a place lies in. */
export const TOP = 'top'

export interface PlaceGiven {
  name: string
  /** A type of location, or `AREA`. */
  type: string | undefined
  /** The area it lies in, or `TOP`. */
  within: string | undefined
  externalId: string
  /** The day from which on it is no longer used; empty for none. */
  closes: string
}

export const NOTHING_GIVEN: PlaceGiven = {
  name: '',
  type: undefined,
  within: undefined,
  externalId: '',
  closes: '',
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What is known of a place, to be changed. */
export function givenOf(place: AdministrativeArea | Place, kind: 'area' | 'place'): PlaceGiven {
  const above = kind === 'area' ? place.parentId : place.administrativeAreaId
  return {
    name: place.name,
    type: kind === 'area' ? AREA : text(place.locationType),
    within: text(above) || TOP,
    externalId: text(place.externalId),
    closes: place.validUntil ? dayOf(text(place.validUntil)) : '',
  }
}

export type PlaceField = keyof PlaceGiven

/**
 * What is missing or cannot be, as ids of texts by field. That an id of the country's is taken must be found here:
 * Core takes a place with a known one for that place, which is right when a country is brought in again.
 */
export function problemsOf(
  given: PlaceGiven,
  id: string | undefined,
  all: readonly (AdministrativeArea | Place)[],
): Partial<Record<PlaceField, string>> {
  const externalId = given.externalId.trim()
  const taken = externalId !== '' && all.some((one) => one.externalId === externalId && one.id !== id)
  return {
    ...(given.name.trim() ? {} : { name: 'console.places.nameNeeded' }),
    ...(given.type === undefined ? { type: 'console.places.typeNeeded' } : {}),
    ...(given.within ? {} : { within: 'console.places.withinNeeded' }),
    ...(taken ? { externalId: 'console.places.taken' } : {}),
  }
}

type AreaChanges = Schemas['AdministrativeAreaChanges']
type LocationChanges = Schemas['LocationChanges']

const commonOf = ({ name, externalId, closes }: PlaceGiven, id: string) => ({
  id,
  name: name.trim(),
  externalId: externalId.trim(),
  validUntil: momentsOf({ from: closes }).from ?? '',
})

const above = ({ within }: PlaceGiven): string | null => (within && within !== TOP ? within : null)

export const areaOf = (given: PlaceGiven, id: string): AreaChanges => ({
  ...commonOf(given, id),
  parentId: above(given),
})

export const locationOf = (given: PlaceGiven, id: string): LocationChanges => ({
  ...commonOf(given, id),
  administrativeAreaId: above(given),
  locationType: given.type || null,
})
