import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import { Refusal } from '../api/errors'
import { Loading } from '../design/Loading'
import { ErrorState } from '../design/Notice'
import { useText } from '../language/Language'
import type { Documents, KeptDocument } from './documents'
import type { Configuration } from './types'

const Context = createContext<Configuration | undefined>(undefined)

/** The country may not have these: then there is nothing of them. */
async function perhaps(documents: Documents, path: string, absent: unknown): Promise<KeptDocument> {
  try {
    return await documents.read(path)
  } catch (error) {
    if (error instanceof Refusal && (error.status === 404 || error.status === 403 || error.status === 501))
      return documents.absent(path, absent)
    throw error
  }
}

const PATHS = {
  events: '/config',
  workqueues: '/workqueues',
  roles: '/roles',
  areas: '/administrative-areas',
  places: '/locations',
  application: '/application',
} as const

const OPTIONAL: Partial<Record<keyof typeof PATHS, unknown>> = { application: {}, roles: [] }

async function readAll(read: (path: string, absent: unknown) => Promise<KeptDocument | undefined>) {
  const names = Object.keys(PATHS) as (keyof typeof PATHS)[]
  const documents = await Promise.all(names.map((name) => read(PATHS[name], OPTIONAL[name])))
  if (documents.some((document) => document === undefined)) return undefined
  const found = documents as KeptDocument[]
  const bodies = Object.fromEntries(names.map((name, index) => [name, found[index]?.body]))
  return {
    ...(bodies as unknown as Omit<Configuration, 'confirmedAt'>),
    confirmedAt: Math.min(...found.map((document) => document.fetchedAt)),
  } satisfies Configuration
}

/** Opens at once with what the device has, and looks behind the scenes whether Core has something newer. */
export function ConfigurationProvider({
  documents,
  children,
}: {
  documents: Documents
  children: ReactNode
}) {
  const t = useText()
  const client = useQueryClient()
  const kept = useQuery({
    queryKey: ['configuration', 'kept'],
    networkMode: 'always',
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const found = await readAll(async (path, absent) => {
        const document = await documents.kept(path)
        return document ?? (absent === undefined ? undefined : documents.absent(path, absent))
      })
      return found ?? null
    },
  })
  const fresh = useQuery({
    queryKey: ['configuration', 'fresh'],
    networkMode: 'always',
    staleTime: 5 * 60_000,
    refetchInterval: 15 * 60_000,
    retry: 3,
    queryFn: async () => {
      const found = await readAll((path, absent) =>
        absent === undefined ? documents.read(path) : perhaps(documents, path, absent),
      )
      if (!found) throw new Error('unreachable')
      return found
    },
  })
  const configuration = fresh.data ?? kept.data ?? undefined
  if (!configuration) {
    if (fresh.isError)
      return (
        <ErrorState
          error={fresh.error}
          retry={() => void client.invalidateQueries({ queryKey: ['configuration'] })}
        />
      )
    return <Loading label={t('app.readingConfiguration')} />
  }
  return <Context.Provider value={configuration}>{children}</Context.Provider>
}

export function useConfiguration(): Configuration {
  const configuration = useContext(Context)
  if (!configuration) throw new Error('ConfigurationProvider is missing')
  return configuration
}

/** The configuration of one event type; undefined when the country no longer has it. */
export function useEventConfig(eventType: string) {
  const { events } = useConfiguration()
  return useMemo(() => events.find((event) => event.id === eventType), [events, eventType])
}
