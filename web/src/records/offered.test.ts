import { describe, expect, test } from 'vitest'
import type { EventConfig } from '../configuration/types'
import type { EventState } from './eventState'
import { offeredActions } from './offered'
import { decodeScopes } from './scope'

const label = { id: 'l', defaultMessage: 'l' }
const config = {
  id: 'birth',
  label,
  actions: [
    { type: 'DECLARE', label },
    { type: 'REGISTER', label, conditionals: [{ type: 'ENABLE', conditional: { holds: false } }] },
    { type: 'REJECT', label },
    { type: 'EDIT', label },
    { type: 'CUSTOM', customActionType: 'ESCALATE', label },
    {
      type: 'CUSTOM',
      customActionType: 'HIDDEN',
      label,
      conditionals: [{ type: 'SHOW', conditional: { holds: false } }],
    },
  ],
  actionOrder: ['ASSIGN', 'ESCALATE', 'REGISTER'],
} as unknown as EventConfig

const state = (more: Partial<EventState> = {}) =>
  ({
    id: 'r',
    type: 'birth',
    status: 'DECLARED',
    flags: [],
    declaration: {},
    legalStatuses: {},
    ...more,
  }) as unknown as EventState

const offered = (record: EventState, ...scopes: string[]) =>
  offeredActions(record, { type: 'birth' }, config, {
    person: { id: 'me' },
    scopes: decodeScopes(scopes),
    around: { $now: '', $online: true, $user: {}, $leafAdminStructureLocationIds: [] },
    isMet: ({ holds }) => holds === true,
  })

const keys = (...asked: Parameters<typeof offered>) => offered(...asked).map(({ key }) => key)

describe('what somebody is offered on a record', () => {
  const registrar = [
    'type=record.register',
    'type=record.reject',
    'type=record.custom-action&customActionTypes=ESCALATE,HIDDEN',
  ]

  test('is in the country’s order, what it does not order after that', () => {
    expect(keys(state(), ...registrar)).toEqual(['ASSIGN', 'ESCALATE', 'REGISTER', 'REJECT'])
  })

  test('is what their scopes reach', () => {
    expect(keys(state())).toEqual(['ASSIGN'])
  })

  test('may be offered but not now', () => {
    expect(offered(state(), ...registrar).find(({ key }) => key === 'REGISTER')?.enabled).toBe(false)
  })

  test('leaves out what cannot be done while an action waits for the country', () => {
    const waiting = state({ flags: ['register:requested'] })
    expect(keys(waiting, ...registrar)).toEqual(['ASSIGN'])
  })

  test('lets whoever holds a record let go of it, and others only take it with a scope', () => {
    expect(keys(state({ assignedTo: 'me' }))).toEqual(['UNASSIGN'])
    expect(keys(state({ assignedTo: 'ann' }))).toEqual([])
    expect(keys(state({ assignedTo: 'ann' }), 'type=record.unassign-others')).toEqual(['ASSIGN', 'UNASSIGN'])
  })
})
