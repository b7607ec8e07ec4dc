// A form being filled in: which pages and fields are shown, and what is wrong with each answer.
import type { ConditionData } from '../../records/rules'
import { isMet } from './conditionals'
import {
  type Answers,
  type Field,
  isRequired,
  type Message,
  memberOf,
  type Page,
  type Problem,
} from './field'
import { isObject, valueProblems } from './value'

/** What conditionals look at besides the form. */
export type Surroundings = Omit<ConditionData, '$form'>

/** What the questions are decided on: the answers, laid over the record's where the form is an annotation to it. */
export const dataOf = (answers: Answers, surroundings: Surroundings, base?: Answers): ConditionData => ({
  $form: base ? { ...base, ...answers } : answers,
  ...surroundings,
})

/** Shown when one of its SHOW conditionals holds, or when it has none. */
export const isShown = (field: Pick<Field, 'conditionals'>, data: ConditionData): boolean =>
  anyHolds(field, 'SHOW', data)

/** Whether it takes an answer where it is shown. */
export const isEnabled = (field: Pick<Field, 'conditionals'>, data: ConditionData): boolean =>
  anyHolds(field, 'ENABLE', data)

/** Whether the review lists it. */
export const isOnReview = (field: Field, data: ConditionData): boolean =>
  isShown(field, data) && anyHolds(field, 'DISPLAY_ON_REVIEW', data)

function anyHolds(
  { conditionals }: Pick<Field, 'conditionals'>,
  purpose: string,
  data: ConditionData,
): boolean {
  const rules = conditionals?.filter(({ type }) => type === purpose) ?? []
  return rules.length === 0 || rules.some(({ conditional }) => isMet(conditional, data))
}

export const isPageShown = (page: Page, data: ConditionData): boolean =>
  page.conditional == null || isMet(page.conditional, data)

export const visiblePages = <P extends Page>(pages: readonly P[], data: ConditionData): P[] =>
  pages.filter((page) => isPageShown(page, data))

/** Everything wrong with the answer to a field, under its own id also where a part of a group is at fault. */
export const fieldProblems = (field: Field, answers: Answers, data: ConditionData): Problem[] =>
  messages(field, memberOf(answers, field.id), answers, data).map((message) => ({
    field: field.id,
    message,
  }))

/** The first thing that is wrong with a part of a group, to be said beside it. */
export const partProblem = (part: Field, value: unknown, data: ConditionData): Message | undefined =>
  messages(part, value, data.$form, data)[0]

function messages(field: Field, value: unknown, answers: Answers, data: ConditionData): Message[] {
  if (!isShown(field, data)) return []
  if (field.type === 'FIELD_GROUP') {
    // A group's own rules are asked only once its parts are in order.
    const inner = partMessages(field, value, answers, data)
    return inner.length > 0 ? inner : brokenRules(field, data)
  }
  if (mayBeEmpty(field, answers)) return []
  return [...valueProblems(field, value), ...brokenRules(field, data)]
}

/**
 * A part of a part is looked for where it stands. (OpenCRVS 2.0 looks for it one group further out, and asks for
 * it where its group is hidden: what is required there can be given by nobody.)
 */
const partMessages = (group: Field, value: unknown, answers: Answers, data: ConditionData): Message[] =>
  (group.fields ?? []).flatMap((field) =>
    messages(field, isObject(value) ? memberOf(value, field.id) : undefined, answers, data),
  )

/** What the country's own rules say that do not hold. */
const brokenRules = (field: Field, data: ConditionData): Message[] =>
  (field.validation ?? []).filter(({ validator }) => !isMet(validator, data)).map(({ message }) => message)

/**
 * Whether the field needs no answer and has none: absent, an empty text, or an object or list with
 * nothing but empty texts in it. Looked up at the top of the form, also for a part of a group: such a
 * part is only judged when it is required, as in OpenCRVS 2.0.
 */
function mayBeEmpty(field: Field, answers: Answers): boolean {
  if (isRequired(field)) return false
  const value = memberOf(answers, field.id)
  if (value === undefined || value === '') return true
  return typeof value === 'object' && value !== null && Object.values(value).every((part) => part === '')
}
