// What the desk keeps for the person before the screen, opened once for each.
import { useCallback } from 'react'
import { openPersonal, type PersonalDatabase } from '../device/database'
import { useAccount } from '../session/SessionContext'

const opened = new Map<string, Promise<PersonalDatabase>>()

/** One connection a person for all lists and records. A failed opening is tried again by the next who asks. */
function personalDatabase(userId: string): Promise<PersonalDatabase> {
  const known = opened.get(userId)
  if (known) return known
  const opening = openPersonal(userId)
  opened.set(userId, opening)
  opening.catch(() => opened.delete(userId))
  return opening
}

/** A function that opens it, for what is read only when it is asked for. */
export function usePersonalDatabase(): () => Promise<PersonalDatabase> {
  const { userId } = useAccount()
  return useCallback(() => personalDatabase(userId), [userId])
}
