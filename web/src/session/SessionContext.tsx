import { createContext, type ReactNode, useContext, useSyncExternalStore } from 'react'
import type { DeviceAccount } from './account'
import type { Session, Standing } from './session'

const Context = createContext<Session | undefined>(undefined)

export const SessionProvider = (props: { session: Session; children: ReactNode }) => (
  <Context.Provider value={props.session}>{props.children}</Context.Provider>
)

export function useSession(): Session {
  const session = useContext(Context)
  if (!session) throw new Error('SessionProvider is missing')
  return session
}

export function useStanding(): Standing {
  const session = useSession()
  return useSyncExternalStore(session.subscribe, session.standing)
}

/** Whoever is before the screen. Only below the part of the desk that is shown to somebody. */
export function useAccount(): DeviceAccount {
  const standing = useStanding()
  if (standing.is !== 'open' && standing.is !== 'locked') throw new Error('Nobody is signed in')
  return standing.account
}

/** Whether the person holds a scope of this type, such as `record.register`. */
export function useScope(type: string): boolean {
  const { scopes } = useAccount()
  return hasScope(scopes, type)
}

export const hasScope = (scopes: string[], type: string): boolean =>
  scopes.some((scope) => scope === type || new URLSearchParams(scope).get('type') === type)
