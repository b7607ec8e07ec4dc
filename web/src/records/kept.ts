// What Core answered last, kept on the device: a list is shown again without a network, with its age.
import { NoAnswer, Refusal } from '../api/errors'
import type { PersonalDatabase } from '../device/database'

/** An answer, and when Core gave it. */
export interface Kept<T> {
  body: T
  fetchedAt: number
  /** Core did not answer now: this is what the device had. */
  fromDevice: boolean
}

/** More lists than this nobody looks at; the oldest go. */
const MOST_ANSWERS = 200

const unreachable = (error: unknown): boolean =>
  error instanceof NoAnswer || (error instanceof Refusal && error.status >= 500)

/**
 * Asks Core and keeps what it says under `key`; without an answer, gives what was kept.
 * @throws whatever `ask` throws when nothing was kept, or Core says no.
 */
export async function askOrKept<T>(
  database: PersonalDatabase,
  key: string,
  ask: () => Promise<T>,
  now: () => number,
): Promise<Kept<T>> {
  try {
    const body = await ask()
    const fetchedAt = now()
    // A device without space still shows what it was told.
    await keep(database, { key, body, fetchedAt }).catch(() => undefined)
    return { body, fetchedAt, fromDevice: false }
  } catch (error) {
    const kept = unreachable(error) ? await database.get('answers', key) : undefined
    if (!kept) throw error
    return { body: kept.body as T, fetchedAt: kept.fetchedAt, fromDevice: true }
  }
}

async function keep(
  database: PersonalDatabase,
  answer: { key: string; body: unknown; fetchedAt: number },
): Promise<void> {
  await database.put('answers', answer)
  if ((await database.count('answers')) <= MOST_ANSWERS) return
  const all = await database.getAll('answers')
  all.sort((a, b) => a.fetchedAt - b.fetchedAt)
  const transaction = database.transaction('answers', 'readwrite')
  for (const { key } of all.slice(0, all.length - MOST_ANSWERS)) void transaction.store.delete(key)
  await transaction.done
}
