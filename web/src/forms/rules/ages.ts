// An age also says when somebody was born.
import type { ConditionData } from '../../records/rules'
import { born, dayOf } from './dates'
import type { Answers } from './field'

const known = new WeakMap<ConditionData, ConditionData>()

/** The same with each age in the form as `{age, dob}`, counted back from the field that `asOfDateRef` names, or from today. */
export function widened(data: ConditionData): ConditionData {
  const before = known.get(data)
  if (before) return before
  const wide = { ...data, $form: widenedForm(data.$form, data.$now) }
  known.set(data, wide)
  return wide
}

function widenedForm(form: Answers, now: string): Answers {
  const ages = Object.entries(form).filter(([, value]) => ageIn(value) !== undefined)
  if (ages.length === 0) return form
  const wide = ages.map(([id, value]): [string, unknown] => {
    const { age, asOfDateRef } = value as { age: number; asOfDateRef?: unknown }
    const referred = typeof asOfDateRef === 'string' && Object.hasOwn(form, asOfDateRef) && form[asOfDateRef]
    const on = typeof referred === 'string' && dayOf(referred) ? referred : now
    const dob = born(age, on)
    return [id, dob === undefined ? { age } : { age, dob }]
  })
  return { ...form, ...Object.fromEntries(wide) }
}

function ageIn(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { age } = value as { age?: unknown }
  return typeof age === 'number' ? age : undefined
}
