// What somebody is in the middle of when the desk locks itself, when they have to sign in again, or when the page
// is loaded anew: by themselves, on the way back from another site, or because an old phone ended it to make room
// for its camera. The page has to come back as it was.
import { type Dispatch, type SetStateAction, useEffect, useState } from 'react'
import { useAccount, useSession } from './SessionContext'
import type { Session } from './session'
import { Unfinished } from './unfinished'

const unfinished = new Unfinished(
  () => window.sessionStorage,
  () => window.location.pathname,
)

/** Whoever was before the screen has left. */
export const forgetUnfinished = (): void => unfinished.clear()

/** Whether a page that goes now goes because the desk shuts before it. */
const isShutting = (session: Session): boolean =>
  session.standing().is === 'locked' || window.location.pathname.endsWith('/sign-in')

/**
 * As `useState`, under a name of its own among all that one person has open. What is in it has to be what JSON
 * can say.
 */
export function useUnfinished<T>(name: string, initial: T | (() => T)): [T, Dispatch<SetStateAction<T>>] {
  const session = useSession()
  const { userId } = useAccount()
  const key = `${userId} ${name}`
  const [value, setValue] = useState<T>(() => {
    const known = unfinished.get<T>(key)
    if (known !== undefined) return known
    return initial instanceof Function ? initial() : initial
  })
  useEffect(() => unfinished.set(key, value), [key, value])
  useEffect(
    () => () => {
      if (!isShutting(session)) unfinished.delete(key)
    },
    [key, session],
  )
  return [value, setValue]
}
