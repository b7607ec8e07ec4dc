// Where bars end and lines stand. All positions are parts of the width, 0 to 1.

/** The end of an axis that begins at 0: a round number that no value exceeds. */
export function roundEnd(values: readonly number[]): number {
  const most = Math.max(0, ...values.filter(Number.isFinite))
  if (most <= 5) return 5
  const power = 10 ** Math.floor(Math.log10(most))
  const end = [1, 2, 2.5, 5, 10].find((step) => step * power >= most) ?? 10
  return end * power
}

/** How far a value reaches on an axis that ends there. Nothing that is not nothing vanishes. */
export function reach(value: number, end: number): number {
  if (!(value > 0) || !(end > 0)) return 0
  return Math.min(1, Math.max(value / end, 0.005))
}

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Ages that people think in, in seconds. */
export const AGE_MARKS = [MINUTE, HOUR, DAY] as const

/**
 * How far an age reaches. Ten seconds and ten days must both be seen on one axis, so each step is a multiple of the
 * one before, up to four weeks.
 */
export function reachOfAge(seconds: number): number {
  if (!(seconds > 0)) return 0
  const whole = Math.log1p(28 * DAY)
  return Math.min(1, Math.log1p(seconds) / whole)
}

/** Ages as people sort them: within the hour, the working day, the day, the week, and longer. */
export const AGE_GROUPS = [
  { id: 'hour', below: HOUR },
  { id: 'sixHours', below: 6 * HOUR },
  { id: 'day', below: DAY },
  { id: 'week', below: 7 * DAY },
  { id: 'longer', below: Number.POSITIVE_INFINITY },
] as const

/** How many fall into each group of ages. */
export function inAgeGroups(ages: readonly number[]): number[] {
  const counts: number[] = AGE_GROUPS.map(() => 0)
  for (const age of ages) {
    const at = AGE_GROUPS.findIndex((group) => age < group.below)
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts
}
