import type { Answers } from '../rules/field'

/** What the conditionals of an address's lines see as the form. */
export function addressForm(
  address: Answers,
  details: Answers,
  levels: readonly string[],
  hierarchy: (id: string) => readonly string[],
): Answers {
  const { country, addressType, administrativeArea: area } = address
  const path = typeof area === 'string' ? hierarchy(area) : []
  const byLevel = levels.flatMap((level, at): [string, unknown][] => (path[at] ? [[level, path[at]]] : []))
  const parts = { country, addressType, administrativeArea: area, ...details, ...Object.fromEntries(byLevel) }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
}
