// Keeps the outbox of whoever is signed in going, whatever is on the screen: also while the desk
// is locked. When somebody else signs in, theirs is opened and this one rests.
import { openPersonal } from '../device/database'
import type { World } from '../device/world'
import type { Session } from '../session/session'
import { broadcast } from './broadcast'
import { DatabaseStore } from './databaseStore'
import { WebLocks } from './leadership'
import { Outbox } from './outbox'
import { overHttp, type Send } from './overHttp'

interface Kept {
  userId: string
  opening: Promise<Outbox>
  close: () => void
}

class OutboxKeeper {
  private kept: Kept | undefined
  private token: string | undefined

  constructor(
    private readonly session: Session,
    private readonly world: World,
  ) {
    session.subscribe(() => this.sessionMoved())
    const look = () => {
      if (document.visibilityState === 'visible') this.hurry()
    }
    window.addEventListener('online', () => this.hurry())
    window.addEventListener('pageshow', look)
    document.addEventListener('visibilitychange', look)
  }

  /** The person's outbox, going. Rejects when the device does not open the database; asking again tries again. */
  of(userId: string): Promise<Outbox> {
    if (this.kept?.userId === userId) return this.kept.opening
    this.kept?.close()
    const kept = this.open(userId)
    this.kept = kept
    kept.opening.catch(() => {
      if (this.kept === kept) this.kept = undefined
    })
    return kept.opening
  }

  private open(userId: string): Kept {
    const { session, world } = this
    const channel = broadcast(userId)
    // Never with the token of whoever has signed in since.
    const token = () => (session.account()?.userId === userId ? session.token() : undefined)
    const send: Send = (path, init) => world.send(path, { ...init, cache: 'no-store', redirect: 'manual' })
    const refused = (refusedToken: string) => void session.tokenRefused(refusedToken)
    let closed = false
    let close = () => channel.close()
    const store = new DatabaseStore(() => openPersonal(userId))
    // Whether it opens at all.
    const opening = store.all().then(() => {
      const name = `countersign.outbox.${userId}`
      const rest = (milliseconds: number) => world.wait(milliseconds, new AbortController().signal)
      const outbox = new Outbox({
        userId,
        store,
        core: overHttp({ send, token, refused, clock: world }),
        clock: world,
        random: world.random,
        newId: world.newId,
        channel,
        leadership: new WebLocks(name, navigator.locks, rest),
        seen: () => document.visibilityState === 'visible',
      })
      close = () => {
        void outbox.stop().finally(() => {
          channel.close()
          void store.close()
        })
      }
      if (closed) close()
      else outbox.start()
      return outbox
    })
    return {
      userId,
      opening,
      close: () => {
        closed = true
        close()
      },
    }
  }

  private sessionMoved(): void {
    const account = this.session.account()
    const standing = this.session.standing()
    if (this.kept && standing.is !== 'starting' && account?.userId !== this.kept.userId) {
      this.kept.close()
      this.kept = undefined
    }
    if (account?.token !== undefined && account.token !== this.token) this.hurry()
    this.token = account?.token
  }

  private hurry(): void {
    void this.kept?.opening.then(
      (outbox) => outbox.hurry(),
      () => undefined,
    )
  }
}

const keepers = new WeakMap<Session, OutboxKeeper>()

/** The one keeper of a session. */
export function keeperOf(session: Session, world: World): OutboxKeeper {
  const known = keepers.get(session) ?? new OutboxKeeper(session, world)
  keepers.set(session, known)
  return known
}
