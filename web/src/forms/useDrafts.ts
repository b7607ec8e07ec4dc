import { useQuery } from '@tanstack/react-query'
import { usePersonalDatabase } from '../records/personal'
import { useAccount } from '../session/SessionContext'

/** What was begun on this device and not sent, the newest first. */
export function useDrafts() {
  const { userId } = useAccount()
  const database = usePersonalDatabase()
  return useQuery({
    queryKey: ['drafts', userId],
    networkMode: 'always',
    staleTime: 0,
    queryFn: async () => {
      const all = await (await database()).getAll('drafts')
      return all.sort((one, two) => two.changedAt - one.changedAt)
    },
  })
}
