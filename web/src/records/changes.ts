// What an action changes of a declaration: before and after, field by field.
import type { Action, EventDocument } from '../api/client'
import type { EventConfig, FieldConfig } from '../configuration/types'
import { completeDeclaration, declarationBefore } from './accepted'
import { asks } from './declarationView'
import type { Answers } from './eventState'
import { layOver, withoutNulls } from './layers'

export interface Change {
  page: string
  field: FieldConfig
  before: unknown
  after: unknown
}

interface Changes {
  before: Answers
  after: Answers
  changes: Change[]
}

/** Texts of the same answer, whatever order its parts came in. */
const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b)

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const members = Object.entries(value).filter(([, one]) => one !== null && one !== undefined)
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`)
    .join()}}`
}

/**
 * What an action changes, or asks to change, on what the record said before it; with `decision`, also what the
 * country put in when it decided.
 */
export function changesOf(
  event: EventDocument,
  action: Action,
  config: EventConfig,
  decision: Action = action,
): Changes {
  const before = declarationBefore(event, action)
  const after = withoutNulls(layOver(before, completeDeclaration(event, decision)))
  const seen = new Set<string>()
  const changes = config.declaration.pages.flatMap((page) =>
    page.fields.flatMap((field): Change[] => {
      if (!asks(field) || seen.has(field.id) || same(before[field.id], after[field.id])) return []
      seen.add(field.id)
      return [{ page: page.id, field, before: before[field.id], after: after[field.id] }]
    }),
  )
  return { before, after, changes }
}

/** What says nothing of the declaration itself: a correction counts when it is asked for. */
const SAYS_NOTHING: readonly Action['type'][] = [
  'CREATE',
  'PRINT_CERTIFICATE',
  'APPROVE_CORRECTION',
  'REJECT_CORRECTION',
]

/** What an action changed of answers that were there before it: nothing for the first that gave any. */
export function laterChanges(
  event: EventDocument,
  action: Action,
  config: EventConfig,
  decision?: Action,
): Change[] {
  if (SAYS_NOTHING.includes(action.type)) return []
  // Most of a long history is about who holds the record: nothing has to be added up for that.
  if (Object.keys(completeDeclaration(event, decision ?? action)).length === 0) return []
  const { before, changes } = changesOf(event, action, config, decision)
  return Object.keys(before).length > 0 ? changes : []
}
