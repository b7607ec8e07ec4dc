// What an action sends of a declaration: only what it changes, as Core lays it over what is there.
import type { Answers } from '../rules/field'
import { isObject } from '../rules/value'
import { isSame } from './change'

/** What turns `before` into `after` when laid over it member by member; `null` clears. */
export function updateFrom(before: Answers, after: Answers): Answers {
  const update: Answers = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[key] ?? undefined, after[key] ?? undefined]
    if (isSame(was, is)) continue
    if (is === undefined) update[key] = null
    else update[key] = isObject(was) && isObject(is) ? updateFrom(was, is) : is
  }
  return update
}
