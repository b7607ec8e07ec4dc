// Query strings, as scopes are written in: lists joined by commas, `[]` and `[0]` allowed, though not
// both at once. What Core does not understand must not be understood here.

type Shape = 'plain' | 'list' | 'object'

/** A name of a scope's text and every value it was given. */
export interface ScopePair {
  name: string
  values: string[]
  shape: Shape
}

/** The value, when there is exactly one and it was not written as a list. */
export const single = (pair: ScopePair | undefined): string | undefined =>
  pair?.shape === 'plain' && pair.values.length === 1 ? pair.values[0] : undefined

/** Takes a query string apart; the same name twice becomes one pair with more values. */
export function pairs(text: string): ScopePair[] {
  const found: ScopePair[] = []
  for (const part of text.replace(/^\?/, '').split('&')) {
    if (part === '') continue
    const at = part.indexOf('=')
    const written = at < 0 ? '' : part.slice(at + 1)
    let { name, shape } = shapeOf(unescapePart(at < 0 ? part : part.slice(0, at)))
    // A list in a list means nothing.
    if (shape === 'list' && written.includes(',')) shape = 'object'
    // Commas are taken apart before unescaping, so that an escaped comma is part of a value.
    const values = written.split(',').map(unescapePart)
    const known = found.find((pair) => pair.name === name)
    if (!known) {
      found.push({ name, values, shape })
      continue
    }
    known.values.push(...values)
    if (shape !== 'plain' && known.shape !== 'object') known.shape = shape
  }
  return found
}

function shapeOf(name: string): { name: string; shape: Shape } {
  const end = name.search(/[[.]/)
  if (end < 0) return { name, shape: 'plain' }
  return { name: name.slice(0, end), shape: /^\[\d*\]$/.test(name.slice(end)) ? 'list' : 'object' }
}

function unescapePart(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
