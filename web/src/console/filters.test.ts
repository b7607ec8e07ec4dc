import { describe, expect, test } from 'vitest'
import { filtersIn, momentsOf, searchOf } from './filters'

const shape = { state: ['queued', 'delivered'], kind: 'text', from: 'day', attempts: 'number' } as const

describe('filters in an address', () => {
  test('what was chosen is read back from the address it was written to', () => {
    const chosen = { state: 'queued', kind: 'user/2fa', from: '2026-11-22', attempts: '3' }
    expect(filtersIn(searchOf(chosen), shape)).toEqual(chosen)
  })

  test('what narrows nothing is not in the address', () => {
    expect(searchOf({})).toBe('')
    expect(searchOf({ state: undefined, kind: '' })).toBe('')
  })

  test('what was mistyped in the address is passed over', () => {
    const search = '?state=nowhere&from=2026-13-45&attempts=-1&kind=%20&other=1'
    expect(filtersIn(search, shape)).toEqual({})
  })
})

describe('a range of days', () => {
  test('ends with the last moment of its last day, where the person is', () => {
    const { from, until } = momentsOf({ from: '2026-02-28', until: '2026-02-28' })
    expect(from).toBe(new Date(2026, 1, 28).toISOString())
    expect(until).toBe(new Date(2026, 2, 1).toISOString())
  })

  test('may be open on either side', () => {
    expect(momentsOf({})).toEqual({})
    expect(momentsOf({ until: '2026-12-31' })).toEqual({ until: new Date(2027, 0, 1).toISOString() })
  })
})
