import { describe, expect, test } from 'vitest'
import { AGE_MARKS, inAgeGroups, reach, reachOfAge, roundEnd } from './scale'

describe('an axis of numbers', () => {
  test.each([
    [[], 5],
    [[0], 5],
    [[3, 4], 5],
    [[7], 10],
    [[11], 20],
    [[21], 25],
    [[180], 200],
    [[100_000], 100_000],
    [[100_001], 200_000],
  ])('of %j ends at %d', (values, end) => {
    expect(roundEnd(values)).toBe(end)
  })

  test('shows one of a hundred thousand, and never more than all', () => {
    expect(reach(1, 100_000)).toBeGreaterThan(0)
    expect(reach(0, 5)).toBe(0)
    expect(reach(7, 5)).toBe(1)
    expect(reach(Number.NaN, 5)).toBe(0)
  })
})

describe('an axis of ages', () => {
  test('tells seconds, hours and weeks apart', () => {
    const marks = [10, ...AGE_MARKS].map(reachOfAge)
    expect([...marks].sort((a, b) => a - b)).toEqual(marks)
    for (const [index, mark] of marks.entries()) expect(mark - (marks[index - 1] ?? 0)).toBeGreaterThan(0.05)
  })

  test('begins at nothing and ends at four weeks', () => {
    expect(reachOfAge(0)).toBe(0)
    expect(reachOfAge(-5)).toBe(0)
    expect(reachOfAge(365 * 86_400)).toBe(1)
  })

  test('puts every age into one group', () => {
    expect(inAgeGroups([0, 3599, 3600, 86_400, 700_000, 1e9])).toEqual([2, 1, 0, 1, 2])
  })
})
