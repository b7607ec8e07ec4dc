import { useMemo } from 'react'
import type { Schemas } from '../../api/client'
import { useConfiguration } from '../../configuration/Configuration'
import type { Tone } from '../../design/Notice'
import { useCountryText } from '../../language/Language'

export type User = Schemas['User']

export const STATUS_TONES: Record<User['status'], Tone> = {
  active: 'good',
  pending: 'info',
  deactivated: 'plain',
}

export const nameOf = ({ name }: Pick<User, 'name'>): string => `${name.firstname} ${name.surname}`.trim()

/** A role's label, as the country words it. */
export function useRoleWords(): (id: string) => string {
  const { roles } = useConfiguration()
  const tc = useCountryText()
  return useMemo(() => {
    const labels = new Map(roles.map((role) => [role.id, tc(role.label)]))
    return (id) => labels.get(id) ?? id
  }, [roles, tc])
}
