// Reading and commanding for the console's pages: straight to Core, never through the outbox, since an order given
// an hour too late may be the wrong one.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useCallback } from 'react'
import { useApi } from '../api/ApiContext'
import type { Api } from '../api/client'
import { useLive } from '../api/Live'
import { Loading } from '../design/Loading'
import { ErrorState, Notice } from '../design/Notice'
import { sentenceOf } from '../design/sentence'
import { useNow, useWorld } from '../device/world'
import { useFormats, useText } from '../language/Language'
import { useAccount } from '../session/SessionContext'

/** How often pages that show what happens now ask again. */
const LIVE_MS = 10_000
/** Core tells of every change; asking about each would be a burden to it. */
const RARELY_MS = 3_000

export type Answer<Data> = Promise<{ data?: Data }>

export interface Asking<Data> {
  data: Data | undefined
  error: unknown
  /** When `data` came, in milliseconds since 1970. */
  at: number
  again: () => void
}

/** Asks Core. `live`: again every ten seconds, and when Core tells that something moved, while somebody looks. */
export function useAsked<Data>(
  key: readonly unknown[],
  ask: (api: Api, signal: AbortSignal) => Answer<Data>,
  options: { live?: boolean; when?: boolean } = {},
): Asking<Data> {
  const api = useApi()
  const world = useWorld()
  const { userId } = useAccount()
  const query = useQuery({
    // Nobody is ever shown what another person in this tab was told.
    queryKey: ['console', ...key, userId],
    queryFn: async ({ signal }) => (await ask(api, signal)).data ?? null,
    refetchInterval: options.live ? LIVE_MS : false,
    enabled: options.when ?? true,
    staleTime: options.live ? 2_000 : 15_000,
  })
  const { refetch, dataUpdatedAt } = query
  const live = options.live ?? false
  const again = useCallback(() => void refetch(), [refetch])
  const heard = useCallback(() => {
    if (live && world.now() - dataUpdatedAt > RARELY_MS) void refetch()
  }, [live, dataUpdatedAt, refetch, world])
  useLive(heard)
  return {
    data: query.data === null ? undefined : query.data,
    error: query.error ?? undefined,
    at: dataUpdatedAt,
    again,
  }
}

/** An order to Core. Whatever the console shows is asked for anew once it is carried out. */
export function useCommand<Input, Data>(
  run: (api: Api, input: Input) => Answer<Data>,
  done?: (data: Data | undefined, input: Input) => void,
) {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (input: Input) => (await run(api, input)).data,
    onSuccess: (data, input) => done?.(data, input),
    onSettled: () => client.invalidateQueries({ queryKey: ['console'] }),
  })
}

/** What was asked for, or why it is not there. What came before a failure stays, and says how old it is. */
export function Asked<Data>({
  asking,
  children,
}: {
  asking: Asking<Data>
  children: (data: Data) => ReactNode
}) {
  const t = useText()
  const { ago } = useFormats()
  const now = useNow()
  const { data, error, at, again } = asking
  if (data === undefined) return error ? <ErrorState error={error} retry={again} /> : <Loading />
  return (
    <>
      {error ? (
        <Notice tone="warn">{t('console.stale', { ago: ago(at, now), why: sentenceOf(error, t) })}</Notice>
      ) : null}
      {children(data)}
    </>
  )
}
