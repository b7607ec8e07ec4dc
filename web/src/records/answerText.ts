// An answer as a line of text, for lists, summaries, reviews and certificates.
import type { FieldConfig } from '../configuration/types'
import type { CountryText, Text } from '../language/Language'
import type { MessageDescriptor, Values } from '../language/messages'
import type { Answers } from './eventState'
import { isObject } from './layers'

/** What words are made with. */
export interface Words {
  t: Text
  tc: CountryText
  date: (value: string) => string
  dateTime: (value: string) => string
  /** The name of an office, a facility or an area; undefined when it is not known. */
  place: (id: string) => string | undefined
  /** The names of a place and of all areas above it, itself first. */
  placePath: (id: string) => string[]
}

/**
 * The answer in words; empty when there is none, or when it is nothing that words can say. `values` are the answers
 * that the name of what was chosen may have in it.
 */
export function answerText(
  field: FieldConfig | undefined,
  value: unknown,
  words: Words,
  values?: Values,
): string {
  if (value === undefined || value === null || value === '') return ''
  const configuration = field?.configuration ?? {}
  switch (field?.type) {
    case 'SELECT':
    case 'RADIO_GROUP':
    case 'SELECT_DATE_RANGE':
      return typeof value === 'string' ? optionText(field, value, words, values) : plain(value)
    case 'CHECKBOX':
      return words.t(value === true ? 'records.yes' : 'records.no')
    case 'DATE':
      return typeof value === 'string' ? words.date(value) : plain(value)
    case 'DATE_RANGE':
      return isObject(value)
        ? [value.start, value.end].map((day) => words.date(String(day))).join(' – ')
        : plain(value)
    case 'NAME':
      return isObject(value) ? nameText(value, configuration.order) : plain(value)
    case 'AGE':
      return isObject(value) ? around(plain(value.age), configuration, words) : plain(value)
    case 'NUMBER_WITH_UNIT':
      return isObject(value)
        ? joined([plain(value.numericValue), optionText(field, plain(value.unit), words)], ' ')
        : plain(value)
    case 'COUNTRY':
      return countryText(value, words)
    case 'ADDRESS':
      return isObject(value) ? addressLines(value, words, field).join(', ') : plain(value)
    case 'LOCATION':
    case 'FACILITY':
    case 'OFFICE':
    case 'ADMINISTRATIVE_AREA':
      return typeof value === 'string' ? (words.place(value) ?? value) : plain(value)
    case 'FILE':
      return isObject(value) ? plain(value.originalFilename ?? value.path) : plain(value)
    case 'FILE_WITH_OPTIONS':
      return Array.isArray(value)
        ? value.map((one) => (isObject(one) ? optionText(field, plain(one.option), words) : '')).join(', ')
        : plain(value)
    case 'VERIFICATION_STATUS':
      return words.tc(configuration.status as MessageDescriptor | undefined, { value: plain(value) })
    case 'FIELD_GROUP':
      return isObject(value) ? groupText(field, value, words) : plain(value)
    case 'TEXT':
      return configuration.type === 'password' ? '••••' : around(plain(value), configuration, words)
    default:
      return around(plain(value), configuration, words)
  }
}

const plain = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''

const joined = (parts: (string | undefined)[], by: string): string => parts.filter(Boolean).join(by)

function around(text: string, configuration: Record<string, unknown>, words: Words): string {
  if (text === '') return ''
  const of = (key: string) => words.tc(configuration[key] as MessageDescriptor | undefined)
  return joined([of('prefix'), text, of('postfix')], ' ')
}

function optionText(field: FieldConfig, value: string, { tc }: Words, values?: Values): string {
  const option = field.options?.find((one) => one.value === value)
  return option ? tc(option.label, values) : value
}

/** A person's name. `order` is the country's, when it has said one. */
export function nameText(name: Answers, order?: unknown): string {
  const parts = Array.isArray(order) ? order : ['firstname', 'middlename', 'surname']
  return joined(
    parts.map((part) => plain(name[String(part)])),
    ' ',
  )
}

export function countryText(code: unknown, { tc }: Words): string {
  const text = plain(code)
  return text && tc({ id: `countries.${text}`, defaultMessage: text })
}

interface StreetField {
  id: string
}

/** An address from the street to the country. */
export function addressLines(address: Answers, words: Words, field?: FieldConfig): string[] {
  const details = isObject(address.streetLevelDetails) ? address.streetLevelDetails : {}
  const form = (field?.configuration?.streetAddressForm ?? []) as StreetField[]
  const known = form.filter(({ id }) => id in details).map(({ id }) => id)
  const ids = [...known, ...Object.keys(details).filter((id) => !known.includes(id))]
  const area = typeof address.administrativeArea === 'string' ? address.administrativeArea : undefined
  return [
    ...ids.map((id) => plain(details[id])),
    ...(area ? words.placePath(area) : []),
    countryText(address.country, words),
  ].filter((line) => line !== '')
}

function groupText(field: FieldConfig, value: Answers, words: Words): string {
  const fields = (Array.isArray(field.fields) ? field.fields : []) as FieldConfig[]
  return joined(
    fields.map((one) => answerText(one, value[one.id], words)),
    ', ',
  )
}
