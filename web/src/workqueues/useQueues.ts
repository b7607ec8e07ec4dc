import { useMemo } from 'react'
import { useApi } from '../api/ApiContext'
import type { Api } from '../api/client'
import { useConfiguration } from '../configuration/Configuration'
import type { WorkqueueConfig } from '../configuration/types'
import { decodeScopes, workqueueSlugs } from '../records/scope'
import { useKept } from '../records/useKept'
import { useAccount } from '../session/SessionContext'

/** Lists are drawn again when Core tells that something moved; this is for when nobody could tell. */
export const LOOK_AGAIN_MS = 60_000

/** The workqueues that the person may see, in the country's order. */
export function useQueues(): WorkqueueConfig[] {
  const { workqueues } = useConfiguration()
  const { scopes } = useAccount()
  return useMemo(() => {
    const allowed = workqueueSlugs(decodeScopes(scopes))
    return workqueues.filter(({ slug }) => allowed.has(slug))
  }, [workqueues, scopes])
}

type Counts = Record<string, number>

/** How many records each queue holds: counted with the very query that its list is drawn with. */
export function useCounts(queues: WorkqueueConfig[]) {
  const api = useApi()
  return useKept<Counts>(
    ['workqueues', 'counts', ...queues.map(({ slug }) => slug)],
    async () => {
      const body = queues.map(({ slug, query }) => ({ slug, query })) as Parameters<typeof countQueues>[1]
      return countQueues(api, body)
    },
    { enabled: queues.length > 0, refetchEvery: LOOK_AGAIN_MS },
  )
}

async function countQueues(
  api: Api,
  body: { slug: string; query: { type: 'and' | 'or'; clauses: Record<string, unknown>[] } }[],
): Promise<Counts> {
  const { data } = await api.POST('/workqueues/count', { body })
  return data ?? {}
}
