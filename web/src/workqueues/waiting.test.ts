import { expect, test } from 'vitest'
import { waitsOf } from './Waiting'

const register = { type: 'REGISTER', customActionType: null, requestedAt: '2026-01-20T10:00:00.000Z' }

test('what a record waits for is what Core says, with its time', () => {
  expect(waitsOf({ flags: ['register:requested'], pendingActions: [register] })).toEqual([register])
})

test('of a record that Core tells no times of, the flags tell what it waits for', () => {
  expect(waitsOf({ flags: ['incomplete', 'register:requested'] })).toEqual([{ type: 'REGISTER' }])
  expect(waitsOf({ flags: [] })).toEqual([])
})
