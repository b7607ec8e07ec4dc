import { expect, test } from 'vitest'
import { queryOf, wantedOf } from './deliveryFilters'

test('what is unfinished waits or is under way', () => {
  expect(wantedOf({ state: 'unfinished' })).toEqual({ state: ['queued', 'leased'] })
  expect(queryOf({ state: 'unfinished' })).toEqual({ state: 'queued,leased' })
})

test('any failure is every way in which an attempt is repeated', () => {
  const { outcome } = queryOf({ outcome: 'failure' })
  expect(outcome?.split(',')).toContain('timeout')
  expect(outcome?.split(',')).not.toContain('accepted')
})

test('an age becomes the one that Core knows, and a page is no part of a filter', () => {
  expect(queryOf({ age: 'older1d', after: 'abc', attempts: '3' })).toEqual({ olderThan: '1d', attempts: '3' })
})

test('nothing chosen asks for everything', () => {
  expect(queryOf({})).toEqual({})
})
