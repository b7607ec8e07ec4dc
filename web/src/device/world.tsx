// What the desk takes from around it: clock, chance and network. Only src/app passes the real ones, so that all that
// has logic can be run in a test over others.
import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react'

export interface World {
  /** What the device says the time is, in milliseconds since 1970; it may jump. */
  now: () => number
  /** Milliseconds since some moment; it never jumps. */
  elapsed: () => number
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** From 0 up to 1. */
  random: () => number
  randomBytes: (count: number) => Uint8Array<ArrayBuffer>
  /** A UUID that nobody has. */
  newId: () => string
  send: typeof fetch
}

const Context = createContext<{ world: World; ticks: Ticks } | undefined>(undefined)

export function WorldProvider({ world, children }: { world: World; children: ReactNode }) {
  const value = useMemo(() => ({ world, ticks: new Ticks(world.now) }), [world])
  return <Context.Provider value={value}>{children}</Context.Provider>
}

function useAround() {
  const around = useContext(Context)
  if (!around) throw new Error('WorldProvider is missing')
  return around
}

export const useWorld = (): World => useAround().world

/** The time by the device's clock, told anew every ten seconds: only for showing ages. */
export function useNow(): number {
  const { ticks } = useAround()
  return useSyncExternalStore(ticks.subscribe, ticks.latest)
}

/** Today where the person is, as `YYYY-MM-DD`; another one from midnight on. */
export function useToday(): string {
  const { ticks } = useAround()
  return useSyncExternalStore(ticks.subscribe, () => dayOf(ticks.latest()))
}

function dayOf(at: number): string {
  const then = new Date(at)
  const month = String(then.getMonth() + 1).padStart(2, '0')
  return `${then.getFullYear()}-${month}-${String(then.getDate()).padStart(2, '0')}`
}

const EVERY_MS = 10_000

/** One clock for all that is shown: a page may have a hundred ages, which should also move together. */
class Ticks {
  private readonly listeners = new Set<() => void>()
  private timer: ReturnType<typeof setInterval> | undefined
  private at: number

  constructor(private readonly now: () => number) {
    this.at = now()
  }

  readonly latest = (): number => this.at

  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.listeners.size === 0) {
      this.at = this.now()
      this.timer = setInterval(() => this.tick(), EVERY_MS)
    }
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size === 0) clearInterval(this.timer)
    }
  }

  private tick(): void {
    this.at = this.now()
    for (const listener of this.listeners) listener()
  }
}
