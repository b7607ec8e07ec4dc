// What fields need of the desk to ask the country's systems.
import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useWorld } from '../../device/world'
import { useAccount, useSession } from '../../session/SessionContext'
import type { Connections, Requesting } from './request'

/** An operator may change them while the desk is open. */
const CONNECTIONS_STALE_MS = 60_000
/** Core introduces somebody for five minutes. */
const INTRODUCTION_STALE_MS = 4 * 60_000

export function useRequesting(): (signal?: AbortSignal) => Requesting {
  const session = useSession()
  const { userId } = useAccount()
  const client = useQueryClient()
  const { send } = useWorld()
  return useCallback(
    (signal) => ({
      send,
      location: window.location.href,
      token: session.token(),
      connections: () =>
        client.fetchQuery({
          queryKey: ['connections'],
          networkMode: 'always',
          retry: false,
          staleTime: CONNECTIONS_STALE_MS,
          queryFn: () => connectionsOf(send),
        }),
      introduction: () =>
        client.fetchQuery({
          queryKey: ['introduction', userId],
          networkMode: 'always',
          retry: false,
          staleTime: INTRODUCTION_STALE_MS,
          gcTime: INTRODUCTION_STALE_MS,
          queryFn: () => introduced(send, session.token()),
        }),
      ...(signal ? { signal } : {}),
    }),
    [session, userId, client, send],
  )
}

async function connectionsOf(send: typeof fetch): Promise<Connections | null> {
  // Where the desk is developed nobody serves them, and nothing keeps it from asking.
  if (import.meta.env.DEV) return null
  const response = await send('/desk/connections.json')
  if (!response.ok) throw new Error(`${response.status}`)
  return response.json()
}

async function introduced(send: typeof fetch, token: string | undefined): Promise<string> {
  const response = await send('/auth/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'urn:opencrvs:oauth:grant-type:token-exchange',
      subject_token: token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_token_type: 'urn:countersign:oauth:token-type:introduction',
    }),
  })
  if (!response.ok) throw new Error(`Core introduces nobody: ${response.status}`)
  return (await response.json()).access_token
}
