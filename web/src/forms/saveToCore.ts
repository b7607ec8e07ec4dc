import type { Api } from '../api/client'
import { localFileId } from '../device/file'
import type { LocalDraft } from './draft'
import type { Answers } from './rules/field'
import { isObject } from './rules/value'

/**
 * Gives Core the draft, so that the person finds it on another device. Files that are only here stay
 * here. Best effort: the draft is on this device whatever becomes of it.
 */
export async function saveToCore(api: Api, draft: LocalDraft, transactionId: string): Promise<boolean> {
  try {
    await api.POST('/events/{eventId}/draft', {
      params: { path: { eventId: draft.recordId } },
      body: {
        transactionId,
        type: draft.action as 'DECLARE',
        declaration: withoutLocalFiles(draft.declaration) as Answers,
        annotation: withoutLocalFiles(draft.annotation) as Answers,
      },
      signal: AbortSignal.timeout(10_000),
    })
    return true
  } catch {
    return false
  }
}

const isLocalFile = (value: unknown): boolean =>
  isObject(value) && typeof value.path === 'string' && localFileId(value.path) !== undefined

export function withoutLocalFiles(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => !isLocalFile(one)).map(withoutLocalFiles)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([, one]) => !isLocalFile(one))
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutLocalFiles(one)]))
}
