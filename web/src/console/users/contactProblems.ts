// Core refuses numbers and addresses by a word of the protocol, not by a field.
import { Refusal } from '../../api/errors'

const WORDS = [
  ['INVALID_MOBILE', 'mobile', 'console.users.badMobile'],
  ['DUPLICATE_PHONE', 'mobile', 'console.users.takenMobile'],
  ['DUPLICATE_MOBILE', 'mobile', 'console.users.takenMobile'],
  ['INVALID_EMAIL', 'email', 'console.users.badEmail'],
  ['DUPLICATE_EMAIL', 'email', 'console.users.takenEmail'],
] as const

/** Which of the two will not do, and the text that says why. */
export function contactProblem(error: unknown): { field: 'mobile' | 'email'; text: string } | undefined {
  if (!(error instanceof Refusal)) return undefined
  const found = WORDS.find(([word]) => error.message.startsWith(word))
  return found && { field: found[1], text: found[2] }
}
