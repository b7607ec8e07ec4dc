import { expect, test } from 'vitest'
import { left, pauseAfter } from './pause'

const most = () => 0.999_999
const least = () => 0

test('pauses double with full jitter, up to five minutes, and are never nothing', () => {
  const longest = [1, 2, 3, 20].map((attempts) => Math.round(pauseAfter(attempts, 0, most).lasts / 1000))
  expect(longest).toEqual([2, 4, 8, 300])
  expect(pauseAfter(9, 0, least).lasts).toBe(250)
})

test('what Core asks for is waited at least, whatever speaks for trying sooner', () => {
  const pause = pauseAfter(1, 1_000, least, 20)
  expect(left(pause, 1_000, false)).toBeGreaterThanOrEqual(20_000)
  expect(left(pause, 11_000, true)).toBe(10_000)
  expect(left(pauseAfter(1, 1_000, most), 1_000, true)).toBe(0)
  expect(pauseAfter(1, 0, least, 1e9).atLeast).toBe(3_600_000)
})

test('a clock that is set back stalls nothing', () => {
  const pause = pauseAfter(20, 1_000_000, most)
  expect(left(pause, 1_000_001, false)).toBeGreaterThan(200_000)
  expect(left(pause, 999_999, false)).toBe(0)
  expect(left(undefined, 5, false)).toBe(0)
})
