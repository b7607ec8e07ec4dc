// One line to Core's `/stream` for all of the desk: whoever is interested is told what moved.
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react'
import { useWorld } from '../device/world'
import { useSession } from '../session/SessionContext'
import { listen, type StreamEvent } from './stream'

type Listener = (event: StreamEvent) => void

const Context = createContext<Set<Listener> | undefined>(undefined)

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })

/** Keeps the line open while somebody is signed in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const session = useSession()
  const { send, random } = useWorld()
  const listeners = useMemo(() => new Set<Listener>(), [])
  useEffect(() => {
    const leaving = new AbortController()
    void listen(
      {
        send,
        token: () => session.token(),
        heard: (event) => {
          for (const listener of listeners) listener(event)
        },
        wait,
        random,
      },
      leaving.signal,
    )
    return () => leaving.abort()
  }, [session, listeners, send, random])
  return <Context.Provider value={listeners}>{children}</Context.Provider>
}

/** Calls `listener` with everything Core tells. `resync` means: what moved while nobody listened is not known. */
export function useLive(listener: Listener): void {
  const listeners = useContext(Context)
  useEffect(() => {
    listeners?.add(listener)
    return () => {
      listeners?.delete(listener)
    }
  }, [listeners, listener])
}
