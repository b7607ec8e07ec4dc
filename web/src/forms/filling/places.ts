// Where in the answers each field of a form stands. The parts of a group stand inside the group's answer.
import type { FieldConfig, FieldReference } from '../../configuration/types'
import type { Answers } from '../rules/field'
import { isObject } from '../rules/value'

export interface FieldPlace {
  field: FieldConfig
  path: readonly string[]
}

/** The fields with the parts of their groups, each after what it stands in. */
export function fieldPlaces(fields: readonly FieldConfig[], inside: readonly string[] = []): FieldPlace[] {
  return fields.flatMap((field) => {
    const path = [...inside, field.id]
    return [{ field, path }, ...fieldPlaces(partsOf(field), path)]
  })
}

/** The fields of a FIELD_GROUP; none for any other type. */
export const partsOf = (field: FieldConfig): FieldConfig[] =>
  field.type === 'FIELD_GROUP' && Array.isArray(field.fields) ? (field.fields as FieldConfig[]) : []

export const referencesIn = (written: unknown): FieldReference[] =>
  (Array.isArray(written) ? written : written === undefined ? [] : [written]).filter(
    (one): one is FieldReference => isObject(one) && typeof one.$$field === 'string',
  )

export const pathOf = ({ $$field, $$subfield }: FieldReference): string[] => [$$field, ...($$subfield ?? [])]

export function readAt(answers: Answers, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    answers,
  )
}

/** The answers with this value there; `undefined` takes out what was. */
export function writeAt(answers: Answers, [key, ...deeper]: readonly string[], value: unknown): Answers {
  if (key === undefined) return answers
  const { [key]: present, ...others } = answers
  const next = deeper.length === 0 ? value : writeAt(isObject(present) ? present : {}, deeper, value)
  const isGone = next === undefined || (deeper.length > 0 && isObject(next) && Object.keys(next).length === 0)
  return isGone ? others : { ...answers, [key]: next }
}
