// The levels of the country's administrative areas, such as province and district.
import { useMemo } from 'react'
import { useConfiguration } from '../../configuration/Configuration'
import type { MessageDescriptor } from '../../language/messages'

interface AreaLevel {
  id: string
  label: MessageDescriptor
}

export function useLevels(): AreaLevel[] {
  const { application } = useConfiguration()
  return useMemo(() => {
    const structure = application.ADMIN_STRUCTURE
    return Array.isArray(structure)
      ? structure.filter((level): level is AreaLevel => typeof level?.id === 'string')
      : []
  }, [application])
}
