import { IDBFactory, IDBObjectStore } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import 'fake-indexeddb/auto'
import { type CommonDatabase, openCommon } from '../device/database'
import type { DeviceAccount } from './account'
import { Session } from './session'

const DAY = 24 * 3600_000
const MINUTE = 60_000
const BEGIN = Date.UTC(2026, 0, 1)

/** A token as Core's look, good for a week from `at` on. */
function token(at: number, name: string): string {
  const claims = { sub: 'ann', scope: [], iat: at / 1000, exp: (at + 7 * DAY) / 1000, name }
  return `h.${btoa(JSON.stringify(claims))}.s`
}

const account = (of: string): DeviceAccount => ({
  userId: 'ann',
  username: 'a.nn',
  name: { firstname: 'Ann', surname: 'Nn' },
  role: 'REGISTRAR',
  primaryOfficeId: 'office',
  scopes: [],
  token: of,
  lastSeenAt: BEGIN,
})

let database: CommonDatabase
let now = BEGIN
const renew = vi.fn<(token: string) => Promise<string>>()
const end = vi.fn<(token: string) => Promise<void>>()
/** A tab of the device. */
const tab = () =>
  new Session({ database, now: () => now, randomBytes: (count) => new Uint8Array(count), renew, end })

/** Signed in with a PIN, as long ago as a token's life is half over. */
async function working(): Promise<Session> {
  const session = tab()
  await session.signedIn(account(token(BEGIN, 'first')))
  await session.choosePin('2580')
  return session
}
async function another(): Promise<Session> {
  const session = tab()
  await session.start()
  return session
}

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory()
  database = await openCommon()
  now = BEGIN
  renew.mockReset()
  end.mockReset().mockResolvedValue(undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
  database.close()
})

describe('a token', () => {
  test('that is refused while it is being renewed does not end the session', async () => {
    const session = await working()
    now += 4 * DAY
    let resolve = (_: string) => {}
    renew.mockReturnValueOnce(new Promise((done) => (resolve = done)))
    const renewing = session.renewWhenDue()
    void session.renewWhenDue()
    const refused = session.tokenRefused(token(BEGIN, 'first'))
    await vi.waitFor(() => expect(renew).toHaveBeenCalled())
    resolve(token(now, 'second'))
    await Promise.all([renewing, refused])
    expect(session.token()).toBe(token(now, 'second'))
    expect(session.standing()).toMatchObject({ is: 'open', expired: false })
    expect(renew).toHaveBeenCalledOnce()
  })

  test('that another tab has renewed is taken from there', async () => {
    const [one, other] = [await working(), await another()]
    now += 4 * DAY
    renew.mockResolvedValueOnce(token(now, 'second'))
    await one.renewWhenDue()
    await other.tokenRefused(token(BEGIN, 'first'))
    expect(other.token()).toBe(token(now, 'second'))
    expect((await database.get('accounts', 'ann'))?.token).toBe(token(now, 'second'))
    const third = await another()
    await third.renewWhenDue()
    expect(renew).toHaveBeenCalledOnce()
  })

  test('that Core does not take leaves the person at work, without a network', async () => {
    const session = await working()
    await session.tokenRefused(token(BEGIN, 'first'))
    expect(session.standing()).toMatchObject({ is: 'open', expired: true })
    expect(await another().then((one) => one.token())).toBeUndefined()
  })

  test('is not renewed because the device’s clock is wrong', async () => {
    now = BEGIN + 30 * DAY
    const session = tab()
    await session.signedIn(account(token(BEGIN, 'first')))
    await session.renewWhenDue()
    expect(renew).not.toHaveBeenCalled()
    now += 4 * DAY
    renew.mockRejectedValueOnce(new Error('no network'))
    await session.renewWhenDue()
    expect(renew).toHaveBeenCalledOnce()
  })

  test('is not brought back by a renewal that ends after its owner has left', async () => {
    const session = await working()
    now += 4 * DAY
    let resolve = (_: string) => {}
    renew.mockReturnValueOnce(new Promise((done) => (resolve = done)))
    const renewing = session.renewWhenDue()
    await vi.waitFor(() => expect(renew).toHaveBeenCalled())
    await session.signOut()
    resolve(token(now, 'second'))
    await renewing
    expect(session.standing().is).toBe('signed-out')
    expect((await database.get('accounts', 'ann'))?.token).toBeUndefined()
  })
})

describe('the lock', () => {
  test('of a tab that nobody looks at waits while somebody works in another', async () => {
    const [one, other] = [await working(), await another()]
    now += 4 * MINUTE
    other.touched()
    now += 2 * MINUTE
    await one.lockWhenIdle()
    expect(one.standing().is).toBe('open')
    now += 4 * MINUTE
    await one.lockWhenIdle()
    expect(one.standing().is).toBe('locked')
  })

  test('counts wrong PINs of all tabs', async () => {
    const session = await working()
    await session.lock()
    const tabs = [session, await another(), await another()]
    const left: (number | true)[] = []
    for (const at of [0, 1, 2, 0]) left.push((await tabs[at]?.unlock('0000')) ?? 0)
    expect(left).toEqual([4, 3, 2, 1])
    expect(await tabs[1]?.unlock('0000')).toBe(0)
    expect(tabs[1]?.standing()).toMatchObject({ is: 'signed-out', tooManyTries: true })
    // Not even the right one opens a tab that has not heard of it.
    expect(await tabs[2]?.unlock('2580')).toBe(0)
    expect(tabs[2]?.standing().is).toBe('signed-out')
  })

  test('works on a device that keeps nothing more', async () => {
    const session = await working()
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    await session.lock()
    expect(session.standing().is).toBe('locked')
    expect(await session.unlock('2580')).toBe(true)
    expect(session.standing().is).toBe('open')
    await session.signOut()
    expect(session.standing().is).toBe('signed-out')
  })
})

test('whoever leaves has left at once, however bad the network is', async () => {
  const session = await working()
  end.mockReturnValueOnce(new Promise(() => undefined))
  await session.signOut()
  expect(session.standing().is).toBe('signed-out')
  expect(end).toHaveBeenCalledWith(token(BEGIN, 'first'))
})
