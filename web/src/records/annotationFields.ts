import type { EventConfig, FieldConfig } from '../configuration/types'
import type { Answers } from './eventState'
import { actionRules, type ConditionData, type IsMet } from './rules'

/** The fields that an action's annotation answers: its own form, or the fields of its review. */
export function annotationFields(config: EventConfig, type: string, custom?: string): FieldConfig[] {
  const action = actionRules(config, type, custom)
  if (!action) return []
  const pages = [...(action.printForm?.pages ?? []), ...(action.correctionForm?.pages ?? [])]
  const form = Array.isArray(action.form)
    ? action.form
    : (action.form?.pages ?? []).flatMap(({ fields }) => fields)
  return [...form, ...pages.flatMap(({ fields }) => fields), ...(action.review?.fields ?? [])]
}

/**
 * Those of the fields that were answered, each once: several may have one id, of which only one was asked at a time.
 * `data` has the annotation laid over the record.
 */
export function answeredFields(
  fields: readonly FieldConfig[],
  annotation: Answers,
  data: ConditionData,
  isMet: IsMet,
): FieldConfig[] {
  const answered = fields.filter(({ id }) => annotation[id] !== undefined)
  const wasAsked = ({ conditionals = [] }: FieldConfig) => {
    const rules = conditionals.filter(({ type }) => type === 'SHOW')
    return rules.length === 0 || rules.some(({ conditional }) => isMet(conditional, data))
  }
  return answered.filter((field) => {
    const ofOneId = answered.filter(({ id }) => id === field.id)
    return field === (ofOneId.find(wasAsked) ?? ofOneId[0])
  })
}
