// What is shown of a record at a glance, as its event configures it.
import type { EventConfig, FieldConditional, FieldConfig } from '../configuration/types'
import type { MessageDescriptor } from '../language/messages'
import { answerText, type Words } from './answerText'
import type { EventState } from './eventState'
import { declarationFields } from './recordTitle'
import type { ConditionData, IsMet } from './rules'
import { templateValues, withoutEmpty } from './templateValues'

interface SummaryField {
  fieldId?: string
  id?: string
  label?: MessageDescriptor
  value?: MessageDescriptor
  emptyValueMessage?: MessageDescriptor
  conditionals?: FieldConditional[]
}

interface SummaryLine {
  id: string
  label: string
  value: string
  /** There is nothing to show: `value` is what the country says instead. */
  isEmpty: boolean
}

export function summaryLines(
  config: EventConfig,
  state: EventState,
  data: ConditionData,
  words: Words,
  isMet: IsMet,
): SummaryLine[] {
  const fields = declarationFields(config)
  return (config.summary.fields as SummaryField[])
    .filter(({ conditionals }) => {
      const show = (conditionals ?? []).filter(({ type }) => type === 'SHOW')
      return show.length === 0 || show.some(({ conditional }) => isMet(conditional, data))
    })
    .map((line): SummaryLine => {
      const value = line.fieldId
        ? fieldText(line.fieldId, fields, state, words)
        : withoutEmpty(words.tc(line.value, templateValues(fields, state.declaration, words, state)))
      return {
        id: line.fieldId ?? line.id ?? '',
        label: line.label ? words.tc(line.label) : labelOf(line.fieldId, fields, words),
        value: value || words.tc(line.emptyValueMessage),
        isEmpty: value === '',
      }
    })
}

const labelOf = (id: string | undefined, fields: FieldConfig[], { tc, t }: Words): string => {
  const field = fields.find((one) => one.id === id)
  return field ? tc(field.label) : t(`records.of.${id ?? ''}`)
}

function fieldText(id: string, fields: FieldConfig[], state: EventState, words: Words): string {
  if (id.startsWith('event.')) return stateText(state, id.slice('event.'.length), words)
  const value = state.declaration[id]
  // Of several fields with one id, the one that fits what was answered.
  const [first, ...others] = fields.filter((field) => field.id === id)
  const field = others.length > 0 ? ([first, ...others].find((one) => fits(one, value)) ?? first) : first
  return answerText(field, value, words)
}

const fits = (field: FieldConfig | undefined, value: unknown): boolean =>
  field?.options === undefined || field.options.some((option) => option.value === value)

/** A date, a place or a number of the record itself, by a path such as `legalStatuses.REGISTERED.acceptedAt`. */
export function stateText(state: EventState, path: string, words: Words): string {
  let value: unknown = state
  for (const step of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[step]
  if (typeof value !== 'string') return ''
  if (path === 'updatedAt' || path === 'createdAt') return words.dateTime(value)
  if (/(?:At|dateOfEvent)$/.test(path)) return words.date(value)
  if (/(?:AtLocation|placeOfEvent)$/.test(path)) return words.place(value) ?? value
  if (path === 'status') return words.t(`records.status.${value}`)
  return value
}
