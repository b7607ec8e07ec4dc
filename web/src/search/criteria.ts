// What can be searched for in records of one event, as the country configures it, and the query that
// looks for it.
import type { EventConfig, FieldConfig } from '../configuration/types'
import type { MessageDescriptor } from '../language/messages'

type Match = 'exact' | 'fuzzy' | 'range' | 'within'

interface AdvancedField {
  fieldId: string
  fieldType: 'field' | 'event'
  config: { type: Match; searchFields?: string[] }
  type?: string
  label?: MessageDescriptor
  options?: FieldConfig['options']
  searchCriteriaLabelPrefix?: MessageDescriptor
}

/** How a criterion is asked for. */
export type Input = 'text' | 'choice' | 'status' | 'place' | 'area' | 'days' | 'numbers' | 'yes'

export interface Criterion {
  /** In the address of a search. */
  id: string
  input: Input
  match: Match
  /** The fields that it looks into; empty for what the record itself has. */
  fields: string[]
  label: MessageDescriptor | undefined
  prefix: MessageDescriptor | undefined
  options: NonNullable<FieldConfig['options']>
  /** Kinds of places that are chosen from; all when empty. */
  placeTypes: string[]
}

export interface CriteriaSection {
  title: MessageDescriptor
  criteria: Criterion[]
}

const PLACES = ['LOCATION', 'FACILITY', 'OFFICE', 'ADMINISTRATIVE_AREA']

function inputOf(type: string | undefined, match: Match): Input {
  if (match === 'range') return type === 'NUMBER' || type === 'AGE' ? 'numbers' : 'days'
  if (type === 'ADDRESS' || (match === 'within' && !PLACES.includes(type ?? ''))) return 'area'
  if (PLACES.includes(type ?? '')) return 'place'
  if (type === 'SELECT' || type === 'RADIO_GROUP') return 'choice'
  if (type === 'DATE') return 'days'
  return type === 'CHECKBOX' ? 'yes' : 'text'
}

function eventInput(id: string, match: Match): Input {
  if (id === 'event.status') return 'status'
  if (match === 'range' || /At$/.test(id)) return 'days'
  return /AtLocation$|placeOfEvent$/.test(id) ? 'place' : 'text'
}

/** The sections of an event's advanced search. */
export function criteriaOf(config: EventConfig): CriteriaSection[] {
  const fields = [
    ...config.declaration.pages.flatMap((page) => page.fields),
    ...config.actions.flatMap(({ form }) => (Array.isArray(form) ? form : [])),
  ]
  const sections = (config.advancedSearch ?? []) as unknown as {
    title: MessageDescriptor
    fields: AdvancedField[]
  }[]
  return sections.map(({ title, fields: asked }) => ({
    title,
    criteria: asked.map((one): Criterion => {
      const field = fields.find(({ id }) => id === one.fieldId)
      const isEvent = one.fieldType === 'event'
      const configuration = field?.configuration as { locationTypes?: string[] } | undefined
      return {
        id: one.fieldId,
        input: isEvent
          ? eventInput(one.fieldId, one.config.type)
          : inputOf(one.type ?? field?.type, one.config.type),
        match: one.config.type,
        fields: isEvent ? [] : (one.config.searchFields ?? [one.fieldId]),
        label: one.label ?? field?.label,
        prefix: one.searchCriteriaLabelPrefix,
        options: one.options ?? field?.options ?? [],
        placeTypes: configuration?.locationTypes ?? [],
      }
    }),
  }))
}

/** What was entered, by criterion. A range is `from..to`, either of them may be missing. */
export type Entered = Record<string, string>

interface Range {
  from: string
  to: string
}

export function rangeIn(text: string | undefined): Range {
  const [from = '', to = ''] = (text ?? '').split('..')
  return { from, to }
}

export const rangeText = ({ from, to }: Range): string => (from || to ? `${from}..${to}` : '')

type Clause = Record<string, unknown>

export interface Query {
  type: 'and'
  clauses: Clause[]
}

/** The query of a search, undefined when nothing is looked for. */
export function searchQuery(
  quick: string,
  eventType: string,
  sections: CriteriaSection[],
  entered: Entered,
): Query | undefined {
  const criteria = sections.flatMap((section) => section.criteria)
  const clauses = [
    ...(quick.trim() ? [{ text: quick.trim() }] : []),
    ...criteria.flatMap((criterion) => {
      const text = entered[criterion.id]?.trim()
      return text ? [clauseFor(criterion, text)] : []
    }),
  ]
  if (clauses.length === 0) return undefined
  return { type: 'and', clauses: [...(eventType ? [{ eventType }] : []), ...clauses] }
}

/**
 * Looks for names that are nearly so written, a slip of the pen or two away: a quick search takes words as they are.
 * Undefined for what is no name.
 */
export function similarNames(
  quick: string,
  eventType: string,
  events: readonly EventConfig[],
): Query | undefined {
  const term = quick.trim()
  // Two slips of the pen in three letters are another name.
  if (!/^[\p{L}\p{M}\s'’.-]{4,}$/u.test(term)) return undefined
  const fields = events
    .filter(({ id }) => eventType === '' || id === eventType)
    .flatMap(({ declaration }) => declaration.pages.flatMap((page) => page.fields))
    .filter(({ type }) => type === 'NAME')
  const ids = [...new Set(fields.map(({ id }) => id))]
  if (ids.length === 0) return undefined
  const names = { type: 'or', clauses: ids.map((id) => ({ data: { [id]: { type: 'fuzzy', term } } })) }
  return { type: 'and', clauses: [...(eventType ? [{ eventType }] : []), names] }
}

function clauseFor(criterion: Criterion, text: string): Clause {
  const { id, fields } = criterion
  const term = termFor(criterion, text)
  if (fields.length === 0) return { [id.replace(/^event\./, '')]: term }
  const [first] = fields
  if (fields.length === 1 && first !== undefined) return { data: { [first]: term } }
  return { type: 'or', clauses: fields.map((field) => ({ data: { [field]: term } })) }
}

function termFor({ match, input, fields }: Criterion, text: string): Clause {
  if (input === 'days' || input === 'numbers') {
    if (match !== 'range') return { type: match, term: rangeIn(text).from || text }
    const { from, to } = rangeIn(text)
    // Core wants both ends of a range.
    const [least, most] = input === 'days' ? ['1800-01-01', '2199-12-31'] : ['-1000000000', '1000000000']
    return { type: 'range', gte: from || least, lte: to || most }
  }
  if (match === 'within') return { type: 'within', location: text }
  // An address is looked for as an address.
  if (input === 'area' && fields.length > 0)
    return { type: match, term: JSON.stringify({ administrativeArea: text }) }
  return { type: match, term: text }
}
