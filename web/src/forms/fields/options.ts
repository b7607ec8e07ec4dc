// What a list of the country's answers to a search, as options to choose from.
import type { Option } from '../../design/Field'
import { isObject } from '../rules/value'

/** More than anybody reads through: whoever wants another types more of it. */
const MOST = 100

/**
 * OpenCRVS's lists answer `{results: [{id, label}]}`; a bare list is understood, too, and options that are
 * written like those of the configuration (`{value, label}`). What is neither is left out.
 */
export function optionsOf(answer: unknown): Option[] {
  const list = isObject(answer) ? answer.results : answer
  if (!Array.isArray(list)) return []
  return list.slice(0, MOST).flatMap((one) => {
    if (!isObject(one) || typeof one.label !== 'string') return []
    const value = one.value ?? one.id
    return typeof value === 'string' || typeof value === 'number'
      ? [{ value: String(value), label: one.label }]
      : []
  })
}
