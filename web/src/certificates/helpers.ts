// The helpers that the countries' templates call (facts: OpenCRVS 2.0's certificates).
import { isObject } from '../records/layers'
import type { Helper } from './template'

/** What helpers know of the record, ready for people. */
export interface CertificateData {
  /** As the template names them; only ever compared. */
  $declaration: object
  $metadata: object
  $actions: readonly object[]
  /** What stands for each of them: dates, places and choices in words. */
  resolved: Map<object, Record<string, unknown>>
}

interface HelperWords {
  text: (id: string, values?: Record<string, string>) => string | undefined
  date: (value: string, style: string | undefined) => string
  /** A picture of a QR code that says this, as a data URL. */
  qr: (text: string) => string
}

/** Finds `a.b.c` in an object whose keys may have dots themselves: `{'a.b': {c}}`. */
export function mixedPath(value: unknown, path: string): unknown {
  if (path === '') return value
  if (!isObject(value)) return undefined
  const parts = path.split('.')
  for (let length = parts.length; length > 0; length -= 1) {
    const key = parts.slice(0, length).join('.')
    if (Object.hasOwn(value, key)) return mixedPath(value[key], parts.slice(length).join('.'))
  }
  return undefined
}

const missing = (value: unknown): boolean => value === undefined || value === null

const text = (value: unknown): string => (missing(value) ? '' : String(value))

const COMPARED: Record<string, (a: unknown, b: unknown) => unknown> = {
  '===': (a, b) => a === b,
  '!==': (a, b) => a !== b,
  '<': (a, b) => (a as number) < (b as number),
  '<=': (a, b) => (a as number) <= (b as number),
  '>': (a, b) => (a as number) > (b as number),
  '>=': (a, b) => (a as number) >= (b as number),
  '&&': (a, b) => a && b,
  '||': (a, b) => a || b,
}

export function helpersFor(data: CertificateData, words: HelperWords): Record<string, Helper> {
  const ofType = (type: unknown) => data.$actions.filter((action) => 'type' in action && action.type === type)
  return {
    $lookup: ({ args: [of, path] }) => {
      const known = isObject(of) ? data.resolved.get(of) : undefined
      return known ? mixedPath(known, text(path)) : (mixedPath(of, text(path)) ?? '')
    },
    $action: ({ args: [type] }) => ofType(type).at(-1),
    $actions: ({ args: [type] }) => ofType(type),
    $json: ({ args: [value] }) => JSON.stringify(value),
    $intl: ({ args }) => {
      if (args.some(missing)) return ''
      const id = args.map(text).join('.')
      return words.text(id) ?? `Missing translation for ${id}`
    },
    $intlWithParams: ({ args: [id, ...pairs] }) => {
      const values: Record<string, string> = {}
      for (let at = 0; at < pairs.length; at += 2) {
        if (missing(pairs[at]) || missing(pairs[at + 1])) return ''
        values[text(pairs[at])] = text(pairs[at + 1])
      }
      return words.text(text(id), values) ?? `Missing translation for ${text(id)}`
    },
    $intlDate: ({ args: [value, style] }) =>
      missing(value) || value === '' ? '' : words.date(text(value), missing(style) ? undefined : text(style)),
    $join: ({ args: [separator, ...values] }) => values.filter(Boolean).map(text).join(text(separator)),
    $or: ({ args: [first, second] }) => (first ? first : second),
    $lower: ({ args: [value] }) => text(value).toLowerCase(),
    $upper: ({ args: [value] }) => text(value).toUpperCase(),
    $qr: ({ args }) => (args.some(missing) ? '' : words.qr(args.map(text).join(''))),
    ifCond: ({ args: [a, operator, b], fn, inverse, context }) =>
      COMPARED[text(operator)]?.(a, b) ? fn(context) : inverse(context),
  }
}
