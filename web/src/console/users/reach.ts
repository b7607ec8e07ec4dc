// Which roles and offices somebody may give to people: as their scopes have it. Core decides; here it is only about
// not offering what it would refuse.
import type { Place, RoleConfig } from '../../configuration/types'

export interface Giver {
  scopes: readonly string[]
  primaryOfficeId: string
  administrativeAreaId?: string | undefined
}

interface Reach {
  level: string | undefined
  roles: string[] | undefined
}

function reaches(giver: Giver, kind: string): Reach[] {
  return giver.scopes.flatMap((scope) => {
    if (scope === kind) return [{ level: undefined, roles: undefined }]
    const parameters = new URLSearchParams(scope)
    if (parameters.get('type') !== kind) return []
    const roles = parameters.get('role')
    return [
      {
        level: parameters.get('accessLevel') ?? undefined,
        roles: roles === null ? undefined : roles.split(',').filter(Boolean),
      },
    ]
  })
}

/** Roles that any scope of this kind lets them give. */
export function rolesInReach(giver: Giver, kind: string, roles: readonly RoleConfig[]): RoleConfig[] {
  const all = reaches(giver, kind)
  return roles.filter((role) =>
    all.some((reach) => reach.roles === undefined || reach.roles.includes(role.id)),
  )
}

/** Offices that any scope of this kind lets them give; `above` names the areas that an office lies in. */
export function officesInReach(
  giver: Giver,
  kind: string,
  offices: readonly Place[],
  above: (id: string) => readonly string[],
): Place[] {
  const all = reaches(giver, kind)
  return offices.filter((office) =>
    all.some(({ level }) => {
      if (level === 'location') return office.id === giver.primaryOfficeId
      if (level === 'administrativeArea')
        return (
          giver.administrativeAreaId === undefined || above(office.id).includes(giver.administrativeAreaId)
        )
      return true
    }),
  )
}
