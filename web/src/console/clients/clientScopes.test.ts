import { describe, expect, test } from 'vitest'
import { chosenIn, kindOf, scopesOf } from './clientScopes'

describe('the scopes of a system client', () => {
  test('what was chosen is written as Core reads it, in the order of the list', () => {
    expect(
      scopesOf({ kinds: ['record.read', 'record.create'], events: ['death', 'birth'], further: [] }),
    ).toEqual(['type=record.create&event=birth,death', 'type=record.read&event=birth,death'])
  })

  test('only what is about records is narrowed to types of them', () => {
    expect(scopesOf({ kinds: ['delivery.read'], events: ['birth'], further: [] })).toEqual([
      'type=delivery.read',
    ])
  })

  test('what a client holds comes back as it was when nothing is changed', () => {
    const scopes = [
      'type=record.create&event=birth',
      'type=record.read&event=birth',
      'type=integration.create',
      'type=record.search&placeOfEvent=administrativeArea',
      'type=workqueue&ids=all',
    ]
    const chosen = chosenIn(scopes)
    expect(chosen.kinds).toEqual(['record.create', 'record.read', 'integration.create'])
    expect(chosen.events).toEqual(['birth'])
    expect(new Set(scopesOf(chosen))).toEqual(new Set(scopes))
  })

  test('a kind narrowed otherwise than the rest is kept as it is written', () => {
    const scopes = ['type=record.create&event=birth', 'type=record.read', 'type=user.edit&role=REGISTRAR']
    const chosen = chosenIn(scopes)
    expect(chosen.kinds).toEqual(['record.create'])
    expect(chosen.further).toEqual(['type=record.read', 'type=user.edit&role=REGISTRAR'])
  })

  test('a scope as old clients write it counts', () => {
    expect(chosenIn(['record.create']).kinds).toEqual(['record.create'])
    expect(kindOf('record.create')).toBe('record.create')
    expect(kindOf('type=record.read&event=birth')).toBe('record.read')
  })
})
