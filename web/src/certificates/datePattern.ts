// Dates as a country writes them: `d MMMM y`, by the letters of Unicode's date patterns (UTS 35).

const LETTERS: Record<string, Intl.DateTimeFormatOptions> = {
  d: { day: 'numeric' },
  dd: { day: '2-digit' },
  M: { month: 'numeric' },
  MM: { month: '2-digit' },
  MMM: { month: 'short' },
  MMMM: { month: 'long' },
  y: { year: 'numeric' },
  yy: { year: '2-digit' },
  yyyy: { year: 'numeric' },
  EEE: { weekday: 'short' },
  EEEE: { weekday: 'long' },
}

/** Letters of one kind, text in quotes, or anything else. */
const PARTS = /([A-Za-z])\1*|'[^']*'|[^A-Za-z']+/g

/** Writes dates by a pattern; by the language's own usage when there is none, or none that is understood. */
export function datesLike(pattern: string | undefined, language: string): (date: Date) => string {
  const long = new Intl.DateTimeFormat(language, { dateStyle: 'long' })
  const parts = pattern?.match(PARTS) ?? []
  const writers = parts.map((part): ((date: Date) => string) | undefined => {
    if (part.startsWith("'")) return () => (part === "''" ? "'" : part.slice(1, -1))
    if (!/^[A-Za-z]/.test(part)) return () => part
    const options = LETTERS[part]
    if (!options) return undefined
    const format = new Intl.DateTimeFormat(language, options)
    // Two digits alone are not padded in every browser.
    const width = part === 'dd' || part === 'MM' ? 2 : 0
    return (date) => format.format(date).padStart(width, '0')
  })
  if (writers.length === 0 || writers.includes(undefined)) return (date) => long.format(date)
  return (date) => writers.map((write) => write?.(date)).join('')
}
