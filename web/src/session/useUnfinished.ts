// What somebody is in the middle of when the desk locks itself, or when they have to sign in again: the page goes
// from the screen, and has to come back as it was.
import { type Dispatch, type SetStateAction, useEffect, useRef, useState } from 'react'
import { useAccount, useSession } from './SessionContext'
import type { Session } from './session'

/** By person and name; in memory alone, and only while the desk is shut. */
const unfinished = new Map<string, unknown>()

/** Whether a page that goes now goes because the desk shuts before it. */
const isShutting = (session: Session): boolean =>
  session.standing().is === 'locked' || window.location.pathname.endsWith('/sign-in')

/** As `useState`, under a name of its own among all that one person has open. */
export function useUnfinished<T>(name: string, initial: T | (() => T)): [T, Dispatch<SetStateAction<T>>] {
  const session = useSession()
  const { userId } = useAccount()
  const key = `${userId} ${name}`
  const [value, setValue] = useState<T>(() => {
    if (unfinished.has(key)) return unfinished.get(key) as T
    return initial instanceof Function ? initial() : initial
  })
  const latest = useRef(value)
  useEffect(() => {
    latest.current = value
  }, [value])
  useEffect(() => {
    unfinished.delete(key)
    return () => {
      if (isShutting(session)) unfinished.set(key, latest.current)
    }
  }, [key, session])
  return [value, setValue]
}
