// Who is before the screen. Survives reloads; told to all tabs of the device.
import type { CommonDatabase } from '../device/database'
import type { DeviceAccount } from './account'
import { isPin, keepPin, MOST_WRONG_TRIES, tryPin } from './pin'
import { claimsOf, worthRenewing } from './token'

export type Standing =
  | { is: 'starting' }
  /** `tooManyTries`: the desk has just shut itself, because of wrong PINs. */
  | { is: 'signed-out'; accounts: DeviceAccount[]; tooManyTries?: true }
  /** Signed in, with the PIN yet to be chosen or entered. */
  | { is: 'locked'; account: DeviceAccount; choose: boolean }
  | {
      is: 'open'
      account: DeviceAccount /** Core no longer takes the token: reading and writing go on offline. */
      expired: boolean
    }

interface SessionOptions {
  database: CommonDatabase
  now: () => number
  randomBytes: (count: number) => Uint8Array
  /** Gives another token for one that is still good. Rejects when there is no network. */
  renew: (token: string) => Promise<string>
  /** Ends a token at Core, as far as there is a network. */
  end: (token: string) => Promise<void>
  /** Runs work that only one tab may do at a time; not at all while another is at it. */
  alone?: (work: () => Promise<void>) => Promise<void>
  /** Tells other tabs that something changed; `heard` is called when they did. */
  channel?: Pick<BroadcastChannel, 'postMessage' | 'onmessage'>
}

const CURRENT = 'session.current'
/** Since when the desk is open without anybody touching it, kept so that a reload does not unlock. */
const TOUCHED = 'session.touched'
const IDLE_AFTER_MS = 5 * 60_000

export class Session {
  #standing: Standing = { is: 'starting' }
  #listeners = new Set<() => void>()
  #touched = 0
  #renewing: Promise<void> | undefined

  constructor(private readonly options: SessionOptions) {
    if (options.channel) options.channel.onmessage = () => void this.start()
  }

  standing = (): Standing => this.#standing

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  account(): DeviceAccount | undefined {
    return this.#standing.is === 'open' || this.#standing.is === 'locked' ? this.#standing.account : undefined
  }

  token(): string | undefined {
    return this.account()?.token
  }

  /** Reads where the device stands. A desk that was open and touched a moment ago stays open. */
  async start(): Promise<void> {
    const { database, now } = this.options
    const [current, touched] = await Promise.all([
      database.get('choices', CURRENT) as Promise<string | undefined>,
      database.get('choices', TOUCHED) as Promise<number | undefined>,
    ])
    const account = current ? await database.get('accounts', current) : undefined
    if (!account) return this.#signedOut()
    this.#touched = touched ?? 0
    const idle = now() - this.#touched
    // A clock that was set back counts as idle.
    const fresh = idle >= 0 && idle < IDLE_AFTER_MS
    if (!account.pin) this.#set({ is: 'locked', account, choose: true })
    else if (fresh) this.#set({ is: 'open', account, expired: account.token === undefined })
    else this.#set({ is: 'locked', account, choose: false })
  }

  /** After Core gave a token for this account. What the device knew of the account's PIN stays. */
  async signedIn(account: DeviceAccount): Promise<void> {
    const { database } = this.options
    const before = await database.get('accounts', account.userId)
    const received = { ...account, tokenAt: this.options.now() }
    // A forgotten PIN is replaced after signing in: whoever has password and code may choose anew.
    const forgotten = (before?.pin?.wrongTries ?? 0) >= MOST_WRONG_TRIES
    const kept: DeviceAccount = { ...received, ...(before?.pin && !forgotten ? { pin: before.pin } : {}) }
    const transaction = database.transaction(['accounts', 'choices'], 'readwrite')
    await transaction.objectStore('accounts').put(kept)
    await transaction.objectStore('choices').put(kept.userId, CURRENT)
    await transaction.done
    await this.#touch()
    this.#set(
      kept.pin
        ? { is: 'open', account: kept, expired: false }
        : { is: 'locked', account: kept, choose: true },
    )
    this.#tell()
  }

  async choosePin(pin: string): Promise<void> {
    const account = this.account()
    if (!account || !isPin(pin)) throw new Error('Four digits')
    const changed = { ...account, pin: await keepPin(pin, this.options.randomBytes(16)) }
    await this.#open(changed)
  }

  /** True when it opened; otherwise how many tries are left. At none, the token is gone. */
  async unlock(pin: string): Promise<true | number> {
    const account = this.account()
    if (!account?.pin) return 0
    // Wrong tries in other tabs count, too.
    const stored = await this.#stored(account.userId)
    const wrongTries = Math.max(account.pin.wrongTries, stored?.pin?.wrongTries ?? 0)
    const tried = await tryPin({ ...account.pin, wrongTries }, pin)
    if (tried.right && wrongTries < MOST_WRONG_TRIES) {
      await this.#open({ ...account, pin: tried.pin })
      return true
    }
    const triesLeft = tried.right ? 0 : tried.triesLeft
    const changed: DeviceAccount = { ...account, pin: tried.right ? account.pin : tried.pin }
    this.#set({ is: 'locked', account: changed, choose: false })
    await this.#keep(() => this.options.database.put('accounts', changed))
    if (triesLeft === 0) {
      await this.signOut()
      if (this.#standing.is === 'signed-out') this.#set({ ...this.#standing, tooManyTries: true })
    }
    return triesLeft
  }

  async lock(): Promise<void> {
    if (this.#standing.is !== 'open') return
    this.#set({ is: 'locked', account: this.#standing.account, choose: false })
    await this.#keep(() => this.options.database.put('choices', 0, TOUCHED))
    this.#tell()
  }

  /** Somebody typed or touched. Cheap enough for every key. */
  touched(): void {
    const now = this.options.now()
    if (this.#standing.is === 'open' && Math.abs(now - this.#touched) > 10_000) void this.#touch()
  }

  /** Locks when nobody touched it for a while; to be called now and then. */
  async lockWhenIdle(): Promise<void> {
    const isIdle = () => Math.abs(this.options.now() - this.#touched) >= IDLE_AFTER_MS
    if (this.#standing.is !== 'open' || !isIdle()) return
    // They may be at work in another tab.
    try {
      const touched = await this.options.database.get('choices', TOUCHED)
      if (typeof touched === 'number') this.#touched = touched
    } catch {
      // Then this tab knows as much as there is to know.
    }
    if (isIdle()) await this.lock()
  }

  /**
   * Core does not take the token. What is on the device stays, and can be added to. A request that was under way
   * while the token was renewed, here or in another tab, says nothing of the new one.
   */
  async tokenRefused(refused: string): Promise<void> {
    await this.#renewing
    const account = this.account()
    if (!account || account.token !== refused) return
    const stored = await this.#stored(account.userId)
    if (stored?.token !== undefined && stored.token !== refused) return this.#replace(stored)
    const { token: _, ...without } = account
    this.#replace(without)
    await this.#keep(() => this.options.database.put('accounts', without))
    this.#tell()
  }

  /** Renews a token that is past half of its life. Without a network, another time. */
  renewWhenDue(): Promise<void> {
    const alone = this.options.alone ?? ((work) => work())
    this.#renewing ??= alone(() => this.#renew()).finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  async #renew(): Promise<void> {
    const { database, now } = this.options
    const account = this.account()
    if (!account?.token) return
    const stored = await this.#stored(account.userId)
    if (stored?.token !== undefined && stored.token !== account.token) return this.#replace(stored)
    const claims = claimsOf(account.token)
    if (!claims || !worthRenewing(claims, now(), account.tokenAt)) return
    let token: string
    try {
      token = await this.options.renew(account.token)
    } catch {
      return
    }
    const present = this.account()
    // Whoever has left meanwhile is not brought back.
    if (present?.userId !== account.userId || present.token !== account.token) return
    const scopes = claimsOf(token)?.scope ?? present.scopes
    const changed = { ...present, token, tokenAt: now(), scopes }
    this.#replace(changed)
    await this.#keep(() => database.put('accounts', changed))
    this.#tell()
  }

  /**
   * Leaves. What waits in the outbox stays on the device until its owner comes back, who chooses another PIN then if
   * this one was forgotten.
   */
  async signOut({ forgetPin = false } = {}): Promise<void> {
    const account = this.account()
    if (account) {
      const { token, ...rest } = account
      const { pin: _, ...withoutPin } = rest
      const without = forgetPin ? withoutPin : rest
      await this.#keep(async () => {
        const transaction = this.options.database.transaction(['accounts', 'choices'], 'readwrite')
        await transaction.objectStore('accounts').put(without)
        await transaction.objectStore('choices').delete(CURRENT)
        await transaction.done
      })
      // Nobody waits for a bad network to be out of the desk.
      if (token) void this.options.end(token).catch(() => undefined)
    }
    await this.#signedOut()
    this.#tell()
  }

  async #open(account: DeviceAccount): Promise<void> {
    this.#set({ is: 'open', account, expired: account.token === undefined })
    await this.#keep(() => this.options.database.put('accounts', account))
    await this.#touch()
    this.#tell()
  }

  async #signedOut(): Promise<void> {
    const accounts = await this.options.database.getAll('accounts').catch(() => [])
    this.#set({ is: 'signed-out', accounts })
  }

  async #touch(): Promise<void> {
    this.#touched = this.options.now()
    await this.#keep(() => this.options.database.put('choices', this.#touched, TOUCHED))
  }

  /** The account as it is on the device, which another tab may have changed. */
  #stored(userId: string): Promise<DeviceAccount | undefined> {
    return this.options.database.get('accounts', userId).catch(() => undefined)
  }

  /** The same person with another token, or without one. */
  #replace(account: DeviceAccount): void {
    if (this.#standing.is === 'open') this.#set({ is: 'open', account, expired: account.token === undefined })
    else if (this.#standing.is === 'locked') this.#set({ ...this.#standing, account })
  }

  /**
   * Writes what should outlive a reload. A device that is full or broken keeps nobody from unlocking, locking or
   * leaving: the outbox says what is wrong with it.
   */
  async #keep(write: () => Promise<unknown>): Promise<void> {
    try {
      await write()
    } catch (error) {
      console.warn('the device did not keep who is signed in', error)
    }
  }

  #tell(): void {
    this.options.channel?.postMessage('session')
  }

  #set(standing: Standing): void {
    this.#standing = standing
    for (const listener of this.#listeners) listener()
  }
}
