/** A length of time in the largest unit that fits at least once. */
export function wordsOf(seconds: number): { count: number; unit: 'seconds' | 'minutes' | 'hours' | 'days' } {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return { count: whole, unit: 'seconds' }
  if (whole < 3600) return { count: Math.floor(whole / 60), unit: 'minutes' }
  if (whole < 86_400) return { count: Math.floor(whole / 3600), unit: 'hours' }
  return { count: Math.floor(whole / 86_400), unit: 'days' }
}

/** Seconds from one moment to another; none when the second comes first. */
export const secondsBetween = (earlier: string, later: string): number =>
  Math.max(0, (Date.parse(later) - Date.parse(earlier)) / 1000)
