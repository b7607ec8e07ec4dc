// What fields say before anybody answers them.
import type { FieldConfig } from '../../configuration/types'
import type { Answers } from '../rules/field'
import { isObject } from '../rules/value'
import { fieldPlaces, readAt, writeAt } from './places'

/** What defaults are drawn from. */
export interface DefaultSources {
  /** Of the person: `firstname`, `role`, `primaryOfficeId`, … */
  user: Record<string, string | undefined>
  /** The area of this level, such as `district`, that a place lies in. */
  areaAt: (placeId: string, level: string) => string | undefined
  /** Today as `YYYY-MM-DD`, and the time as `HH:MM`. */
  today: string
  time: string
}

export function defaultOf(field: FieldConfig, sources: DefaultSources): unknown {
  const { defaultValue } = field
  if (isObject(defaultValue) && defaultValue.$$now === true)
    return field.type === 'TIME' ? sources.time : sources.today
  return resolved(defaultValue, sources)
}

function resolved(written: unknown, sources: DefaultSources): unknown {
  if (!isObject(written)) return written ?? undefined
  // JavaScript of the country's is not run on the device.
  if ('$$code' in written) return undefined
  if (typeof written.$userField === 'string') {
    const value = Object.hasOwn(sources.user, written.$userField)
      ? sources.user[written.$userField]
      : undefined
    return value && typeof written.$location === 'string' ? sources.areaAt(value, written.$location) : value
  }
  const members = Object.entries(written)
    .map(([key, value]): [string, unknown] => [key, resolved(value, sources)])
    .filter(([, value]) => value !== undefined)
  return members.length === 0 ? undefined : Object.fromEntries(members)
}

/** The answers with defaults where there is none yet. */
export function withDefaults(
  fields: readonly FieldConfig[],
  answers: Answers,
  sources: DefaultSources,
): Answers {
  return fieldPlaces(fields).reduce((filled, { field, path }) => {
    if (field.defaultValue === undefined || readAt(filled, path) !== undefined) return filled
    const value = defaultOf(field, sources)
    return value === undefined ? filled : writeAt(filled, path, value)
  }, answers)
}
