// One tab of a person's drains the outbox at a time: whoever holds the lock. The browser hands it on
// when a tab is closed or dies.
import type { Leadership } from './outbox'

type Locks = Pick<LockManager, 'request'>

export class WebLocks implements Leadership {
  private queued: AbortController | undefined
  private stealing = false

  /** Without locks, as in browsers of before 2022, every tab drains: idempotent, only wasteful. */
  constructor(
    private readonly name: string,
    private readonly locks: Locks | undefined,
    private readonly wait: (milliseconds: number) => Promise<void>,
  ) {}

  async lead(work: (stop: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void> {
    if (!this.locks) return work(stop)
    let working: Promise<void> | undefined
    while (!stop.aborted) {
      const queued = new AbortController()
      const mine = new AbortController()
      const stopped = () => {
        queued.abort()
        mine.abort()
      }
      stop.addEventListener('abort', stopped)
      this.queued = queued
      const options: LockOptions = this.stealing ? { steal: true } : { signal: queued.signal }
      this.stealing = false
      try {
        await this.locks.request(this.name, options, () => {
          this.queued = undefined
          working = work(mine.signal)
          return working
        })
      } catch {
        // Stopped, or another tab has taken over: whatever still runs here must not go on.
        mine.abort()
        await working?.catch(() => undefined)
        if (!stop.aborted && !this.stealing) await this.wait(1_000)
      } finally {
        stop.removeEventListener('abort', stopped)
      }
    }
  }

  /** Takes over from a tab that the device has put to sleep while it holds the lock. */
  steal(): void {
    if (!this.queued) return
    this.stealing = true
    this.queued.abort()
  }
}
