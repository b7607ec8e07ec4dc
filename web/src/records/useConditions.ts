// What conditions are judged by on this device: who is before the screen, the day, and the places.
import { useMemo } from 'react'
import { useConfiguration } from '../configuration/Configuration'
import { useOnline } from '../device/online'
import { useToday } from '../device/world'
import { isMet } from '../forms/rules/conditionals'
import { useAccount } from '../session/SessionContext'
import type { Person } from './access'
import type { Asker } from './offered'
import { decodeScopes } from './scope'

/** The person before the screen as scopes and conditions see them. */
export function useAsker(): Asker {
  const account = useAccount()
  const { areas } = useConfiguration()
  const online = useOnline()
  const today = useToday()
  return useMemo(() => {
    const person: Person = {
      id: account.userId,
      role: account.role,
      primaryOfficeId: account.primaryOfficeId,
      administrativeAreaId: account.administrativeAreaId,
    }
    const above = new Set(areas.map(({ parentId }) => parentId))
    return {
      person,
      scopes: decodeScopes(account.scopes),
      isMet,
      around: {
        $now: today,
        $online: online,
        $user: {
          sub: account.userId,
          role: account.role,
          scope: account.scopes,
          userType: 'user',
          primaryOfficeId: account.primaryOfficeId,
          administrativeAreaId: account.administrativeAreaId,
        },
        $leafAdminStructureLocationIds: areas.filter(({ id }) => !above.has(id)).map(({ id }) => ({ id })),
      },
    }
  }, [account, areas, online, today])
}
