// Finds a text by its id and puts values in. Parsed messages are kept: a list asks for the same ones a thousand times.
import { IntlMessageFormat } from 'intl-messageformat'

/** A text of the country's, as its configuration names it. */
export interface MessageDescriptor {
  id: string
  defaultMessage?: string
  description?: string
}

export type Values = Record<string, string | number | boolean | Date | null | undefined>
export type Catalogue = Record<string, string>

export class Messages {
  /** By what is written, not by its id: a country may have one id for several texts that it writes out in place. */
  readonly #parsed = new Map<string, IntlMessageFormat | string>()

  constructor(
    readonly language: string,
    /** First the country's own words, then ours. */
    private readonly catalogues: Catalogue[],
    /** In another language, for what nobody has put into this one. */
    private readonly foreign: Catalogue = {},
  ) {}

  has(id: string): boolean {
    return [...this.catalogues, this.foreign].some((catalogue) => catalogue[id] !== undefined)
  }

  /** A text that does not exist shows its id, one that is malformed shows as it was written: never a crash. */
  text(id: string, values?: Values, fallback?: string): string {
    const own = this.catalogues.find((catalogue) => catalogue[id] !== undefined)?.[id]
    const foreign = this.foreign[id]
    const written = own ?? (foreign === undefined ? fallback : this.#apart(foreign))
    if (written === undefined) return id
    if (!/[{'<]/.test(written)) return written
    let parsed = this.#parsed.get(written)
    if (parsed === undefined) {
      parsed = this.#parse(written)
      this.#parsed.set(written, parsed)
    }
    if (typeof parsed === 'string') return parsed
    try {
      const text = parsed.format(withoutGaps(values))
      return Array.isArray(text) ? text.join('') : String(text)
    } catch {
      // A date that is none, say. Braces are nobody's language.
      return written.replace(/\{[^{}]*\}/g, MISSING)
    }
  }

  /** A sentence that runs from left to right, with its full stop, inside a page that runs the other way. */
  #apart(foreign: string): string {
    return directionOf(this.language) === 'rtl' ? `\u2066${foreign}\u2069` : foreign
  }

  #parse(written: string): IntlMessageFormat | string {
    try {
      return new IntlMessageFormat(withoutDots(written), this.language, undefined, { ignoreTag: true })
    } catch {
      return written
    }
  }
}

/** Stands where a value belongs that nobody gave. */
const MISSING = '–'

/** A text may name what has not been answered: the rest of it is still worth reading. */
const withoutGaps = (values: Values = {}): Values =>
  new Proxy(values, {
    has: () => true,
    get: (given, name) => (typeof name === 'string' && !(name in given) ? MISSING : Reflect.get(given, name)),
  })

/**
 * Configurations name answers in their texts by the fields' ids, `{child.name.firstname}`. A dot cannot
 * stand in a name, so that it is read, and has to be given, as `child____name____firstname`.
 */
const withoutDots = (written: string): string =>
  written.replace(
    /\{\s*([\w-]+(?:\.[\w-]+)+)\s*(?=[,}])/g,
    (_, name: string) => `{${name.replaceAll('.', '____')}`,
  )

const RIGHT_TO_LEFT = new Set(['ar', 'dv', 'fa', 'he', 'ks', 'ku', 'ps', 'sd', 'ug', 'ur', 'yi'])

export const directionOf = (language: string): 'ltr' | 'rtl' =>
  RIGHT_TO_LEFT.has(language.split('-')[0] ?? '') ? 'rtl' : 'ltr'
