// Drives the items of one person's outbox on, one step after another, as long as it is let. Only
// one tab's drainer may run at a time (`leadership.ts`). All that it knows besides what the store
// keeps may be lost at any moment.
import type { Answer, Core, Upload } from './core'
import { withPaths } from './files'
import type { OutboxItem } from './item'
import {
  apply,
  begin,
  type Change,
  interrupted,
  type Outcome,
  type Step,
  stepOf,
  transactionOf,
} from './machine'
import { runnable } from './order'
import { dueIn } from './pause'
import { DeviceFull, type OutboxStore } from './store'

export interface Clock {
  /** What the device says the time is; it may jump. */
  now(): number
  /** Milliseconds since some moment; it never jumps. */
  elapsed(): number
  /** Resolves after so long, or as soon as the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
}

export interface Surroundings {
  store: OutboxStore
  core: Core
  clock: Clock
  random: () => number
  /** Called after each change that was kept. */
  changed: () => void
  /** Called at least every half a minute while this runs. */
  alive?: () => void
  /** How it goes, whenever that changes. */
  told: (health: Health) => void
  /** Replaced only to show that the tests notice. */
  choose?: (items: OutboxItem[]) => OutboxItem[]
  quiet?: number
}

/** What stands in the way of all items. */
export interface Health {
  /** Since when nothing comes back from Core. */
  silentSince?: number
  signedOut: boolean
  /** The device keeps nothing more: nothing is sent whose answer could not be noted. */
  device?: 'full' | 'failed'
}

/** Items of so many records at once. */
const AT_ONCE = 3
/** Looks at least so often, whatever the device says of its network and its clock. */
const LOOK = 30_000
/**
 * How long after whoever sent it gave up a request may still arrive, held by something on the way.
 * Only then does Core's "never seen" count.
 */
const QUIET = 90_000
const LARGEST_CHUNK = 256 * 1024
const SMALLEST_CHUNK = 16 * 1024
const KEPT_DONE = 30 * 24 * 3600_000

export class Drainer {
  /** By id: of those of one record, only the first is ever due. */
  private running = new Map<string, AbortController>()
  /** Something speaks for trying these at once. */
  private hurried = new Set<string>()
  /** When the last request for an item ended without an answer of Core's, in elapsed time. */
  private unanswered = new Map<string, number>()
  private triedAt = new Map<string, number>()
  private line = { failures: 0, tryAt: 0 }
  private failures = { device: 0, until: 0 }
  private health: Health = { signedOut: false }
  private startedAt = 0
  private alarm = new AbortController()
  private chunk = LARGEST_CHUNK
  private forgotten = Number.NEGATIVE_INFINITY

  constructor(private readonly around: Surroundings) {}

  /** Something has happened that makes trying worthwhile: all items, or one, need not wait any more. */
  async hurry(id?: string): Promise<void> {
    this.line.tryAt = 0
    if (id === undefined) {
      this.failures.until = 0
      for (const item of (await this.items()) ?? []) this.hurried.add(item.id)
    } else this.hurried.add(id)
    this.look()
  }

  /** Items have changed. */
  look(): void {
    this.alarm.abort()
  }

  /** Runs until it is stopped. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock } = this.around
    this.startedAt = clock.elapsed()
    const stopped = () => this.look()
    stop.addEventListener('abort', stopped)
    const working: Promise<void>[] = []
    try {
      await this.recover(stop)
      while (!stop.aborted) {
        this.alarm = new AbortController()
        const { alarm } = this
        this.around.alive?.()
        await this.forget()
        const items = await this.items()
        const wait = items ? this.start(items, stop, working) : LOOK
        if (!stop.aborted) await clock.wait(wait, alarm.signal)
      }
      await Promise.allSettled(working)
    } finally {
      stop.removeEventListener('abort', stopped)
    }
  }

  /** Whoever led before may have been cut off in the middle of a step. */
  private async recover(stop: AbortSignal): Promise<void> {
    for (const item of (await this.items()) ?? []) {
      if (stop.aborted) return
      if (item.state.is === 'sending')
        await this.keep(item.id, (now) => ({ is: 'keep', item: interrupted(now, this.around.clock.now()) }))
    }
  }

  /** Undefined when the device fails. */
  private async items(): Promise<OutboxItem[] | undefined> {
    try {
      return await this.around.store.all()
    } catch (error) {
      this.deviceFailed(error)
      return undefined
    }
  }

  /** Starts what may start, and gives how long nothing else will be due. */
  private start(items: OutboxItem[], stop: AbortSignal, working: Promise<void>[]): number {
    const { clock, choose = runnable } = this.around
    const elapsed = clock.elapsed()
    if (stop.aborted) return LOOK
    if (this.failures.until > elapsed) return Math.min(LOOK, this.failures.until - elapsed)
    let next = LOOK
    const lineRests = Math.max(0, this.line.tryAt - elapsed)
    const due: OutboxItem[] = []
    const there = new Set(items.map((item) => item.id))
    // Taken back: what is under way for it is no longer wanted.
    for (const [id, ended] of this.running) if (!there.has(id)) ended.abort()
    for (const item of choose(items)) {
      if (this.running.has(item.id)) continue
      const wait = Math.max(lineRests, this.waits(item, elapsed))
      if (wait <= 0) due.push(item)
      else next = Math.min(next, wait)
    }
    const silent = this.line.failures > 0
    if (silent) due.sort((one, other) => this.tried(one) - this.tried(other))
    // While nothing comes back, one item at a time finds out.
    const most = silent ? 1 : AT_ONCE
    for (const item of due) {
      if (this.running.size >= most) break
      const ended = new AbortController()
      const stopped = () => ended.abort()
      stop.addEventListener('abort', stopped)
      this.running.set(item.id, ended)
      const work = this.work(item.id, ended.signal)
        .catch((error) => this.deviceFailed(error))
        .finally(() => {
          stop.removeEventListener('abort', stopped)
          this.running.delete(item.id)
          working.splice(working.indexOf(work), 1)
          this.look()
        })
      working.push(work)
    }
    return Math.max(1, next)
  }

  private tried = (item: OutboxItem): number => this.triedAt.get(item.id) ?? Number.NEGATIVE_INFINITY

  private waits(item: OutboxItem, elapsed: number): number {
    const pause = dueIn(item, this.around.clock.now(), this.hurried.has(item.id))
    if (stepOf(item) !== 'ask') return pause
    const quietFrom = this.unanswered.get(item.id) ?? this.startedAt
    return Math.max(pause, quietFrom + (this.around.quiet ?? QUIET) - elapsed)
  }

  /** Takes an item as far as it goes. */
  private async work(id: string, stop: AbortSignal): Promise<void> {
    const { clock, random } = this.around
    this.hurried.delete(id)
    let step: Step | undefined
    let item = await this.keep(id, (now) => {
      step = stepOf(now)
      return step && { is: 'keep', item: begin(now, step, clock.now()) }
    })
    while (item && step && !stop.aborted) {
      this.triedAt.set(id, clock.elapsed())
      const tried = step
      const outcome = await this.perform(tried, item, stop)
      if ((tried === 'action' || tried === 'record') && !isWord(outcome))
        this.unanswered.set(id, clock.elapsed())
      this.heard(outcome)
      if (stop.aborted && outcome.is === 'silent') return
      step = undefined
      item = await this.keep(id, (now) => {
        const change = apply(now, tried, outcome, { now: clock.now(), random })
        if (change.is === 'drop') return change
        const on = stop.aborted || change.item.pause || change.item.leftAt ? undefined : stepOf(change.item)
        // Whether Core has it is asked after a while, not at once.
        if (!on || on === 'ask') return change
        step = on
        return { ...change, item: begin(change.item, on, clock.now()) }
      })
    }
  }

  private async perform(step: Step, item: OutboxItem, stop: AbortSignal): Promise<Outcome> {
    const { core } = this.around
    const eventId = item.eventId ?? item.recordId
    switch (step) {
      case 'record':
        return after(
          await core.begin(item.eventType, transactionOf(item, step), stop),
          (id): Outcome => ({ is: 'begun', eventId: id }),
        )
      case 'release':
        return after(
          await core.unassign(eventId, transactionOf(item, step), stop),
          (): Outcome => ({ is: 'released' }),
        )
      case 'assignment':
        return after(
          await core.assign(eventId, transactionOf(item, step), stop),
          (): Outcome => ({ is: 'assigned' }),
        )
      case 'files':
        return this.sendFile(item, stop)
      case 'request':
        return after(
          await core.correction(eventId, item.follows ?? '', stop),
          (requestId): Outcome => ({ is: 'request', requestId: requestId ?? undefined }),
        )
      case 'action':
        return after(
          await core.act(item, withPaths(item.body, item.files), stop),
          (standing): Outcome => ({ is: 'standing', standing }),
        )
      case 'ask':
      case 'follow':
        return item.undoes
          ? after(
              await core.begun(transactionOf(item, 'record'), stop),
              (id): Outcome => (id === null ? { is: 'unknown' } : { is: 'begun', eventId: id }),
            )
          : after(
              await core.standing(item, stop),
              (standing): Outcome => (standing ? { is: 'standing', standing } : { is: 'unknown' }),
            )
    }
  }

  /** Sends the next piece of the first file that Core does not have whole. */
  private async sendFile(item: OutboxItem, stop: AbortSignal): Promise<Outcome> {
    const { store, core } = this.around
    const wanted = item.files.find((file) => file.path === undefined)
    const file = wanted && (await store.file(wanted.id))
    if (!wanted || !file) return { is: 'file-missing', id: wanted?.id ?? '' }
    const { id, name, type, bytes, digest } = file
    const size = bytes.byteLength
    const upload = { transactionId: id, fileName: name, contentType: type, size, sha256: digest }
    let answer: Answer<Upload> = await core.uploads.begin(upload, stop)
    while (answer.is === 'done' && answer.value.path === undefined && !stop.aborted) {
      const { id: uploadId, offset } = answer.value
      const wantedStill = offset <= wanted.sent || (await this.noteProgress(item.id, id, offset))
      if (!wantedStill) break
      const end = Math.min(size, offset + this.chunk)
      answer = await core.uploads.append(uploadId, offset, bytes.slice(offset, end), stop)
      // On a slow network a smaller piece gets through in the time.
      if (answer.is === 'silent') this.chunk = Math.max(SMALLEST_CHUNK, this.chunk / 2)
      else if (answer.is === 'done') this.heard({ is: 'file', id, sent: answer.value.offset })
      if (answer.is === 'done' && answer.value.path === undefined && answer.value.offset <= offset)
        return { is: 'silent', why: 'not-core', message: 'An upload that does not move' }
    }
    return after(answer, ({ path, offset }) => ({
      is: 'file',
      id,
      sent: path === undefined ? offset : size,
      ...(path !== undefined && { path }),
    }))
  }

  /** False when nobody wants the file any more, or the device failed. */
  private async noteProgress(itemId: string, file: string, sent: number): Promise<boolean> {
    const { clock, random } = this.around
    const item = await this.keep(itemId, (now) =>
      apply(now, 'files', { is: 'file', id: file, sent }, { now: clock.now(), random }),
    )
    return item?.files.some(({ id }) => id === file) ?? false
  }

  /** Writes a change; undefined when the item is gone or the device failed. */
  private async keep(
    id: string,
    change: (item: OutboxItem) => Change | undefined,
  ): Promise<OutboxItem | undefined> {
    try {
      const item = await this.around.store.change(id, change)
      if (this.failures.device > 0) {
        this.failures = { device: 0, until: 0 }
        this.tell({ ...this.health }, 'device')
      }
      this.around.changed()
      return item
    } catch (error) {
      this.deviceFailed(error)
      return undefined
    }
  }

  private deviceFailed(error: unknown): void {
    this.failures.device += 1
    const rests = Math.min(60_000, 1_000 * 2 ** Math.min(this.failures.device, 6))
    this.failures.until = this.around.clock.elapsed() + rests
    this.tell({ ...this.health, device: error instanceof DeviceFull ? 'full' : 'failed' })
  }

  /** What an outcome says of the way to Core, whatever it says of the item. */
  private heard(outcome: Outcome): void {
    const { clock, random } = this.around
    if (outcome.is === 'file-missing') return
    if (outcome.is !== 'silent' && outcome.is !== 'signed-out') {
      const stoodStill = this.line.failures > 0
      this.line = { failures: 0, tryAt: 0 }
      this.tell({ ...this.health, signedOut: false }, 'silentSince')
      if (stoodStill) void this.hurry()
      return
    }
    this.line.failures += 1
    const most = Math.min(LOOK, 500 * 2 ** Math.min(this.line.failures, 10))
    this.line.tryAt = clock.elapsed() + random() * most
    if (outcome.is === 'signed-out') this.tell({ ...this.health, signedOut: true }, 'silentSince')
    else this.tell({ ...this.health, silentSince: this.health.silentSince ?? clock.now() })
  }

  private tell(health: Health, without?: 'silentSince' | 'device'): void {
    if (without) delete health[without]
    const { silentSince, signedOut, device } = this.health
    const same =
      health.silentSince === silentSince && health.signedOut === signedOut && health.device === device
    this.health = health
    if (!same) this.around.told(health)
  }

  /** Forgets, once a day, what left the outbox long ago. */
  private async forget(): Promise<void> {
    const { clock, store } = this.around
    if (clock.elapsed() - this.forgotten < 24 * 3600_000) return
    this.forgotten = clock.elapsed()
    try {
      await store.forget(clock.now() - KEPT_DONE, clock.now())
    } catch {
      // It costs some room, and is tried again tomorrow.
    }
  }
}

/** Core has said what it made of the request: it will not act on it later. */
const isWord = (outcome: Outcome): boolean =>
  outcome.is === 'standing' ||
  outcome.is === 'begun' ||
  outcome.is === 'signed-out' ||
  (outcome.is === 'refused' && outcome.refusal.status < 500 && outcome.refusal.status !== 408)

function after<T>(answer: Answer<T>, done: (value: T) => Outcome): Outcome {
  return answer.is === 'done' ? done(answer.value) : answer
}
