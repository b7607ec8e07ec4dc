// The outbox of one person as everything else sees it: what can be done with it, and how it looks
// now, in every tab of the device alike.
import type { StoredFile } from '../device/file'
import type { LocalDraft } from '../forms/draft'
import type { Core } from './core'
import { type Clock, Drainer, type Health } from './drainer'
import type { NewSubmission, OutboxItem } from './item'
import { type Change, mayHaveReached, seen, tryAgain, withdraw } from './machine'
import { inOrder } from './order'
import type { OutboxStore } from './store'

/** What tabs tell one another. */
export type Message =
  | { is: 'changed' }
  /** Try at once: all, or one. */
  | { is: 'hurry'; id?: string }
  | { is: 'health'; health: Health }
  /** Whoever leads is there. */
  | { is: 'alive' }

export interface Channel {
  /** To all other tabs of the same person. */
  post(message: Message): void
  listen(heard: (message: Message) => void): () => void
}

export interface Leadership {
  /**
   * Runs `work` while no other tab does, as soon as that is so; and again, should it end. The signal
   * that it is given aborts when this tab is to stop, or another has taken over.
   */
  lead(work: (stop: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void>
  /** Takes over from a tab that sleeps. */
  steal?(): void
}

interface OutboxSurroundings {
  userId: string
  store: OutboxStore
  core: Core
  clock: Clock
  random: () => number
  newId: () => string
  channel: Channel
  leadership: Leadership
  /** Whether somebody looks at this tab. */
  seen?: () => boolean
  /** Replaced only to show that the tests notice. */
  choose?: (items: OutboxItem[]) => OutboxItem[]
  quiet?: number
}

export interface Snapshot {
  /** Oldest first; those that have left, too. Undefined until they were first read. */
  items: OutboxItem[] | undefined
  health: Health
}

/** What became of the wish to have an item back. `asked`: Core is asked whether it has the action. */
export type Withdrawn = 'done' | 'asked' | 'too-late'

/** A tab that leads says so every half a minute, in the background at least every minute. */
const ASLEEP = 3 * 60_000

export class Outbox {
  private readonly drainer: Drainer
  private readonly listeners = new Set<() => void>()
  private readonly stopping = new AbortController()
  private silence: () => void = () => undefined
  private leading: Promise<void> = Promise.resolve()
  private now: Snapshot = { items: undefined, health: { signedOut: false } }
  private reading: Promise<void> | undefined
  private readAgain = false
  private leads = false
  /** When another tab was last heard of, in elapsed time. */
  private heardAt = 0

  constructor(private readonly around: OutboxSurroundings) {
    const { store, core, clock, random, choose, quiet } = around
    this.drainer = new Drainer({
      store,
      core,
      clock,
      random,
      ...(choose && { choose }),
      ...(quiet !== undefined && { quiet }),
      changed: () => this.changed(),
      alive: () => this.around.channel.post({ is: 'alive' }),
      told: (health) => {
        this.around.channel.post({ is: 'health', health })
        this.draw({ ...this.now, health })
      },
    })
  }

  /** Reads what there is, and goes on with it as soon as no other tab does. */
  start(): void {
    const { channel, leadership } = this.around
    this.silence = channel.listen((message) => this.heard(message))
    this.leading = leadership.lead((stop) => this.lead(stop), this.stopping.signal)
    void this.read()
    if (leadership.steal) void this.watch()
  }

  private async lead(stop: AbortSignal): Promise<void> {
    this.leads = true
    // What waited when the desk was closed need not wait any more.
    void this.drainer.hurry()
    try {
      await this.drainer.run(stop)
    } finally {
      this.leads = false
    }
  }

  /** Some devices put a tab to sleep that holds the lock: whoever is looked at takes over then. */
  private async watch(): Promise<void> {
    const { clock, leadership, seen } = this.around
    const { signal } = this.stopping
    this.heardAt = clock.elapsed()
    while (!signal.aborted) {
      await clock.wait(ASLEEP / 6, signal)
      if (signal.aborted || this.leads || !seen?.() || clock.elapsed() - this.heardAt < ASLEEP) continue
      this.heardAt = clock.elapsed()
      leadership.steal?.()
    }
  }

  /** Resolves when nothing of this outbox runs in this tab any more. */
  async stop(): Promise<void> {
    this.silence()
    this.stopping.abort()
    await this.leading
  }

  /**
   * Keeps a submission with its files. When this resolves it is on the device for good, and the
   * draft that it came from is gone.
   * @throws DeviceFull, DeviceFailed; the draft is still there then
   */
  async submit(submission: NewSubmission, files: StoredFile[] = []): Promise<void> {
    await this.submitAll([submission], files)
  }

  /**
   * The same for several that go one after the other, such as declaring and registering: all are
   * kept, or none is. What is taken back takes with it what comes after it.
   */
  async submitAll(submissions: NewSubmission[], files: StoredFile[] = []): Promise<void> {
    const { store, userId, newId, clock } = this.around
    const named = submissions.map((submission) => ({ id: newId(), submission }))
    const items = await store.add({ userId, at: clock.now(), submissions: named, files })
    this.changed()
    for (const item of items) this.hurry(item.id)
  }

  cancel = (id: string): Promise<Withdrawn> => this.withdraw(id, 'discard')

  /** Forgets a draft. If Core has begun its record, nothing of that stays either. */
  async forget(draft: LocalDraft): Promise<void> {
    const { recordId, eventType, title, id } = draft
    const about = { recordId, eventType, title, draftId: id, isNew: true, assign: true, body: {} }
    await this.submit({ ...about, action: 'DELETE', undoes: true })
  }

  /** Takes an item out, and puts back the draft that it came from. */
  edit = (id: string): Promise<Withdrawn> => this.withdraw(id, 'edit')

  /** Tries again at once; if `takeOver`, takes the record from whoever holds it. */
  async retry(id: string, takeOver = false): Promise<void> {
    const { clock } = this.around
    await this.change(id, (item) => ({ is: 'keep', item: tryAgain(item, takeOver, clock.now()) }))
    this.hurry(id)
  }

  /** The person has seen that an item was refused. */
  async dismiss(id: string): Promise<void> {
    const { clock } = this.around
    await this.change(id, (item) => ({ is: 'keep', item: seen(item, clock.now()) }))
    this.hurry(id)
  }

  /** There may be a network again, somebody looks, somebody signed in; or something has happened to one item. */
  hurry(id?: string): void {
    this.around.channel.post({ is: 'hurry', ...(id !== undefined && { id }) })
    void this.drainer.hurry(id)
  }

  snapshot = (): Snapshot => this.now

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private async withdraw(id: string, to: 'discard' | 'edit'): Promise<Withdrawn> {
    const { clock } = this.around
    let withdrawn: Withdrawn = 'too-late'
    await this.change(id, (item) => {
      const withdrawal = withdraw(item, to, clock.now())
      withdrawn = withdrawal.is
      return withdrawal.is === 'too-late' ? undefined : withdrawal.change
    })
    this.hurry(id)
    return withdrawn
  }

  private async change(id: string, change: (item: OutboxItem) => Change | undefined): Promise<void> {
    await this.around.store.change(id, change)
    this.changed()
  }

  private changed(): void {
    this.around.channel.post({ is: 'changed' })
    void this.read()
  }

  private heard(message: Message): void {
    if (message.is === 'alive' || message.is === 'health') this.heardAt = this.around.clock.elapsed()
    if (message.is === 'health') this.draw({ ...this.now, health: message.health })
    if (message.is === 'hurry') void this.drainer.hurry(message.id)
    if (message.is === 'changed') {
      this.drainer.look()
      void this.read()
    }
  }

  /** Reads the items, at most twice for however many changes come meanwhile. */
  private async read(): Promise<void> {
    this.readAgain = true
    this.reading ??= this.readAll()
    await this.reading
  }

  private async readAll(): Promise<void> {
    try {
      while (this.readAgain && !this.stopping.signal.aborted) {
        this.readAgain = false
        // What only clears away is nobody's submission any more.
        const items = inOrder(await this.around.store.all()).filter((item) => !item.undoes)
        this.draw({ ...this.now, items })
      }
    } catch {
      // Whoever keeps something is told; the next change is read again.
    } finally {
      this.reading = undefined
    }
  }

  private draw(snapshot: Snapshot): void {
    this.now = snapshot
    for (const listener of this.listeners) listener()
  }
}

/** What a person may still do with an item. */
export const canWithdraw = (item: OutboxItem): 'yes' | 'must-ask' | 'no' => {
  if (item.leftAt !== undefined || item.actionId) return 'no'
  return mayHaveReached(item) ? 'must-ask' : 'yes'
}
