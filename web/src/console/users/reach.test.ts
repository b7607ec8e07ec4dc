import { describe, expect, test } from 'vitest'
import { type Giver, officesInReach, rolesInReach } from './reach'

const roles = ['CLERK', 'REGISTRAR', 'ADMIN'].map((id) => ({ id, label: { id }, scopes: [] }))
const offices = [
  { id: 'mine', name: 'Mine', administrativeAreaId: 'west' },
  { id: 'near', name: 'Near', administrativeAreaId: 'west' },
  { id: 'far', name: 'Far', administrativeAreaId: 'east' },
]
const above = (id: string) => [id, id === 'far' ? 'east' : 'west']
const giver = (...scopes: string[]): Giver => ({
  scopes,
  primaryOfficeId: 'mine',
  administrativeAreaId: 'west',
})
const ids = (found: { id: string }[]) => found.map(({ id }) => id)

describe('whom somebody may make an account for', () => {
  test('without a scope, nobody', () => {
    expect(rolesInReach(giver('type=user.read'), 'user.create', roles)).toEqual([])
    expect(officesInReach(giver('type=user.read'), 'user.create', offices, above)).toEqual([])
  })

  test('with a scope that names no role and no reach, everybody', () => {
    const anybody = giver('type=user.create')
    expect(ids(rolesInReach(anybody, 'user.create', roles))).toEqual(['CLERK', 'REGISTRAR', 'ADMIN'])
    expect(ids(officesInReach(anybody, 'user.create', offices, above))).toEqual(['mine', 'near', 'far'])
  })

  test('of the roles that scopes name, together', () => {
    const some = giver('type=user.create&role=CLERK', 'type=user.create&role=REGISTRAR')
    expect(ids(rolesInReach(some, 'user.create', roles))).toEqual(['CLERK', 'REGISTRAR'])
  })

  test('at offices of their own area, or only at their own', () => {
    const area = giver('type=user.create&accessLevel=administrativeArea')
    expect(ids(officesInReach(area, 'user.create', offices, above))).toEqual(['mine', 'near'])
    const own = giver('type=user.create&accessLevel=location')
    expect(ids(officesInReach(own, 'user.create', offices, above))).toEqual(['mine'])
  })
})
