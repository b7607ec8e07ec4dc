// How answers grow, action by action: objects are merged member by member, everything else replaces.
import type { Answers } from './eventState'

export const isObject = (value: unknown): value is Answers =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `update` laid over `current`. What comes out shares no object that it would change. */
export function layOver(current: Answers, update: Answers): Answers {
  const laid = Object.entries(update).map(([key, value]): [string, unknown] => {
    const present = Object.hasOwn(current, key) ? current[key] : undefined
    return [key, isObject(present) && isObject(value) ? layOver(present, value) : value]
  })
  return { ...current, ...Object.fromEntries(laid) }
}

/** Without members that are `null`, at any depth; elements of arrays stay. */
export function withoutNulls(values: Answers): Answers {
  const kept = Object.entries(values).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(kept.map(([key, value]) => [key, cleared(value)]))
}

function cleared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleared)
  return isObject(value) ? withoutNulls(value) : value
}
