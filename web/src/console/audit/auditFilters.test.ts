import { expect, test } from 'vitest'
import { queryOf } from './auditFilters'

test('a record is named by its id or by its tracking id', () => {
  const id = '0190b5a0-7f3e-7c21-a3ee-0123456789ab'
  expect(queryOf({ event: id })).toEqual({ event: id })
  expect(queryOf({ event: 'bxy12z' })).toEqual({ trackingId: 'bxy12z' })
})

test('a person and a client are never asked for together', () => {
  expect(queryOf({ user: 'u', client: 'c', operation: 'event.get', after: 'x' })).toEqual({
    user: 'u',
    operation: 'event.get',
    cursor: 'x',
  })
})

test('the last day is part of the period', () => {
  expect(queryOf({ from: '2026-02-01', until: '2026-02-01' })).toEqual({
    from: new Date(2026, 1, 1).toISOString(),
    to: new Date(2026, 1, 2).toISOString(),
  })
})
