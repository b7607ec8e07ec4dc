// A simulated device: its network, its clock, its tabs. A tab may be killed at any moment; nothing
// that it began goes on then, but what has left it is under way.
import type { Clock } from '../drainer'
import type { Channel, Leadership, Message } from '../outbox'
import type { Send } from '../overHttp'
import { DeviceFull, type OutboxStore } from '../store'
import type { Reply, SimulatedCore } from './simulatedCore'
import type { World } from './world'

/** What is wrong with the way to Core at the moment, as probabilities. */
interface Weather {
  online: boolean
  /** The request does not arrive. */
  lost: number
  /** It arrives, and its answer does not. */
  cut: number
  /** It arrives after whoever sent it has given up. */
  late: number
  /** Somebody else answers. */
  foreign: number
  /** The answer is damaged. */
  damaged: number
  /** Core fails before, or after, it has done what was asked. */
  fault: number
  /** A tab dies in the middle of something. */
  crash: number
  /** A write finds no room. */
  full: boolean
}

export const FAIR: Weather = {
  online: true,
  lost: 0,
  cut: 0,
  late: 0,
  foreign: 0,
  damaged: 0,
  fault: 0,
  crash: 0,
  full: false,
}

const NEVER = new Promise<never>(() => undefined)

export class Device {
  weather: Weather = { ...FAIR }
  /** How far the device's clock is off. */
  clockOff = 1_700_000_000_000
  requests = 0
  readonly tabs = new Set<Tab>()
  private leaders = new Map<string, { tab: Tab; next: { tab: Tab; go: () => void }[] }>()
  /** Requests of tabs that live, by record and person. */
  readonly underWay = new Map<string, Tab>()

  constructor(
    readonly world: World,
    readonly core: SimulatedCore,
    /** Is asked before a request of a person's leaves the device. */
    readonly leaves: (user: string, path: string, body: Record<string, unknown>) => void,
    readonly wrong: (what: string) => void,
  ) {}

  /** A request is held on its way, and will arrive when nobody waits for it any more. */
  held: (user: string) => void = () => undefined
  /** Every tab of the person at once: what a faulty lock does. */
  lockFails = false

  lead(tab: Tab, work: (stop: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void> {
    if (this.lockFails) return work(stop)
    return new Promise<void>((done) => {
      const go = () => {
        if (stop.aborted) {
          this.release(tab)
          return done()
        }
        void work(stop).then(() => {
          this.release(tab)
          done()
        })
      }
      const held = this.leaders.get(tab.user)
      if (held) held.next.push({ tab, go })
      else {
        this.leaders.set(tab.user, { tab, next: [] })
        go()
      }
      stop.addEventListener('abort', () => {
        if (this.leaders.get(tab.user)?.tab !== tab) done()
      })
    })
  }

  release(tab: Tab): void {
    const held = this.leaders.get(tab.user)
    if (!held) return
    held.next = held.next.filter((one) => one.tab !== tab)
    if (held.tab !== tab) return
    const next = held.next.shift()
    if (!next) this.leaders.delete(tab.user)
    else {
      held.tab = next.tab
      this.world.after(1, next.go)
    }
  }
}

export class Tab {
  alive = true
  private listeners = new Set<(message: Message) => void>()
  private inFlight = new Set<string>()
  private ids = 0

  constructor(
    readonly device: Device,
    readonly user: string,
    readonly name: string,
  ) {
    device.tabs.add(this)
  }

  kill(): void {
    if (!this.alive) return
    this.alive = false
    this.device.tabs.delete(this)
    for (const record of this.inFlight) this.device.underWay.delete(record)
    this.device.release(this)
  }

  newId = (): string => `${this.name}-${++this.ids}`

  clock: Clock = {
    now: () => this.device.clockOff + Math.floor(this.device.world.time),
    elapsed: () => this.device.world.time,
    wait: (milliseconds, signal) =>
      new Promise((done) => {
        if (signal.aborted) return done()
        const over = () => {
          cancel()
          signal.removeEventListener('abort', over)
          if (this.alive) done()
        }
        const cancel = this.device.world.after(milliseconds, over)
        signal.addEventListener('abort', over)
      }),
  }

  leadership: Leadership = { lead: (work, stop) => this.device.lead(this, work, stop) }

  channel: Channel = {
    post: (message) => {
      for (const tab of this.device.tabs) {
        if (tab === this || tab.user !== this.user) continue
        this.device.world.after(1, () => {
          for (const listener of tab.alive ? tab.listeners : []) listener(message)
        })
      }
    },
    listen: (heard) => {
      this.listeners.add(heard)
      return () => this.listeners.delete(heard)
    },
  }

  /** The person's disk as this tab reaches it: it takes time, has no room, or is never answered. */
  store(disk: OutboxStore): OutboxStore {
    const { device } = this
    const within = async <T>(writes: boolean, effect: () => Promise<T>): Promise<T> => {
      await this.pass(device.world.between(0, 4))
      if (writes && device.weather.full && device.world.happens(0.5)) throw new DeviceFull()
      const result = await effect()
      await this.pass(device.world.between(0, 4))
      return result
    }
    return {
      add: (entry) => within(true, () => disk.add(entry)),
      all: () => within(false, () => disk.all()),
      change: (id, change) => within(true, () => disk.change(id, change)),
      file: (id) => within(false, () => disk.file(id)),
      forget: (before, now) => within(false, () => disk.forget(before, now)),
    }
  }

  /** Lets time pass, in which the tab may die. */
  private async pass(milliseconds: number): Promise<void> {
    const { world, weather } = this.device
    if (!this.alive) return NEVER
    if (world.happens(weather.crash)) this.kill()
    await world.sleep(milliseconds)
    if (!this.alive) return NEVER
  }

  send: Send = async (path, { method, body, headers, signal }) => {
    const { device } = this
    const { world, core } = device
    await this.pass(world.between(1, 20))
    device.requests++
    const json = typeof body === 'string' ? (JSON.parse(body) as Record<string, unknown>) : {}
    device.leaves(this.user, path, json)
    const record = /^\/events\/([^/]+)/.exec(path)?.[1]
    const key = record && `${this.user} ${record}`
    if (key) {
      if (device.underWay.has(key)) device.wrong(`two requests at once for ${key}`)
      device.underWay.set(key, this)
      this.inFlight.add(key)
    }
    try {
      return await this.exchange(async () => {
        if (headers.Authorization !== `Bearer ${this.user}`) device.wrong('somebody else’s token')
        const bytes = body instanceof ArrayBuffer ? body.byteLength : 0
        const offset = Number(headers['Upload-Offset'] ?? 0)
        return core.handle({ user: this.user, method, path, body: json, bytes, offset })
      }, signal)
    } finally {
      if (key && this.alive) {
        device.underWay.delete(key)
        this.inFlight.delete(key)
      }
    }
  }

  private async exchange(handle: () => Promise<Reply>, signal: AbortSignal) {
    const { device } = this
    const { world, weather } = device
    const aborted = new Promise<never>((_, failed) => {
      if (signal.aborted) failed(new Error('aborted'))
      signal.addEventListener('abort', () => failed(new Error('aborted')))
    })
    aborted.catch(() => undefined)
    const broken = async (hangs: boolean): Promise<never> => {
      if (hangs) return aborted
      await world.sleep(world.between(5, 3000))
      throw new TypeError('Failed to fetch')
    }
    const act = async () => {
      if (!weather.online) return broken(world.happens(0.2))
      if (world.happens(weather.foreign)) return foreign(world)
      if (world.happens(weather.lost)) return broken(world.happens(0.5))
      const late = world.happens(weather.late)
      if (late) {
        world.after(world.between(20_000, 75_000), () => void handle())
        device.held(this.user)
        return aborted
      }
      await world.sleep(world.between(5, world.happens(0.1) ? 20_000 : 300))
      if (world.happens(weather.fault / 2)) return answer(faulty(world, true))
      const reply = handle()
      // Whoever hangs up does not stop Core.
      const got = await Promise.race([reply, aborted])
      if (world.happens(weather.fault / 2)) return answer(faulty(world, false))
      if (world.happens(weather.cut) || !weather.online) return broken(world.happens(0.5))
      await world.sleep(world.between(5, 300))
      return answer(got, world.happens(weather.damaged) ? world.random() : undefined)
    }
    const got = await Promise.race([act(), aborted])
    if (!this.alive) return NEVER
    return got
  }
}

type Response = Awaited<ReturnType<Send>>

function response(status: number, type: string, text: string, retryAfter?: number): Response {
  const headers: Record<string, string | undefined> = {
    'content-type': type,
    'retry-after': retryAfter?.toString(),
  }
  return { status, headers: { get: (name) => headers[name] ?? null }, text: async () => text }
}

function answer({ status, body, retryAfter }: Reply, damaged?: number): Response {
  const whole = JSON.stringify(body)
  if (damaged === undefined) return response(status, 'application/json', whole, retryAfter)
  if (damaged < 0.6) return response(status, 'application/json', whole.slice(0, whole.length * damaged))
  // A whole answer, to somebody else's question.
  return response(200, 'application/json', damaged < 0.8 ? '{"status":"ok"}' : '[]')
}

/** A page that wants one to sign in, a proxy's error, or nothing at all: with any status. */
function foreign(world: World): Response {
  const status = world.pick([200, 200, 302, 401, 403, 404, 409, 502, 504]) ?? 200
  const page = '<html><body>Welcome to the Wi-Fi of the airport</body></html>'
  return response(status, world.happens(0.5) ? 'text/html' : 'application/json', page)
}

/** Only some refusals are sure to come before anything was done. */
function faulty(world: World, before: boolean): Reply {
  const status = world.pick(before ? [500, 503, 408, 429] : [500, 503, 408]) ?? 500
  const body = { message: 'Not now', code: 'X', data: { code: 'X', httpStatus: status } }
  return { status, body, ...(world.happens(0.5) && { retryAfter: Math.ceil(world.between(1, 120)) }) }
}
