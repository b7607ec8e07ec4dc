import type { Schemas } from '../../api/client'
import type { Text } from '../../language/Language'
import { kindWords } from '../deliveries/words'

type Step = Pick<Schemas['HistoryStep'], 'operation' | 'details'>

/** `event.actions.correction.request.request` and the like, in words; what is not known stays as it is. */
export function stepWords(t: Text, { operation, details }: Step): string {
  const known = t(`console.step.${operation}`)
  if (known !== `console.step.${operation}`) return known
  const found = /^event\.actions\.(.+)\.(request|accept|reject)$/.exec(operation)
  if (!found?.[1] || !found[2]) return operation
  const told = typeof details.actionType === 'string' ? details.actionType : undefined
  return t(`console.step.${found[2]}${howOf(details)}`, { action: kindWords(t, told ?? kindOf(found[1])) })
}

/** Who decided in the country's place. */
function howOf(details: Step['details']): string {
  if (details.handedBack === true) return '.handedBack'
  if (details.byHand === true) return '.byHand'
  return details.deadlinePassed === true ? '.deadline' : ''
}

/** The action's type: `printCertificate` → `PRINT_CERTIFICATE`, `correction.approve` → `APPROVE_CORRECTION`. */
export function kindOf(procedure: string): string {
  const [first = '', second] = procedure.split('.')
  const words = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
  return second ? `${words(second)}_${words(first)}` : words(first)
}
