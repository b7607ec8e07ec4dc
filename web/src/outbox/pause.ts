// When to try again.
import type { OutboxItem, Pause } from './item'

const SHORTEST = 1_000
const LONGEST = 5 * 60_000
/** No answer may silence an item for longer than this. */
const LONGEST_ASKED_FOR = 60 * 60_000

/**
 * The pause after so many tries in a row came to nothing: exponential with full jitter. `askedFor`
 * is Core's `Retry-After` in seconds, and a floor.
 */
export function pauseAfter(attempts: number, now: number, random: () => number, askedFor = 0): Pause {
  const most = Math.min(LONGEST, SHORTEST * 2 ** Math.min(attempts, 30))
  const atLeast = Math.min(LONGEST_ASKED_FOR, Math.max(0, askedFor) * 1_000)
  return { from: now, lasts: atLeast + Math.max(SHORTEST / 4, random() * most), atLeast }
}

/** Milliseconds until a pause is over. `hurried`: something speaks for trying sooner. */
export function left(pause: Pause | undefined, now: number, hurried: boolean): number {
  // A clock that stands before the pause began was set back: how much of it is over is not known.
  if (!pause || now < pause.from) return 0
  return Math.max(0, pause.from + (hurried ? pause.atLeast : pause.lasts) - now)
}

export const dueIn = (item: OutboxItem, now: number, hurried = false): number =>
  left(item.pause, now, hurried)
