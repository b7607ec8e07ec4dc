// What of the records on the device fits a few words, for when there is no network to search with.
import type { EventState } from '../records/eventState'

const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}

/** Whether every word begins a word of the record's ids, numbers or answers. */
export function fits(state: EventState, quick: string): boolean {
  const wanted = folded(quick).split(/\s+/).filter(Boolean)
  const known = [
    state.trackingId,
    state.legalStatuses.REGISTERED?.registrationNumber ?? '',
    ...textsIn(state.declaration),
  ]
    .flatMap((text) => [folded(text), ...folded(text).split(/[^\p{L}\p{N}]+/u)])
    .filter(Boolean)
  return wanted.length > 0 && wanted.every((word) => known.some((one) => one.startsWith(word)))
}
