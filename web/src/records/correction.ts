// What a correction changes, and what was said about it.
import type { Action, EventDocument } from '../api/client'
import type { EventConfig } from '../configuration/types'
import { completeAnnotation } from './accepted'
import { type Change, changesOf } from './changes'
import type { Answers } from './eventState'
import { withoutNulls } from './layers'

export interface Correction {
  request: Action
  before: Answers
  after: Answers
  changes: Change[]
  annotation: Answers
}

/** What a request would change, on what the record said when it was made. */
export function correctionOf(event: EventDocument, request: Action, config: EventConfig): Correction {
  return {
    request,
    ...changesOf(event, request, config),
    annotation: withoutNulls(completeAnnotation(event, request)),
  }
}
