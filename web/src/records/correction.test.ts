import { expect, test } from 'vitest'
import type { Action, EventDocument } from '../api/client'
import type { EventConfig } from '../configuration/types'
import { laterChanges } from './changes'
import { correctionOf } from './correction'

const label = { id: 'l' }
const field = (id: string) => ({ id, type: 'TEXT', label })
const config = {
  actions: [],
  declaration: {
    pages: [
      {
        id: 'p',
        title: label,
        fields: [...['name', 'home', 'same', 'gone'].map(field), { ...field('asked'), type: 'HTTP' }],
      },
    ],
  },
} as unknown as EventConfig

const action = (id: string, type: string, declaration: object, more: object = {}): Action =>
  ({ id, type, status: 'Accepted', createdAt: `2026-01-0${id}T00:00:00Z`, declaration, ...more }) as Action

test('a correction shows what was, what will be, and nothing that stays as it is', () => {
  const request = action(
    '3',
    'REQUEST_CORRECTION',
    { name: 'Anne', home: { town: 'B', street: null }, same: 'x', gone: null },
    { annotation: { 'correction.reason': 'Misspelt' } },
  )
  const event = {
    actions: [
      action('1', 'CREATE', {}),
      action('2', 'DECLARE', { name: 'Ann', home: { town: 'A', street: 'S' }, same: 'x', gone: 'y' }),
      request,
    ],
  } as EventDocument
  const { changes, annotation } = correctionOf(event, request, config)
  expect(changes.map(({ field, before, after }) => [field.id, before, after])).toEqual([
    ['name', 'Ann', 'Anne'],
    ['home', { town: 'A', street: 'S' }, { town: 'B' }],
    ['gone', 'y', undefined],
  ])
  expect(annotation).toEqual({ 'correction.reason': 'Misspelt' })
})

test('an edit shows what it changed, with what the country put in; the first declaration shows nothing', () => {
  const first = action('2', 'DECLARE', { name: 'Ann', same: 'x' })
  const asked = action('3', 'EDIT', { name: 'Anne', same: 'x' }, { status: 'Requested' })
  const decided = action('4', 'EDIT', { home: 'Here', asked: { data: 1 } }, { originalActionId: '3' })
  const event = { actions: [action('1', 'CREATE', {}), first, asked, decided] } as EventDocument
  expect(laterChanges(event, first, config)).toEqual([])
  const told = laterChanges(event, asked, config, decided)
  expect(told.map(({ field, before, after }) => [field.id, before, after])).toEqual([
    ['name', 'Ann', 'Anne'],
    ['home', undefined, 'Here'],
  ])
})
