// The parts of an event's configuration that a record's state, and what may come next, depend on.
import type { ActionType, Answers } from './eventState'

/** A conditional as configured: JSON Schema over `ConditionData`. */
export type Conditional = Record<string, unknown>

/** What a conditional looks at. */
export interface ConditionData {
  $form: Answers
  $now: string
  $online: boolean
  $user: Record<string, unknown> | undefined
  $leafAdminStructureLocationIds: { id: string }[]
  $flags?: string[]
  $status?: string
  $event?: unknown
}

/** Whether a conditional holds. `src/forms` knows; it is passed in, so that the rules here stay pure. */
export type IsMet = (conditional: Conditional, data: ConditionData) => boolean

export interface FlagChange {
  id: string
  operation: 'add' | 'remove'
  conditional?: Conditional | null
}

export interface ActionRules {
  type: string
  customActionType?: string
  flags?: FlagChange[]
  conditionals?: { type: string; conditional: Conditional }[]
}

/** A field of the declaration, or a value inside it. */
export interface FieldReference {
  $$field: string
  $$subfield?: string[]
}

export interface EventRules {
  id: string
  dateOfEvent?: FieldReference | { $$event: string }
  placeOfEvent?: FieldReference
  actions: ActionRules[]
  actionOrder?: string[]
}

/**
 * The configuration that governs an action; `custom` says which CUSTOM one. NOTIFY without one of
 * its own goes by DECLARE's, and the two answers to a correction by REQUEST_CORRECTION's.
 */
export function actionRules<A extends ActionRules>(
  event: { actions: A[] },
  type: ActionType | string,
  custom?: string,
): A | undefined {
  const of = (wanted: string) => event.actions.find((action) => action.type === wanted)
  switch (type) {
    case 'NOTIFY':
      return of('NOTIFY') ?? of('DECLARE')
    case 'APPROVE_CORRECTION':
    case 'REJECT_CORRECTION':
    case 'REVIEW_CORRECTION_REQUEST':
      return of('REQUEST_CORRECTION')
    case 'CUSTOM':
      return custom === undefined
        ? of('CUSTOM')
        : event.actions.find((action) => action.customActionType === custom)
    default:
      return of(type)
  }
}
