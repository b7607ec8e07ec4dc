// What a correction changes: before and after, field by field.
import type { Action, EventDocument } from '../api/client'
import type { EventConfig, FieldConfig } from '../configuration/types'
import { completeAnnotation, completeDeclaration, declarationBefore } from './accepted'
import type { Answers } from './eventState'
import { layOver, withoutNulls } from './layers'

interface CorrectionChange {
  page: string
  field: FieldConfig
  before: unknown
  after: unknown
}

export interface Correction {
  request: Action
  before: Answers
  after: Answers
  changes: CorrectionChange[]
  annotation: Answers
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

/** What a request would change, on what the record said when it was made. */
export function correctionOf(event: EventDocument, request: Action, config: EventConfig): Correction {
  const before = declarationBefore(event, request)
  const asked = completeDeclaration(event, request)
  const after = withoutNulls(layOver(before, asked))
  const seen = new Set<string>()
  const changes = config.declaration.pages.flatMap((page) =>
    page.fields.flatMap((field): CorrectionChange[] => {
      if (seen.has(field.id) || same(before[field.id], after[field.id])) return []
      seen.add(field.id)
      return [{ page: page.id, field, before: before[field.id], after: after[field.id] }]
    }),
  )
  return { request, before, after, changes, annotation: withoutNulls(completeAnnotation(event, request)) }
}
