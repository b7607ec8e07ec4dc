// What a list is narrowed to, as it stands in the page's address: so that it can be kept, sent to a colleague and
// gone back to.

/** A filter's names, each with the values that it may have; any text where that is not a list. */
export type FilterShape = Record<string, readonly string[] | 'text' | 'day' | 'number'>
export type Filters<Shape extends FilterShape> = { [Name in keyof Shape]?: string }

/** Reads filters from an address. What has been mistyped there is passed over rather than sent to Core. */
export function filtersIn<Shape extends FilterShape>(
  search: URLSearchParams | string,
  shape: Shape,
): Filters<Shape> {
  const parameters = typeof search === 'string' ? new URLSearchParams(search) : search
  const found: Filters<Shape> = {}
  for (const [name, kind] of Object.entries(shape) as [keyof Shape & string, FilterShape[string]][]) {
    const value = parameters.get(name)?.trim()
    if (value && fits(value, kind)) found[name] = value
  }
  return found
}

function fits(value: string, kind: FilterShape[string]): boolean {
  if (kind === 'text') return true
  if (kind === 'day') return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))
  if (kind === 'number') return /^\d{1,9}$/.test(value)
  return kind.includes(value)
}

/** The same as an address has it, with nothing of what narrows nothing: `?state=queued`, or nothing at all. */
export function searchOf(filters: Record<string, string | undefined>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(filters)) if (value) parameters.set(name, value)
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}

/**
 * The moments at which a range of days begins and ends, where the person is: `until` is the first moment that is no
 * longer part of it, as Core takes it.
 */
export function momentsOf(days: { from?: string | undefined; until?: string | undefined }): {
  from?: string
  until?: string
} {
  const start = days.from ? midnight(days.from, 0) : undefined
  const end = days.until ? midnight(days.until, 1) : undefined
  return { ...(start ? { from: start } : {}), ...(end ? { until: end } : {}) }
}

/** The day of a moment, where the person is. */
export function dayOf(moment: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(moment)) return moment
  const at = new Date(moment)
  if (Number.isNaN(at.getTime())) return ''
  const two = (number: number) => String(number).padStart(2, '0')
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

function midnight(day: string, daysLater: number): string | undefined {
  const [year, month, date] = day.split('-').map(Number)
  if (year === undefined || month === undefined || date === undefined) return undefined
  const at = new Date(year, month - 1, date + daysLater)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
