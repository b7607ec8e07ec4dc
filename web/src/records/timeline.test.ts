import { describe, expect, test } from 'vitest'
import type { Action, EventDocument } from '../api/client'
import { timeline } from './timeline'

const action = (id: string, type: Action['type'], at: number, more: Partial<Action> = {}): Action => ({
  id,
  transactionId: id,
  type,
  status: 'Accepted',
  createdAt: `2026-01-0${at}T00:00:00.000Z`,
  createdBy: 'ann',
  createdByUserType: 'user',
  ...more,
})

const record = (...actions: Action[]): EventDocument => ({
  id: 'r',
  type: 'birth',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  trackingId: 'ABC123',
  actions,
})

describe('the timeline of a record', () => {
  test('tells a request and its decision as one, newest first', () => {
    const told = timeline(
      record(
        action('c', 'CREATE', 1),
        action('q', 'REGISTER', 2, { status: 'Requested' }),
        action('d', 'REGISTER', 3, {
          status: 'Rejected',
          originalActionId: 'q',
          content: { reason: 'No such identity' },
        }),
      ),
    )
    expect(told.map(({ id, outcome, reason }) => ({ id, outcome, reason }))).toEqual([
      { id: 'q', outcome: 'refused', reason: 'No such identity' },
      { id: 'c', outcome: 'accepted', reason: undefined },
    ])
  })

  test('says of what nobody has decided that it waits', () => {
    const [first] = timeline(record(action('q', 'REGISTER', 1, { status: 'Requested' })))
    expect(first?.outcome).toBe('waiting')
  })

  test('tells what operators did about an action below it, and leaves out what it says itself', () => {
    const step = (operation: string) => ({
      id: operation,
      at: '2026-01-02T00:00:00.000Z',
      by: 'operator',
      byType: 'user' as const,
      operation,
      details: { actionId: 'q' },
      correlation: '1',
    })
    const [first] = timeline(record(action('q', 'REGISTER', 1, { status: 'Requested' })), [
      step('event.actions.register.request'),
      step('pending.resend'),
    ])
    expect(first?.steps.map(({ operation }) => operation)).toEqual(['pending.resend'])
  })

  test('leaves out who looked at the record', () => {
    expect(timeline(record(action('l', 'READ', 1)))).toEqual([])
  })
})
