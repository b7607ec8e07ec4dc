// What may be done next with a record, given where it stands.
import type { ActionType, EventStatus } from './eventState'
import type { ActionRules, ConditionData, IsMet } from './rules'

/** An action, or looking at a correction request before it is approved or refused. */
export type AvailableAction = ActionType | 'REVIEW_CORRECTION_REQUEST'

const BY_STATUS: Record<EventStatus, readonly AvailableAction[]> = {
  CREATED: ['READ', 'DECLARE', 'NOTIFY', 'DELETE', 'CUSTOM'],
  NOTIFIED: ['READ', 'EDIT', 'MARK_AS_DUPLICATE', 'ARCHIVE', 'REJECT', 'CUSTOM'],
  DECLARED: ['READ', 'REGISTER', 'MARK_AS_DUPLICATE', 'ARCHIVE', 'REJECT', 'CUSTOM', 'EDIT'],
  REGISTERED: [
    'READ',
    'PRINT_CERTIFICATE',
    'REQUEST_CORRECTION',
    'APPROVE_CORRECTION',
    'REJECT_CORRECTION',
    'CUSTOM',
    'REVIEW_CORRECTION_REQUEST',
  ],
  ARCHIVED: ['READ', 'CUSTOM'],
}

/** What a record of this status and these flags allows, before the country's own conditions are asked. */
export function availableActions(status: EventStatus, flags: readonly string[]): AvailableAction[] {
  const has = (flag: string) => flags.includes(flag)
  const waiting = flags.some((flag) => flag.endsWith(':requested'))
  return offered(status, has).filter((action) => {
    switch (action) {
      case 'PRINT_CERTIFICATE':
      case 'REQUEST_CORRECTION':
        return !waiting && !has('correction-requested')
      case 'APPROVE_CORRECTION':
      case 'REJECT_CORRECTION':
      case 'REVIEW_CORRECTION_REQUEST':
        return !waiting && has('correction-requested')
      case 'MARK_AS_DUPLICATE':
        return !waiting && has('potential-duplicate')
      case 'EDIT':
      case 'REGISTER':
        return !waiting && !has('potential-duplicate')
      case 'REJECT':
        return !waiting && !has('rejected')
      case 'ARCHIVE':
      case 'CUSTOM':
        return !waiting
      default:
        return true
    }
  })
}

function offered(status: EventStatus, has: (flag: string) => boolean): readonly AvailableAction[] {
  // An edit is the first half of declaring, notifying or registering anew.
  if (has('edit-in-progress')) return ['NOTIFY', 'DECLARE', 'REGISTER']
  if (has('rejected') && status !== 'ARCHIVED') return ['READ', 'NOTIFY', 'CUSTOM', 'EDIT', 'ARCHIVE']
  return BY_STATUS[status]
}

/** Whether the first conditional of this kind on an action holds; without one it does. */
export function holds(
  action: ActionRules | undefined,
  kind: 'SHOW' | 'ENABLE',
  data: ConditionData,
  isMet: IsMet,
): boolean {
  const rule = action?.conditionals?.find(({ type }) => type === kind)
  return rule === undefined || isMet(rule.conditional, data)
}
