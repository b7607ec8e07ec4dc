import { NoAnswer, Refusal } from '../api/errors'
import type { Text } from '../language/Language'

/** What went wrong, as a sentence for the person before the screen. */
export function sentenceOf(error: unknown, t: Text): string {
  if (error instanceof NoAnswer) return t('design.noAnswer')
  if (error instanceof Refusal) {
    if (error.status === 403) return t('design.forbidden')
    if (error.status === 429) return t('design.tooMany', { seconds: error.retryAfter ?? 60 })
    return error.message
  }
  return error instanceof Error ? error.message : String(error)
}
