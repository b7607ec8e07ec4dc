// Which actions somebody is offered on a record: what its state allows, the country's conditions let
// through, and their scopes reach, in the order that the country has configured.
import type { ActionConfig, EventConfig } from '../configuration/types'
import { mayTake, mayUnassignOthers, type Person, type RecordReach } from './access'
import type { EventState } from './eventState'
import { type AvailableAction, availableActions, holds } from './next'
import { actionRules, type ConditionData, type EventRules, type IsMet } from './rules'
import type { Scope } from './scope'

export interface OfferedAction {
  /** Of a custom action its own name, otherwise its type. */
  key: string
  type: AvailableAction | 'ASSIGN' | 'UNASSIGN' | 'MARK_AS_NOT_DUPLICATE'
  customActionType?: string | undefined
  config: ActionConfig | undefined
  /** Offered but not now: the country's conditions for taking it do not hold. */
  enabled: boolean
}

export interface Asker {
  person: Person
  scopes: readonly Scope[]
  /** What conditions look at, but for the record's own part. */
  around: Omit<ConditionData, '$form' | '$flags' | '$status' | '$event'>
  isMet: IsMet
}

/** Actions that people do not choose from a list. */
const NOT_CHOSEN: readonly AvailableAction[] = ['READ', 'APPROVE_CORRECTION', 'REJECT_CORRECTION']

export function offeredActions(
  state: EventState,
  reach: RecordReach,
  config: EventConfig,
  asker: Asker,
  document?: unknown,
): OfferedAction[] {
  const data: ConditionData = {
    ...asker.around,
    $form: state.declaration,
    $flags: state.flags,
    $status: state.status,
    $event: document,
  }
  const rules = config as unknown as EventRules
  const offered = availableActions(state.status, state.flags)
    .filter((action) => !NOT_CHOSEN.includes(action))
    .flatMap((type): OfferedAction[] => {
      if (type === 'CUSTOM') return customActions(config).map((one) => ({ ...one, enabled: true }))
      // NOTIFY is how an incomplete declaration is sent: the form offers it.
      const found = actionRules(rules, type) as ActionConfig | undefined
      const configured = ['DELETE', 'MARK_AS_DUPLICATE', 'REVIEW_CORRECTION_REQUEST'].includes(type)
      return found || configured ? [{ key: type, type, config: found, enabled: true }] : []
    })
    .filter(({ type }) => type !== 'NOTIFY' || !hasDeclare(state, config))
    .filter(({ type, customActionType }) =>
      mayTake(type as AvailableAction, asker.scopes, asker.person, reach, customActionType),
    )
    .filter(({ config }) => holds(config, 'SHOW', data, asker.isMet))
    .map((one) => ({ ...one, enabled: holds(one.config, 'ENABLE', data, asker.isMet) }))
  return inOrder([...holding(state, reach, asker), ...offered], config.actionOrder ?? [])
}

const hasDeclare = (state: EventState, config: EventConfig): boolean =>
  availableActions(state.status, state.flags).includes('DECLARE') &&
  config.actions.some(({ type }) => type === 'DECLARE')

const customActions = (config: EventConfig): Omit<OfferedAction, 'enabled'>[] =>
  config.actions
    .filter(({ type, customActionType }) => type === 'CUSTOM' && customActionType)
    .map((one) => ({
      key: one.customActionType ?? '',
      type: 'CUSTOM',
      customActionType: one.customActionType,
      config: one,
    }))

/** Taking the record, letting it go, or having somebody else let it go. */
function holding(state: EventState, reach: RecordReach, { person, scopes }: Asker): OfferedAction[] {
  const one = (type: 'ASSIGN' | 'UNASSIGN'): OfferedAction => ({
    key: type,
    type,
    config: undefined,
    enabled: true,
  })
  if (state.assignedTo === undefined) return [one('ASSIGN')]
  if (state.assignedTo === person.id) return [one('UNASSIGN')]
  return mayUnassignOthers(scopes, person, reach) ? [one('ASSIGN'), one('UNASSIGN')] : []
}

/** Those that the country has put in order first, the others after them as they come. */
function inOrder(actions: OfferedAction[], order: readonly string[]): OfferedAction[] {
  const place = ({ key }: OfferedAction) => {
    const at = order.indexOf(key)
    return at < 0 ? order.length : at
  }
  return actions
    .map((action, at) => ({ action, at }))
    .sort((a, b) => place(a.action) - place(b.action) || a.at - b.at)
    .map(({ action }) => action)
}

/** Whether the person may change the record as it is: they hold it, or nobody does and they can take it first. */
export const mayWorkOn = (state: EventState, person: Person): boolean =>
  state.assignedTo === undefined || state.assignedTo === person.id
