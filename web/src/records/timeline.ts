// What was done to a record, newest first: a request and its decision are one entry.
import type { Action, EventDocument, Schemas } from '../api/client'
import { completeAnnotation, completeContent, inTime } from './accepted'
import type { Answers } from './eventState'
import { isObject, withoutNulls } from './layers'

export type Step = Schemas['HistoryStep']

export interface TimelineEntry {
  id: string
  action: Action
  at: string
  by: string
  /** What has become of it; actions that the country is not asked about are accepted at once. */
  outcome: 'waiting' | 'accepted' | 'refused'
  decidedAt: string | undefined
  /** The action that decided on it, if another did. */
  decision: Action | undefined
  /** The country was asked about it. */
  isAsked: boolean
  reason: string | undefined
  /** What a person wrote with it: a reason or a comment. */
  note: string | undefined
  /** What the action's own form was answered with, by whoever asked and by the country. */
  annotation: Answers
  /** What operators did about it: alerts, re-sends, decisions by hand. Oldest first. */
  steps: Step[]
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** `steps` as Core's history tells them; without them (no network), what the record itself says. */
export function timeline(event: EventDocument, steps: readonly Step[] = []): TimelineEntry[] {
  const actions = inTime(event)
  const decisions = new Map<string, Action>()
  for (const action of actions)
    if (action.originalActionId && action.status !== 'Requested')
      decisions.set(action.originalActionId, action)
  const isDecision = (action: Action) =>
    action.originalActionId && actions.some(({ id }) => id === action.originalActionId)
  return actions
    .filter((action) => action.type !== 'READ' && !isDecision(action))
    .map((action): TimelineEntry => {
      const decision = decisions.get(action.id)
      const last = decision ?? action
      const content = completeContent(event, action)
      const refusal = isObject(decision?.content) ? text(decision.content.reason) : undefined
      return {
        id: action.id,
        action,
        at: action.createdAt,
        by: action.createdBy,
        outcome:
          last.status === 'Requested' ? 'waiting' : last.status === 'Rejected' ? 'refused' : 'accepted',
        decidedAt: decision?.createdAt,
        decision,
        isAsked: action.status === 'Requested',
        reason: last.status === 'Rejected' ? refusal : undefined,
        note: text(content.reason) ?? text(content.comment),
        annotation: withoutNulls(completeAnnotation(event, last)),
        steps: stepsOf(action.id, steps),
      }
    })
    .reverse()
}

/** Steps that say what the actions themselves do not. */
const SAID_BY_ACTIONS = /^event\.(create|actions\..+\.(request|accept|reject)|get|search)$/

const stepsOf = (actionId: string, steps: readonly Step[]): Step[] =>
  steps
    .filter(({ details, operation }) => details.actionId === actionId && !SAID_BY_ACTIONS.test(operation))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
