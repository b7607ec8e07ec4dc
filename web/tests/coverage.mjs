// Which fields of a country's forms were on the screen, and why the others were not.
import assert from 'node:assert/strict'
import { CONTROLS, flat } from './filling.mjs'

/** All fields of an action's forms. */
export function formOf(action) {
  const inner = [action.printForm, action.correctionForm].flatMap((form) => form?.pages ?? [])
  const form = Array.isArray(action.form) ? action.form : []
  return [...inner.flatMap(({ fields }) => fields), ...form, ...(action.review?.fields ?? [])]
}

export const fieldsOf = (event) => event.declaration.pages.flatMap(({ fields }) => fields)

/**
 * Holds the fields of `events` against those whose ids were `seen`. Every type has to have been there, but for
 * those that show nothing of themselves; `unseen` has, for each reason, a pattern of the ids it is the reason of.
 */
export function holdAgainst(events, seen, unseen) {
  const known = flat(events.flatMap((event) => [...fieldsOf(event), ...event.actions.flatMap(formOf)]))
  const types = [...new Set(known.map(({ type }) => type))]
  assert.deepEqual(
    types.filter((type) => !(type in CONTROLS)),
    [],
    'types of fields that the tests know nothing of',
  )
  const shown = new Set(known.filter(({ id }) => seen.has(id)).map(({ type }) => type))
  assert.deepEqual(
    types.filter((type) => CONTROLS[type] !== null && !shown.has(type)),
    [],
    'types of fields that were never on the screen',
  )
  const ids = [...new Set(known.map(({ id }) => id))]
  const reasons = Object.entries(unseen)
  const excused = (id) => reasons.some(([, pattern]) => pattern.test(id))
  assert.deepEqual(
    ids.filter((id) => !seen.has(id) && !excused(id)),
    [],
    'fields that were not on the screen, without a reason',
  )
  assert.deepEqual(
    reasons.filter(([, pattern]) => !ids.some((id) => pattern.test(id) && !seen.has(id))).map(([why]) => why),
    [],
    'reasons for fields that were on the screen after all',
  )
}
