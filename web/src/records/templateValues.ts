// Values for the country's texts with answers in them, such as a record's title.
import type { FieldConfig } from '../configuration/types'
import type { Values } from '../language/messages'
import { answerText, type Words } from './answerText'
import type { Answers, EventState } from './eventState'
import { isObject } from './layers'

/** Stands for an answer that is not there: configurations select on it. */
const EMPTY = '__EMPTY__'

const flatten = (path: string, value: unknown, into: Record<string, string>): void => {
  if (isObject(value))
    for (const [key, inner] of Object.entries(value)) flatten(`${path}.${key}`, inner, into)
  else if (value !== null && value !== undefined && value !== '') into[path] = String(value)
}

/** Every answer under its id, parts of it under `id.part`, and whatever is asked for else as empty. */
export function templateValues(
  fields: FieldConfig[],
  declaration: Answers,
  words: Words,
  state?: Partial<EventState>,
): Values {
  const values: Record<string, string> = {}
  for (const [id, value] of Object.entries(declaration)) {
    flatten(id, value, values)
    const text = answerText(
      fields.find((field) => field.id === id),
      value,
      words,
    )
    if (text !== '') values[id] = text
  }
  if (state) {
    const { declaration: _, flags: __, potentialDuplicates: ___, ...about } = state
    flatten('event', about, values)
  }
  // A text with dots in its names is read with underscores for them.
  const underscored = Object.entries(values).map(([id, text]): [string, string] => [
    id.replaceAll('.', '____'),
    text,
  ])
  const known = new Map(underscored)
  // A template may name any field there is: one without an answer is empty, and no error.
  return new Proxy({} as Values, {
    has: () => true,
    get: (_, name) => (typeof name === 'string' ? (known.get(name) ?? EMPTY) : undefined),
    getOwnPropertyDescriptor: (_, name) => ({
      configurable: true,
      enumerable: true,
      value: known.get(String(name)) ?? EMPTY,
    }),
  })
}

/** What came out of a template, without the marks of what was empty. */
export const withoutEmpty = (text: string): string => text.replaceAll(EMPTY, '').replace(/\s+/g, ' ').trim()
