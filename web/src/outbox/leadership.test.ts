import { expect, test } from 'vitest'
import { WebLocks } from './leadership'

/** The browser's locks, as far as they are used: a queue that can be overtaken. */
class Locks {
  private holder: { lose: (why: Error) => void } | undefined
  private queue: (() => void)[] = []

  request = (async (_: string, options: LockOptions, work: () => Promise<void>) => {
    if (options.steal) this.holder?.lose(new DOMException('stolen', 'AbortError'))
    else if (this.holder)
      await new Promise<void>((go, fail) => {
        this.queue.push(go)
        options.signal?.addEventListener('abort', () => {
          this.queue = this.queue.filter((one) => one !== go)
          fail(new DOMException('aborted', 'AbortError'))
        })
      })
    let lose: (why: Error) => void = () => undefined
    const lost = new Promise<never>((_, failed) => {
      lose = failed
    })
    const mine = { lose }
    this.holder = mine
    try {
      await Promise.race([work(), lost])
    } finally {
      if (this.holder === mine) {
        this.holder = undefined
        this.queue.shift()?.()
      }
    }
  }) as LockManager['request']
}

const turn = () => new Promise((done) => setTimeout(done, 1))
const until = (stop: AbortSignal) => new Promise<void>((done) => stop.addEventListener('abort', () => done()))

function tab(locks: Locks, name: string, log: string[]) {
  const leaving = new AbortController()
  const lock = new WebLocks('outbox', locks, turn as () => Promise<void>)
  const done = lock.lead(async (stop) => {
    log.push(`${name} leads`)
    await until(stop)
    log.push(`${name} ends`)
  }, leaving.signal)
  const close = () => {
    leaving.abort()
    return done
  }
  return { lock, close }
}

test('one tab leads, and the next when it is closed', async () => {
  const [locks, log]: [Locks, string[]] = [new Locks(), []]
  const [one, other] = [tab(locks, 'one', log), tab(locks, 'other', log)]
  await turn()
  expect(log).toEqual(['one leads'])
  await one.close()
  await turn()
  expect(log).toEqual(['one leads', 'one ends', 'other leads'])
  await other.close()
})

test('a tab that sleeps is overtaken, stops, and gets in line again', async () => {
  const [locks, log]: [Locks, string[]] = [new Locks(), []]
  const [one, other] = [tab(locks, 'one', log), tab(locks, 'other', log)]
  await turn()
  other.lock.steal()
  await turn()
  await turn()
  expect([...log].sort()).toEqual(['one ends', 'one leads', 'other leads'])
  await other.close()
  await turn()
  await turn()
  expect(log.at(-1)).toBe('one leads')
  await one.close()
})

test('a tab that is closed while it waits never leads', async () => {
  const [locks, log]: [Locks, string[]] = [new Locks(), []]
  const [one, other] = [tab(locks, 'one', log), tab(locks, 'other', log)]
  await turn()
  await other.close()
  await one.close()
  expect(log).toEqual(['one leads', 'one ends'])
})
