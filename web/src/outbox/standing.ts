// Reads from Core's answers what has become of an action. Undefined: it cannot be Core's answer.
import type { Standing } from './core'
import type { OutboxItem } from './item'

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const HELD_BACK = 'DUPLICATE_DETECTED'

/** From the record that an action is answered with: then country config has acknowledged it. */
export function standingOfRecord(body: unknown, item: OutboxItem): Standing | undefined {
  if (!isObject(body) || body.id !== (item.eventId ?? item.recordId)) return undefined
  // Deleting is answered with the id alone.
  if (item.action === 'DELETE') return { is: 'approved', actionId: item.id }
  if (!Array.isArray(body.actions)) return undefined
  const actions = body.actions.filter(isObject)
  const asked = actions.find(
    (action) => action.transactionId === item.id && action.type === item.action && !action.originalActionId,
  )
  if (!asked || typeof asked.id !== 'string') {
    const found = actions.find((action) => action.transactionId === item.id && action.type === HELD_BACK)
    return found && { is: 'held-back', details: isObject(found.content) ? found.content : {} }
  }
  const decided = actions.find((action) => action.originalActionId === asked.id)
  const content = decided && isObject(decided.content) ? decided.content : {}
  return decision(asked.id, decided?.status ?? asked.status, content)
}

/** From `GET /transactions/{id}`; null: there is nothing of this action. */
export function standingOfTransaction(body: unknown, item: OutboxItem): Standing | null | undefined {
  if (!isObject(body) || body.transactionId !== item.id || !Array.isArray(body.submissions)) return undefined
  const submissions = body.submissions.filter(isObject)
  const own = submissions.find((submission) => submission.type === item.action)
  if (!own) return submissions.some((one) => one.type === HELD_BACK) ? { is: 'held-back', details: {} } : null
  if (typeof own.actionId !== 'string') return undefined
  const delivery = isObject(own.delivery) ? own.delivery : undefined
  if (own.status === 'Requested' && delivery?.state !== 'delivered')
    return undelivered(own.actionId, delivery)
  return decision(own.actionId, own.status, own)
}

/** A correction that somebody has asked for, and how it stands; without a status there is none. */
export interface AskedCorrection {
  status?: 'Requested' | 'Accepted' | 'Rejected'
  /** Of the action that an approval has to name. */
  id?: string
}

/** From a record: the correction that this transaction asked for. */
export function correctionIn(
  body: unknown,
  eventId: string,
  transactionId: string,
): AskedCorrection | undefined {
  if (!isObject(body) || body.id !== eventId || !Array.isArray(body.actions)) return undefined
  const actions = body.actions.filter(isObject)
  const asked = actions.find(
    (action) =>
      action.transactionId === transactionId &&
      action.type === 'REQUEST_CORRECTION' &&
      !action.originalActionId,
  )
  if (!asked) return {}
  const { status, id } = actions.find((action) => action.originalActionId === asked.id) ?? asked
  const isKnown = status === 'Requested' || status === 'Accepted' || status === 'Rejected'
  return isKnown && typeof id === 'string' ? { status, id } : undefined
}

/** From `GET /transactions/{id}`: the record that it began; null: none. */
export function recordOfTransaction(body: unknown, transactionId: string): string | null | undefined {
  if (!isObject(body) || body.transactionId !== transactionId || !Array.isArray(body.submissions))
    return undefined
  const began = body.submissions.filter(isObject).find((one) => one.type === 'CREATE')
  if (!began) return null
  return typeof began.eventId === 'string' ? began.eventId : undefined
}

/** What Core has written down and not got through yet. */
export function undelivered(actionId: unknown, delivery: unknown): Standing | undefined {
  if (typeof actionId !== 'string') return undefined
  const { attempts, lastError, nextAttemptAt } = isObject(delivery) ? delivery : {}
  const next = typeof nextAttemptAt === 'string' ? Date.parse(nextAttemptAt) : Number.NaN
  return {
    is: 'undelivered',
    actionId,
    attempts: typeof attempts === 'number' ? attempts : 0,
    ...(typeof lastError === 'string' && { lastError }),
    ...(Number.isFinite(next) && { nextAttemptAt: next }),
  }
}

function decision(actionId: string, status: unknown, about: Record<string, unknown>): Standing | undefined {
  switch (status) {
    case 'Requested':
      return { is: 'undecided', actionId }
    case 'Accepted':
      return { is: 'approved', actionId }
    case 'Rejected': {
      const reason = typeof about.reason === 'string' ? about.reason : null
      const { handedBack, byHand } = about
      return { is: 'refused', actionId, reason, handedBack: handedBack === true, byHand: byHand === true }
    }
    default:
      return undefined
  }
}
