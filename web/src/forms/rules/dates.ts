// Dates as the protocol compares them: calendar days as text, moments as UTC milliseconds.

export const DAY = 86_400_000

/** Year, month and day of `YYYY-MM-DD`, of a day that exists. */
export function dayOf(text: string): { year: number; month: number; day: number } | undefined {
  const [, year, month, day] = (/^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []).map(Number)
  if (year === undefined || month === undefined || day === undefined) return undefined
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
    ? { year, month, day }
    : undefined
}

const daysIn = (year: number, month: number): number => new Date(midnight(year, month + 1, 0)).getUTCDate()

/** Midnight UTC; `Date.UTC` alone takes years below 100 for those of the last century. */
function midnight(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day)
}

/**
 * The day on which somebody of `age` on the day `on` was born, as far as an age can tell: whole years
 * earlier, the 28th when there was no 29th of February. Undefined before the year 1.
 */
export function born(age: number, on: string): string | undefined {
  const as = dayOf(on)
  if (!as || !(age >= -9_999 && age <= 9_999)) return undefined
  const year = as.year - Math.trunc(age)
  if (year < 1 || year > 9_999) return undefined
  const day = Math.min(as.day, daysIn(year, as.month))
  const digits = (number: number, count: number) => String(number).padStart(count, '0')
  return `${digits(year, 4)}-${digits(as.month, 2)}-${digits(day, 2)}`
}

/** A moment in UTC milliseconds from what a form holds: text, or milliseconds themselves. */
export function moment(value: unknown): number | undefined {
  if (typeof value === 'string') return momentOf(value)
  if (typeof value === 'number') return value
  return typeof value === 'boolean' ? Number(value) : undefined
}

/**
 * From a day, or a day and a time in ISO 8601. A month or a year alone is its first day. A time without
 * an offset is UTC: the device's own zone must not decide what Core will say otherwise.
 */
export function momentOf(text: string): number | undefined {
  const [, year, month = '01', day = '01'] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text) ?? []
  if (year !== undefined) {
    const exists = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31
    // The 30th of February is two days after the 28th.
    return exists ? midnight(Number(year), Number(month), Number(day)) : undefined
  }
  if (!/^\d{4}-\d{2}-\d{2}[T ]/.test(text)) return undefined
  const zoned = /(?:[Zz]|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`
  const parsed = Date.parse(zoned)
  return Number.isNaN(parsed) ? undefined : parsed
}
