import { expect, test } from 'vitest'
import { secondsBetween, wordsOf } from './duration'

test('an age is told in the largest unit that fits at least once', () => {
  expect(wordsOf(0)).toEqual({ count: 0, unit: 'seconds' })
  expect(wordsOf(59.6)).toEqual({ count: 1, unit: 'minutes' })
  expect(wordsOf(3599)).toEqual({ count: 59, unit: 'minutes' })
  expect(wordsOf(86_399)).toEqual({ count: 23, unit: 'hours' })
  expect(wordsOf(200_000)).toEqual({ count: 2, unit: 'days' })
  expect(wordsOf(-5)).toEqual({ count: 0, unit: 'seconds' })
})

test('clocks that differ make no negative age', () => {
  expect(secondsBetween('2026-11-22T10:00:10Z', '2026-11-22T10:00:00Z')).toBe(0)
  expect(secondsBetween('2026-11-22T10:00:00Z', '2026-11-22T10:01:30Z')).toBe(90)
})
