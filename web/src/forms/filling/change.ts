// What one answer changes in others: a field that has a `parent` begins anew when that changes, and one
// with a `value` then says what the fields it takes it from say.
import type { FieldConfig } from '../../configuration/types'
import type { Answers } from '../rules/field'
import { isObject } from '../rules/value'
import { type DefaultSources, defaultOf } from './defaults'
import { type FieldPlace, fieldPlaces, pathOf, readAt, referencesIn, writeAt } from './places'

export interface Filling {
  /** All fields of the form. */
  fields: readonly FieldConfig[]
  sources: DefaultSources
  /** The answers without those to questions that are not asked: nothing is taken from these. */
  clean: (answers: Answers) => Answers
}

/** Changes chase each other through a form only so far. */
const ROUNDS = 10

/** The answers once this one is given (`undefined`: taken back), and all that follows from it. */
export function changed(filling: Filling, answers: Answers, id: string, value: unknown): Answers {
  const given = writeAt(answers, [id], value)
  return settled(filling, answers, given, new Set([id]))
}

function settled(filling: Filling, was: Answers, is: Answers, done: Set<string>): Answers {
  const places = fieldPlaces(filling.fields)
  let [before, after] = [was, is]
  for (let round = 0; round < ROUNDS; round += 1) {
    const [cleanBefore, cleanAfter] = [filling.clean(before), filling.clean(after)]
    const fresh = places.filter(
      (place) => !done.has(place.path.join('/')) && isReset(place, before, after, cleanBefore, cleanAfter),
    )
    const next = fresh.reduce((answered, { field, path }) => {
      done.add(path.join('/'))
      return writeAt(answered, path, derivedValue(field, cleanAfter) ?? defaultOf(field, filling.sources))
    }, after)
    if (fresh.length === 0) return after
    before = after
    after = next
  }
  return after
}

function isReset(
  { field }: FieldPlace,
  before: Answers,
  after: Answers,
  cleanBefore: Answers,
  cleanAfter: Answers,
): boolean {
  const moved = referencesIn(field.parent)
    .map(pathOf)
    .filter((path) => !isSame(readAt(before, path), readAt(after, path)))
  const derives = !isSame(derivedValue(field, cleanBefore), derivedValue(field, cleanAfter))
  const sources = referencesIn(field.value).map(({ $$field }) => $$field)
  // A source that has nothing new to say for this field leaves alone what was typed.
  return derives || moved.some(([id]) => id !== undefined && !sources.includes(id))
}

/** What the fields it takes its value from make of it: the first that comes to something. */
function derivedValue(field: FieldConfig, answers: Answers): unknown {
  return referencesIn(field.value)
    .filter((reference) => !('$$code' in reference))
    .map((reference) => readAt(answers, pathOf(reference)))
    .find((value) => Boolean(value))
}

/** Whether two answers say the same, in whatever order their parts are. */
export function isSame(one: unknown, two: unknown): boolean {
  if (one === two) return true
  if (Array.isArray(one) && Array.isArray(two))
    return one.length === two.length && one.every((item, at) => isSame(item, two[at]))
  if (!isObject(one) || !isObject(two)) return (one ?? undefined) === (two ?? undefined)
  const keys = new Set([...Object.keys(one), ...Object.keys(two)])
  return [...keys].every((key) => isSame(one[key], two[key]))
}
