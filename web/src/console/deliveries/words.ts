// The words for what deliveries are about and how they went. What Core may add one day is shown as it is.
import type { Schemas } from '../../api/client'
import type { Tone } from '../../design/Notice'
import type { Text } from '../../language/Language'

export type Outcome = NonNullable<Schemas['Delivery']['lastOutcome']>

export const STATES = ['queued', 'leased', 'delivered', 'expired'] as const

export const KINDS = [
  'NOTIFY',
  'DECLARE',
  'EDIT',
  'REGISTER',
  'REJECT',
  'ARCHIVE',
  'PRINT_CERTIFICATE',
  'REQUEST_CORRECTION',
  'APPROVE_CORRECTION',
  'REJECT_CORRECTION',
  'CUSTOM',
  'user/user-created',
  'user/resend-invite',
  'user/user-updated',
  'user/username-reminder',
  'user/reset-password',
  'user/reset-password-by-admin',
  'user/2fa',
  'user/change-phone-number',
  'user/change-email-address',
  'user/all-user-notification',
  'system/ready',
] as const

/** How an attempt ends that is repeated. */
export const FAILURES = [
  'http-status',
  'contract-violation',
  'timeout',
  'connect',
  'connection-lost',
  'too-large',
  'internal',
  'lost',
] as const satisfies readonly Outcome[]

export const SUCCESSES = [
  'accepted',
  'rejected',
  'pending',
  'acknowledged',
  'not-implemented',
  'decided-otherwise',
] as const satisfies readonly Outcome[]

const said = (t: Text, id: string, word: string): string => {
  const text = t(id)
  return text === id ? word : text
}

export const kindWords = (t: Text, kind: string): string => said(t, `console.kind.${kind}`, kind)
export const stateWords = (t: Text, state: string): string => said(t, `console.state.${state}`, state)
export const outcomeWords = (t: Text, outcome: string): string =>
  said(t, `console.outcome.${outcome}`, outcome)

export const isFailure = (outcome: string): boolean => (FAILURES as readonly string[]).includes(outcome)

export function toneOf(delivery: Pick<Schemas['Delivery'], 'state' | 'attempts' | 'lastOutcome'>): Tone {
  if (delivery.state === 'delivered') return 'good'
  if (delivery.state === 'expired') return 'plain'
  return delivery.lastOutcome && isFailure(delivery.lastOutcome) ? 'bad' : 'info'
}
