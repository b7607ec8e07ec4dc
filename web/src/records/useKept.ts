import { useQuery } from '@tanstack/react-query'
import { useWorld } from '../device/world'
import { useAccount } from '../session/SessionContext'
import { askOrKept, type Kept } from './kept'
import { usePersonalDatabase } from './personal'

/** Asks Core for something that a list or page is drawn from; without a network gives what it said last. */
export function useKept<T>(
  key: readonly (string | number)[],
  ask: () => Promise<T>,
  options: { enabled?: boolean; refetchEvery?: number } = {},
) {
  const database = usePersonalDatabase()
  const { userId } = useAccount()
  const { now } = useWorld()
  return useQuery<Kept<T>>({
    // Nobody is ever drawn a list from what another person on this device was told.
    queryKey: [...key, userId],
    // Whether there is a network, the request itself finds out.
    networkMode: 'always',
    retry: false,
    enabled: options.enabled ?? true,
    refetchInterval: options.refetchEvery ?? false,
    placeholderData: (before) => before,
    queryFn: async () => askOrKept(await database(), key.join(' '), ask, now),
  })
}
