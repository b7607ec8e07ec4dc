import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react'
import { useLive } from '../api/Live'
import type { StreamEvent } from '../api/stream'
import type { StoredFile } from '../device/file'
import { useWorld } from '../device/world'
import { useAccount, useSession } from '../session/SessionContext'
import type { Health } from './drainer'
import type { NewSubmission, OutboxItem } from './item'
import { keeperOf } from './keeper'
import type { Outbox, Snapshot } from './outbox'
import { attentionCount, waitingCount } from './view'

interface Opened {
  opening: () => Promise<Outbox>
  outbox: Outbox | undefined
  failed: unknown
  retry: () => void
}

const Context = createContext<Opened | undefined>(undefined)
const NOTHING: Snapshot = { items: undefined, health: { signedOut: false } }

/** Keeps the outbox of the person before the screen going. */
export function OutboxProvider({ children }: { children: ReactNode }) {
  const session = useSession()
  const { userId } = useAccount()
  const keeper = keeperOf(session, useWorld())
  const [opened, setOpened] = useState<{ outbox?: Outbox; failed?: unknown; tries: number }>({ tries: 0 })
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new try opens again
  useEffect(() => {
    let current = true
    keeper.of(userId).then(
      (outbox) => current && setOpened((before) => ({ outbox, tries: before.tries })),
      (failed) => current && setOpened((before) => ({ failed, tries: before.tries })),
    )
    return () => {
      current = false
    }
  }, [keeper, userId, opened.tries])
  const { outbox, failed } = opened
  const heard = useCallback(
    ({ event, data }: StreamEvent) => {
      if (event === 'resync') outbox?.hurry()
      if (event === 'transaction') {
        const { transactionId } = (data ?? {}) as { transactionId?: unknown }
        if (typeof transactionId === 'string') outbox?.hurry(transactionId)
      }
    },
    [outbox],
  )
  useLive(heard)
  const value = useMemo(
    () => ({
      opening: () => keeper.of(userId),
      outbox,
      failed,
      retry: () => setOpened(({ tries }) => ({ tries: tries + 1 })),
    }),
    [keeper, userId, outbox, failed],
  )
  return <Context.Provider value={value}>{children}</Context.Provider>
}

interface OutboxView {
  /** All that is kept, oldest first, those that have left, too. Undefined while it is being read. */
  items: OutboxItem[] | undefined
  health: Health
  /** Why the device does not open it. */
  failed: unknown
  reopen: () => void
  /** How many wait, without those that need attention. */
  waiting: number
  attention: number
  /**
   * Keeps a submission; resolves when it is on the device for good.
   * @throws DeviceFull, DeviceFailed; the draft is still there then
   */
  submit: (submission: NewSubmission, files?: StoredFile[]) => Promise<void>
  /** The same for several that go one after the other: all are kept, or none is. */
  submitAll: (submissions: NewSubmission[], files?: StoredFile[]) => Promise<void>
  outbox: Outbox | undefined
}

/** The outbox of the person before the screen, as it is now, whichever tab moves it. */
export function useOutbox(): OutboxView {
  const opened = useContext(Context)
  if (!opened) throw new Error('OutboxProvider is missing')
  const { outbox, opening, failed, retry } = opened
  const subscribe = useCallback(
    (listener: () => void) => outbox?.subscribe(listener) ?? (() => undefined),
    [outbox],
  )
  const snapshot = useCallback(() => outbox?.snapshot() ?? NOTHING, [outbox])
  const { items, health } = useSyncExternalStore(subscribe, snapshot)
  const submitAll = useCallback(
    async (submissions: NewSubmission[], files: StoredFile[] = []) =>
      (await opening()).submitAll(submissions, files),
    [opening],
  )
  const submit = useCallback(
    (submission: NewSubmission, files?: StoredFile[]) => submitAll([submission], files),
    [submitAll],
  )
  return useMemo(
    () => ({
      items,
      health,
      failed,
      reopen: retry,
      waiting: waitingCount(items ?? []),
      attention: attentionCount(items ?? []),
      submit,
      submitAll,
      outbox,
    }),
    [items, health, failed, retry, submit, submitAll, outbox],
  )
}
