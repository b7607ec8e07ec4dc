// One run: two people work on one device through bad weather, then the weather becomes fair, and
// everything must end well. What must never be seen is looked for all the while.
import type { StoredFile } from '../../device/file'
import type { LocalDraft } from '../../forms/draft'
import type { Core } from '../core'
import type { NewSubmission, OutboxItem } from '../item'
import { mayHaveReached } from '../machine'
import { held, recordOf } from '../order'
import { Outbox } from '../outbox'
import { overHttp } from '../overHttp'
import type { OutboxStore } from '../store'
import { Device, FAIR, Tab } from './device'
import { MemoryDisk, type Watcher } from './disk'
import { SimulatedCore } from './simulatedCore'
import { World } from './world'

/** A deliberate fault, to show that it is noticed. */
export interface Fault {
  store?: (store: OutboxStore) => OutboxStore
  core?: (core: Core, world: World) => Core
  choose?: (items: OutboxItem[]) => OutboxItem[]
  lockFails?: boolean
  /** Instead of how long it is waited for requests that may still arrive. */
  quiet?: number
  /** Both people have the same database. */
  sharesDisk?: boolean
}

export interface Settings {
  fault?: Fault
  /** Virtual milliseconds of bad weather. */
  storm?: number
  settle?: () => Promise<void>
  /** The disk of a person; in memory unless said otherwise. */
  disk?: (user: string, watcher: Watcher) => Promise<Looked>
}

/** A disk that the judge can look at. */
export interface Looked {
  store: OutboxStore
  items: () => Promise<OutboxItem[]>
  drafts: () => Promise<LocalDraft[]>
  putDraft: (draft: LocalDraft) => Promise<void>
}

interface Result {
  /** What must not be; empty when all is well. */
  wrong: string[]
  items: number
  requests: number
  delivered: number
  attention: number
  withdrawn: number
}

const PEOPLE = ['ama', 'kofi'] as const
const MINUTE = 60_000
const BAD = ['answers', 'state', 'scope'] as const

interface Person {
  name: string
  disk: Looked
  tabs: { tab: Tab; outbox: Outbox }[]
  /** Records that the person knows: of this device, and of Core. */
  records: { id: string; isNew: boolean }[]
}

class Run {
  readonly world: World
  private readonly core: SimulatedCore
  readonly device: Device
  readonly wrongs: string[] = []
  private readonly people: Person[] = []
  private readonly withdrawn = new Map<string, number>()
  /** By transaction: what each item is of, as it was when it was last written. */
  private readonly known = new Map<string, OutboxItem>()
  private markers = 0
  private tabs = 0
  private stormy = true

  constructor(
    seed: number,
    private readonly settings: Settings,
  ) {
    this.world = new World(seed, settings.settle)
    const wrong = (what: string) => this.wrong(what)
    this.core = new SimulatedCore(this.world, wrong)
    this.device = new Device(this.world, this.core, (...sent) => this.leaves(...sent), wrong)
    this.device.held = (user) => this.impatient(user)
    this.device.lockFails = settings.fault?.lockFails ?? false
  }

  async go(): Promise<Result> {
    const { world } = this
    for (const name of PEOPLE) this.people.push(await this.person(name))
    for (const person of this.people) this.open(person)
    const storm = this.settings.storm ?? world.between(2, 20) * MINUTE
    this.live()
    this.changeWeather()
    await world.run(storm, () => this.wrongs.length > 0)
    if (world.happens(0.1)) await this.closeForAMonth()
    this.calmDown()
    const calm = world.time
    for (let hours = 0; hours < 30 && this.wrongs.length === 0; hours++) {
      await world.run(calm + (hours + 1) * 20 * MINUTE, () => this.wrongs.length > 0)
      await this.tidy()
      if (await this.allSettled()) break
    }
    // Somebody looks at the desk, for long enough to see what was decided meanwhile.
    for (const person of this.people) this.tabOf(person).outbox.hurry()
    await world.run(world.time + 10 * MINUTE, () => this.wrongs.length > 0)
    if (this.wrongs.length === 0) await this.judge()
    return this.result()
  }

  private wrong(what: string): void {
    if (this.wrongs.length < 20) this.wrongs.push(`${Math.round(this.world.time)} ms: ${what}`)
  }

  private async person(name: string): Promise<Person> {
    const watcher: Watcher = (id, before, after) => this.written(name, id, before, after)
    const shared = this.settings.fault?.sharesDisk ? this.people[0]?.disk : undefined
    const disk = shared ?? (await this.settings.disk?.(name, watcher)) ?? inMemory(watcher)
    const records = [1, 2].map(() => ({ id: this.core.addRecord(), isNew: false }))
    return { name, disk, tabs: [], records }
  }

  // --- What happens ---

  private open(person: Person): void {
    const { device, world } = this
    const tab = new Tab(device, person.name, `${person.name}${++this.tabs}`)
    const { fault } = this.settings
    const { clock } = tab
    const http = overHttp({ send: tab.send, token: () => person.name, refused: () => undefined, clock })
    const store = tab.store(person.disk.store)
    const outbox = new Outbox({
      userId: person.name,
      store: fault?.store?.(store) ?? store,
      core: fault?.core?.(http, world) ?? http,
      clock,
      random: world.random,
      newId: tab.newId,
      channel: tab.channel,
      leadership: tab.leadership,
      ...(fault?.choose && { choose: fault.choose }),
      ...(fault?.quiet !== undefined && { quiet: fault.quiet }),
    })
    person.tabs.push({ tab, outbox })
    outbox.start()
  }

  /** A living tab of the person's; those that died by themselves are opened again. */
  private tabOf(person: Person) {
    person.tabs = person.tabs.filter(({ tab }) => tab.alive)
    if (person.tabs.length === 0) this.open(person)
    const open = this.world.pick(person.tabs)
    if (!open) throw new Error('no tab')
    return open
  }

  /** One thing after another, as long as the storm lasts. */
  private live(): void {
    if (!this.stormy) return
    const person = this.world.pick(this.people)
    if (person) this.something(person)
    this.world.after(this.world.between(50, 90_000), () => this.live())
  }

  private something(person: Person): void {
    const { world, device } = this
    const open = this.tabOf(person)
    const what = world.random()
    if (what < 0.36) void this.submit(person, open.outbox)
    else if (what < 0.49) this.withdraw(open.outbox, world.happens(0.5) ? 'cancel' : 'edit')
    else if (what < 0.6) this.resolve(open.outbox)
    else if (what < 0.68) this.reload(person)
    else if (what < 0.72) open.tab.kill()
    else if (what < 0.76) this.open(person)
    else if (what < 0.8 && person.tabs.length > 1) void open.outbox.stop().then(() => open.tab.kill())
    else if (what < 0.84) device.clockOff += world.between(-40 * 24 * 60, 24 * 60) * MINUTE
    else if (what < 0.9) open.outbox.hurry()
    else this.colleague()
  }

  private changeWeather(): void {
    const { world, device, core } = this
    if (!this.stormy) return
    const some = (most: number) => (world.happens(0.5) ? 0 : world.random() * most)
    device.weather = {
      online: world.happens(0.7),
      lost: some(0.3),
      cut: some(0.3),
      late: some(0.15),
      foreign: some(0.3),
      damaged: some(0.2),
      fault: some(0.4),
      crash: some(0.02),
      full: world.happens(0.1),
    }
    core.countryUp = world.happens(0.7)
    core.takesTokens = world.happens(0.92)
    if (device.weather.online && world.happens(0.7))
      for (const { outbox } of this.people.flatMap((one) => one.tabs)) outbox.hurry()
    world.after(world.between(500, 6 * MINUTE), () => this.changeWeather())
  }

  private reload(person: Person, within = 5 * MINUTE): void {
    for (const { tab } of person.tabs) tab.kill()
    this.world.after(this.world.between(10, within), () => this.stormy && this.tabOf(person))
  }

  /** Somebody else takes a record, or lets go of it; a supervisor takes it from whoever holds it. */
  private colleague(): void {
    const record = this.world.pick([...this.core.records.values()])
    if (!record) return
    if (record.holder === null) record.holder = 'colleague'
    else if (record.holder === 'colleague' || this.world.happens(0.3)) record.holder = null
  }

  private async submit(person: Person, outbox: Outbox): Promise<void> {
    const { world } = this
    const marker = ++this.markers
    const begins = world.happens(0.4)
    if (begins) person.records.push({ id: `local-${marker}`, isNew: true })
    const record = world.pick(person.records.slice(-4))
    if (!record) return
    const draft: LocalDraft | undefined = world.happens(0.5)
      ? draftOf(record.id, marker, record.isNew)
      : undefined
    if (draft) await person.disk.putDraft(draft)
    const picture: StoredFile | undefined = world.happens(0.25) ? pictureOf(marker, world) : undefined
    const isNew = record.isNew
    record.isNew = false
    const bad = world.happens(0.1) ? world.pick(BAD) : undefined
    const submission: NewSubmission = {
      recordId: record.id,
      isNew,
      eventType: 'birth',
      action: isNew ? 'DECLARE' : 'EDIT',
      assign: world.happens(0.97),
      body: {
        declaration: {
          marker,
          owner: person.name,
          ...(bad && { bad }),
          ...(picture && { picture: `device:${picture.id}` }),
        },
      },
      title: `${marker}`,
      ...(draft && { draftId: draft.id }),
    }
    const second: NewSubmission = {
      ...submission,
      isNew: false,
      action: 'REGISTER',
      body: { declaration: { marker: marker + 0.5, owner: person.name } },
    }
    delete second.draftId
    const submissions = world.happens(0.3) ? [submission, second] : [submission]
    const isKept = (of: NewSubmission) =>
      [...this.known.values()].some((item) => markerOf(item) === markerOf(of))
    try {
      await outbox.submitAll(submissions, picture ? [picture] : [])
      if (!submissions.every(isKept)) this.wrong(`item ${marker} was said to be kept, and is not`)
    } catch {
      // The device is full: what the person has filled in is still there.
      if (isNew) record.isNew = true
      const drafts = await person.disk.drafts()
      if (draft && !drafts.some(({ id }) => id === draft.id)) this.wrong(`draft ${marker} was lost`)
      if (submissions.some(isKept)) this.wrong(`item ${marker} was said not to be kept, and is`)
    }
  }

  private withdraw(outbox: Outbox, how: 'cancel' | 'edit'): void {
    const items = outbox.snapshot().items ?? []
    // What does not move is what somebody loses patience with.
    const stuck = items.filter((item) => !item.actionId && mayHaveReached(item))
    const item = this.world.pick(stuck.length > 0 ? stuck : items.slice(-6))
    if (item) void outbox[how](item.id).catch(() => undefined)
  }

  /** Nothing moves: somebody opens the desk again, or takes the item back. */
  private impatient(user: string): void {
    const { world } = this
    const person = this.people.find(({ name }) => name === user)
    if (!person || world.happens(0.6)) return
    if (world.happens(0.3)) world.after(world.between(0, 20_000), () => this.reload(person, 50))
    world.after(world.between(1_000, 70_000), () => {
      if (this.stormy) this.withdraw(this.tabOf(person).outbox, 'cancel')
    })
  }

  /** What a person does about what needs attention. */
  private resolve(outbox: Outbox): void {
    const wants = (item: OutboxItem) => ['needs-attention', 'refused', 'waiting'].includes(item.state.is)
    const item = this.world.pick((outbox.snapshot().items ?? []).filter(wants))
    if (!item) return
    const done =
      item.state.is === 'refused' ? outbox.dismiss(item.id) : outbox.retry(item.id, this.world.happens(0.4))
    void done.catch(() => undefined)
  }

  private async closeForAMonth(): Promise<void> {
    for (const { tab } of this.people.flatMap((person) => person.tabs)) tab.kill()
    this.stormy = false
    await this.world.run(this.world.time + 31 * 24 * 60 * MINUTE)
  }

  private calmDown(): void {
    this.stormy = false
    this.device.weather = { ...FAIR }
    this.core.countryUp = true
    this.core.takesTokens = true
    for (const record of this.core.records.values()) if (record.holder === 'colleague') record.holder = null
    for (const person of this.people) this.tabOf(person).outbox.hurry()
  }

  /** The person looks at what was refused: the next of its record may go. */
  private async tidy(): Promise<void> {
    for (const person of this.people) {
      const { outbox } = this.tabOf(person)
      for (const item of await person.disk.items())
        if (item.state.is === 'refused' && item.seenAt === undefined) void outbox.dismiss(item.id)
    }
  }

  // --- What must be ---

  /** At each write: what the device says of an item is so. */
  private written(
    user: string,
    id: string,
    before: OutboxItem | undefined,
    after: OutboxItem | undefined,
  ): void {
    if (after) this.known.set(id, after)
    const act = this.core.acts.get(`${user}/${id}`)
    const marker = markerOf(after?.undoes ? before : (after ?? before))
    if (before?.undoes) return
    if (after && after.userId !== user) this.wrong(`item ${marker} of ${after.userId} is with ${user}`)
    if (!after || after.undoes) {
      if (before?.leftAt !== undefined) return
      this.withdrawn.set(id, marker)
      if (act) this.wrong(`item ${marker} was taken back, and Core has it`)
      return
    }
    if (after.leftAt !== undefined && act?.delivery !== 'delivered')
      this.wrong(`item ${marker} left the outbox, and country config does not have it`)
    if (after.state.is === 'received' && !act) this.wrong(`item ${marker} is called received, and is not`)
    if (after.state.is === 'refused' && act?.status !== 'Rejected')
      this.wrong(`item ${marker} was not refused`)
    if (after.state.is === 'approved' && act?.status !== 'Accepted')
      this.wrong(`item ${marker} was not approved`)
    if (act && !after.actionId && !mayHaveReached(after))
      this.wrong(`item ${marker} is said to be on the device only, and Core has it`)
  }

  /** At each request: nothing earlier of the record is still to go. */
  private leaves(user: string, path: string, body: Record<string, unknown>): void {
    if (!path.includes('/actions/')) return
    const id = String(body.transactionId)
    const item = this.known.get(id)
    if (!item) {
      this.wrong(`a transaction that was never kept: ${id}`)
      return
    }
    for (const other of this.known.values()) {
      if (other.userId !== user || this.withdrawn.has(other.id) || other.leftAt !== undefined) continue
      if (recordOf(other) === recordOf(item) && other.sequence < item.sequence)
        this.wrong(`item ${markerOf(item)} goes before item ${markerOf(other)} of its record is through`)
    }
  }

  private async allSettled(): Promise<boolean> {
    for (const person of this.people) {
      const items = await person.disk.items()
      const waits = held(items)
      const open = items.filter((item) => item.leftAt === undefined && item.state.is !== 'needs-attention')
      if (open.some((item) => !heldForGood(item, waits))) return false
    }
    return true
  }

  private async judge(): Promise<void> {
    for (const person of this.people) {
      const items = await person.disk.items()
      const waits = held(items)
      for (const item of items) this.judgeItem(person.name, item, waits)
    }
    for (const [id, marker] of this.withdrawn)
      if ([...this.core.acts.keys()].some((key) => key.endsWith(`/${id}`)))
        this.wrong(`item ${marker} was taken back, and done all the same`)
    await this.judgeRecords()
    const most = 3000 + this.markers * 400
    if (this.device.requests > most) this.wrong(`${this.device.requests} requests are too many`)
  }

  /** Nothing was begun that nobody wants. */
  private async judgeRecords(): Promise<void> {
    for (const [transaction, id] of this.core.begun) {
      const record = this.core.records.get(id)
      if (!record || record.acts.length > 0) continue
      const recordId = transaction.slice(transaction.indexOf('/') + 1, -'.record'.length)
      const wanted = await Promise.all(
        this.people.map(async ({ disk }) => [...(await disk.items()), ...(await disk.drafts())]),
      )
      if (!wanted.flat().some((one) => one.recordId === recordId || one.recordId === id))
        this.wrong(`record ${id} was begun for what was taken back, and is still there`)
    }
  }

  private judgeItem(user: string, item: OutboxItem, waits: Map<string, OutboxItem>): void {
    const marker = markerOf(item)
    const acts = [...this.core.acts.values()].filter((act) => act.marker === marker)
    const isDecided = acts[0]?.status !== 'Requested'
    if (item.state.is === 'in-external-validation' && isDecided) this.wrong(`item ${marker} was never told`)
    if (item.leftAt !== undefined) {
      if (acts.length !== 1) this.wrong(`item ${marker} was done ${acts.length} times`)
    } else if (item.state.is === 'needs-attention') {
      if (acts.length > 0) this.wrong(`item ${marker} needs attention, and Core has it`)
    } else if (!heldForGood(item, waits)) {
      const { state, trouble, pause, inDoubt, wish } = item
      this.wrong(
        `item ${marker} of ${user} is stuck: ${JSON.stringify({ state, trouble, pause, inDoubt, wish })}`,
      )
    }
  }

  private result(): Result {
    const last = [...this.known.values()].filter((item) => !this.withdrawn.has(item.id))
    return {
      wrong: this.wrongs,
      items: this.known.size,
      requests: this.device.requests,
      delivered: last.filter((item) => item.leftAt !== undefined).length,
      attention: last.filter((item) => item.state.is === 'needs-attention').length,
      withdrawn: this.withdrawn.size,
    }
  }
}

/** It waits for one that somebody has to look at. */
function heldForGood(item: OutboxItem, waits: Map<string, OutboxItem>): boolean {
  const ahead = waits.get(item.id)
  return ahead !== undefined && (ahead.state.is === 'needs-attention' || heldForGood(ahead, waits))
}

const markerOf = (item: Pick<OutboxItem, 'body'> | undefined): number =>
  Number((item?.body.declaration as { marker?: number } | undefined)?.marker)

const draftOf = (recordId: string, marker: number, isNew: boolean): LocalDraft => ({
  id: `${recordId}/${marker}`,
  recordId,
  isNew,
  eventType: 'birth',
  action: 'DECLARE',
  declaration: { marker },
  annotation: {},
  title: `${marker}`,
  changedAt: 0,
})

const pictureOf = (marker: number, world: World): StoredFile => ({
  id: `picture-${marker}`,
  name: 'birth.jpg',
  type: 'image/jpeg',
  bytes: new ArrayBuffer(Math.ceil(world.between(1, 900_000))),
  digest: `${marker}`,
  addedAt: 0,
})

function inMemory(watcher: Watcher): Looked {
  const disk = new MemoryDisk(undefined, watcher)
  return {
    store: disk,
    items: () => disk.all(),
    drafts: async () => [...disk.drafts.values()],
    putDraft: async (draft) => void disk.drafts.set(draft.id, draft),
  }
}

/** Lives through one seed. */
export const run = (seed: number, settings: Settings = {}): Promise<Result> => new Run(seed, settings).go()
