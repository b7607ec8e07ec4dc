// A day in its three parts, as it is written.
import { textOf } from './fieldProps'

export type Part = 'day' | 'month' | 'year'

/** `2024-5-` while it is being written: no day yet, and said to be none. */
export function dayFrom(parts: Record<Part, string>): string | undefined {
  const { day, month, year } = parts
  if (!day && !month && !year) return undefined
  if (!day || !month || year.length < 4) return `${year}-${month}-${day}`
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
}

export const partsOf = (value: unknown): Record<Part, string> => {
  const [year = '', month = '', day = ''] = textOf(value).split('-')
  return { day, month, year }
}
