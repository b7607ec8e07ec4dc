import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { mayTake, mayUnassignOthers, reaches } from './access'
import { decodeScope, decodeScopes, mayBegin, workqueueSlugs } from './scope'

const vectors = new URL('../../../../shared/vectors/', import.meta.url)
const rows = (name: string) => {
  const file = new URL(name, vectors)
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line))
}

describe.skipIf(!existsSync(vectors))('scopes are understood as Core understands them', () => {
  test.each(rows('scopes.jsonl').map((row) => [row.id, row]))('%s', (_, row) => {
    const scope = decodeScope(row.encoded)
    expect(scope ?? null).toEqual(row.expected)
  })
})

describe.skipIf(!existsSync(vectors))('a scope reaches the records that Core says it reaches', () => {
  test.each(rows('record-access.jsonl').map((row) => [row.id, row]))('%s', (_, row) => {
    const scope = decodeScope(row.scope)
    expect(scope ? reaches(scope, row.user, row.event, row.customActionType) : null).toEqual(row.expected)
  })
})

describe('somebody at their desk', () => {
  const person = { id: 'me', primaryOfficeId: 'office', administrativeAreaId: 'district' }
  const record = { type: 'birth', placeOfEvent: ['province', 'district', 'clinic'] }

  test('sees the workqueues of all their scopes', () => {
    const scopes = decodeScopes(['type=workqueue&ids=b,a', 'type=workqueue&ids=c', '?', 'workqueue'])
    expect([...workqueueSlugs(scopes)]).toEqual(['b', 'a', 'c'])
  })

  test('may only begin records of the event types that are named', () => {
    const scopes = decodeScopes(['type=record.create&event=birth'])
    expect(mayBegin(scopes, 'record.create', 'birth')).toBe(true)
    expect(mayBegin(scopes, 'record.create', 'death')).toBe(false)
  })

  test('may take an action on records of their area only', () => {
    const scopes = decodeScopes(['type=record.register&placeOfEvent=administrativeArea'])
    expect(mayTake('REGISTER', scopes, person, record)).toBe(true)
    expect(mayTake('DECLARE', scopes, person, record)).toBe(true)
    expect(mayTake('ARCHIVE', scopes, person, record)).toBe(false)
    expect(mayTake('REGISTER', scopes, person, { ...record, placeOfEvent: ['province', 'other'] })).toBe(
      false,
    )
  })

  test('may always take and let go, but needs a scope to take a record from somebody else', () => {
    expect(mayTake('ASSIGN', [], person, record)).toBe(true)
    expect(mayUnassignOthers([], person, record)).toBe(false)
    expect(mayUnassignOthers(decodeScopes(['type=record.unassign-others']), person, record)).toBe(true)
  })
})
