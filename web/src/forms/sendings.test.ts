import { expect, test } from 'vitest'
import type { EventConfig } from '../configuration/types'
import { decodeScopes } from '../records/scope'
import { withoutLocalFiles } from './saveToCore'
import { openSendings } from './sendings'

const event = {
  id: 'birth',
  actions: [{ type: 'DECLARE' }, { type: 'REGISTER' }],
} as unknown as EventConfig
const hierarchy = (id: string) => ['area', id]
const sendings = (scopes: string[], state?: object) =>
  openSendings(
    event,
    {},
    {
      person: {
        id: 'p',
        primaryOfficeId: '0b9a1a4e-6d0c-4a3b-9a53-0f5f3a2e9c11',
        administrativeAreaId: 'area',
      },
      scopes: decodeScopes(scopes),
      around: {} as never,
      isMet: () => true,
    },
    hierarchy,
    state as never,
  )

test('a declaration may be sent as the person’s scopes allow, the fullest way first', () => {
  expect(sendings(['type=record.notify', 'type=record.declare', 'type=record.register'])).toEqual([
    'REGISTER',
    'DECLARE',
    'NOTIFY',
  ])
  expect(sendings(['type=record.notify'])).toEqual(['NOTIFY'])
  expect(sendings(['type=record.declare&event=death'])).toEqual([])
})

test('what is declared is not notified of again', () => {
  expect(sendings(['type=record.notify', 'type=record.declare'], { status: 'DECLARED' })).toEqual(['DECLARE'])
})

test('files that are only on this device do not go with a draft', () => {
  const mine = { path: 'device:1', originalFilename: 'a', type: 'image/png' }
  const known = { ...mine, path: '/birth/1.png' }
  expect(withoutLocalFiles({ one: mine, many: [mine, known], name: 'x' })).toEqual({
    many: [known],
    name: 'x',
  })
})
