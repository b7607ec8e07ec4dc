// The flags on a record: what waits or was refused, what its history implies, and the country's own.
import type { Action } from '../api/client'
import type { Collected } from './accepted'
import type { ActionType } from './eventState'
import { actionRules, type ConditionData, type EventRules, type FlagChange, type IsMet } from './rules'

/** Flags that follow from a record's history whatever the configuration says, in the order they are listed. */
export const INHERENT_FLAGS = [
  'correction-requested',
  'incomplete',
  'rejected',
  'potential-duplicate',
  'edit-in-progress',
] as const

type InherentFlag = (typeof INHERENT_FLAGS)[number]

const PUT_ON_BY: Record<InherentFlag, ActionType> = {
  'correction-requested': 'REQUEST_CORRECTION',
  incomplete: 'NOTIFY',
  rejected: 'REJECT',
  'potential-duplicate': 'DUPLICATE_DETECTED',
  'edit-in-progress': 'EDIT',
}

const TAKEN_OFF_BY: Record<InherentFlag, ActionType[] | 'any'> = {
  'correction-requested': ['APPROVE_CORRECTION', 'REJECT_CORRECTION'],
  incomplete: ['CREATE', 'DECLARE', 'REGISTER', 'ARCHIVE'],
  rejected: ['NOTIFY', 'DECLARE', 'EDIT', 'REGISTER'],
  'potential-duplicate': ['MARK_AS_DUPLICATE', 'MARK_AS_NOT_DUPLICATE'],
  'edit-in-progress': 'any',
}

/** Who holds or looked at a record says nothing about it. */
const isAboutHolding = (action: Action) => ['ASSIGN', 'UNASSIGN', 'READ'].includes(action.type)

/** `declare:requested`, `register:rejected`: per type what became of the last one, unless it was accepted. */
export function flagsOfActions(actions: Action[]): string[] {
  const last = new Map<ActionType, Action['status']>()
  for (const action of actions) if (!isAboutHolding(action)) last.set(action.type, action.status)
  return [...last]
    .filter(([, status]) => status !== 'Accepted')
    .map(([type, status]) => `${type}:${status}`.toLowerCase())
}

/** The flags that accepted actions leave on a record. */
export interface LastingFlags {
  inherent: Set<InherentFlag>
  own: Set<string>
}

/** What the next accepted action does to them; `answers` are those with the action's own. */
export function flagsAfter(
  before: LastingFlags,
  action: Action,
  answers: Collected,
  rules: EventRules,
  isMet: IsMet,
): LastingFlags {
  if (isAboutHolding(action)) return before
  const changes = changesOf(action, answers, rules, isMet)
  const takenOff = new Set(changes.filter(({ operation }) => operation === 'remove').map(({ id }) => id))
  const inherent = INHERENT_FLAGS.filter((flag) => {
    if (PUT_ON_BY[flag] === action.type) return true
    const by = TAKEN_OFF_BY[flag]
    if (by === 'any' || by.includes(action.type)) return false
    return before.inherent.has(flag) && !takenOff.has(flag)
  })
  const own = [...before.own]
  for (const change of changes)
    if (change.operation === 'add' && !own.includes(change.id)) own.push(change.id)
  return { inherent: new Set(inherent), own: new Set(own.filter((id) => !takenOff.has(id))) }
}

export const listed = ({ inherent, own }: LastingFlags): string[] => [
  ...INHERENT_FLAGS.filter((flag) => inherent.has(flag)),
  ...own,
]

function changesOf(action: Action, answers: Collected, rules: EventRules, isMet: IsMet): FlagChange[] {
  // The answers to a correction go by the request's configuration in everything else, but change no flags.
  if (action.type === 'APPROVE_CORRECTION' || action.type === 'REJECT_CORRECTION') return []
  const changes = actionRules(rules, action.type, action.customActionType)?.flags ?? []
  let data: ConditionData | undefined
  return changes.filter(({ conditional }) => {
    if (!conditional) return true
    data ??= moment(action, answers)
    return isMet(conditional, data)
  })
}

/** The form as an action left it, and who took the action on which day. */
function moment(action: Action, { declaration, annotation }: Collected): ConditionData {
  return {
    $form: { ...declaration, ...annotation },
    $now: action.createdAt.split('T')[0] ?? '',
    $online: true,
    $user: {
      sub: '',
      exp: '',
      algorithm: '',
      scope: [],
      userType: action.createdByUserType,
      ...(action.createdByRole ? { role: action.createdByRole } : {}),
    },
    $leafAdminStructureLocationIds: [],
  }
}

/** What an action that waits is called, of `register:requested`; undefined of other flags. */
export function waitingAction(flag: string): string | undefined {
  return flag.endsWith(':requested') ? flag.slice(0, -':requested'.length).toUpperCase() : undefined
}
