// Which places somebody may choose, where the country ties that to their scopes.
import type { FieldConfig, Place } from '../../configuration/types'
import type { Person } from '../../records/access'
import type { Jurisdiction, Scope, ScopeOptions } from '../../records/scope'
import { isObject } from '../rules/value'

/** How far they may reach; undefined where the country does not say. */
export function reachOfField(
  field: FieldConfig,
  scopes: readonly Scope[],
): Jurisdiction | 'nowhere' | undefined {
  const allowed = field.configuration?.allowedLocations
  const rule = isObject(allowed) ? allowed.$jurisdiction : undefined
  if (!isObject(rule) || typeof rule.$scope !== 'string' || typeof rule.$option !== 'string') return undefined
  const option = rule.$option as keyof ScopeOptions
  const found = scopes
    .filter(({ type }) => type === rule.$scope)
    // Without the option a scope reaches everywhere.
    .map(({ options }) => (options?.[option] as Jurisdiction | undefined) ?? 'all')
  return (['all', 'administrativeArea', 'location'] as const).find((one) => found.includes(one)) ?? 'nowhere'
}

/** Whether a place lies within; `hierarchy` is the place with all areas above it. */
export function isAllowedPlace(
  reach: Jurisdiction | 'nowhere' | undefined,
  person: Person,
  hierarchy: readonly string[],
): boolean {
  if (reach === undefined || reach === 'all') return true
  if (reach === 'nowhere') return false
  if (reach === 'location') return hierarchy.includes(person.primaryOfficeId ?? '')
  return !person.administrativeAreaId || hierarchy.includes(person.administrativeAreaId)
}

/** Whether an area lies within, or on the way there: one chooses the province before the district. */
export function isAllowedArea(
  reach: Jurisdiction | 'nowhere' | undefined,
  person: Person,
  area: string,
  hierarchyOf: (id: string) => readonly string[],
): boolean {
  if (reach === undefined || reach === 'all') return true
  if (reach === 'nowhere') return false
  // Nobody lives in an office: who may reach one alone lives in the area it serves.
  const own = person.administrativeAreaId
  if (!own) return true
  return hierarchyOf(area).includes(own) || hierarchyOf(own).includes(area)
}

/** Places whose use has ended are not offered for anything new. */
export const isInUse = (place: Pick<Place, 'id'> & { validUntil?: unknown }, today: string): boolean =>
  typeof place.validUntil !== 'string' || place.validUntil.slice(0, 10) >= today
