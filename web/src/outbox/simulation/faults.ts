// The outbox with something deliberately wrong in it, to show that the fault test notices.
import type { Core } from '../core'
import type { OutboxItem } from '../item'
import { type Change, stepOf } from '../machine'
import type { OutboxStore } from '../store'
import type { Fault } from './run'

/** The store, but for what is written. */
const writing =
  (alter: (change: Change, before: OutboxItem) => Change | 'forget') =>
  (store: OutboxStore): OutboxStore => ({
    ...store,
    change: async (id, change) => {
      let forgotten: OutboxItem | undefined
      const kept = await store.change(id, (before) => {
        const changed = change(before)
        if (!changed) return undefined
        const altered = alter(changed, before)
        if (altered !== 'forget') return altered
        forgotten = changed.item
        return undefined
      })
      return forgotten ?? kept
    },
  })

/** Core, but for how an action is asked for. */
const acting =
  (act: (core: Core, random: () => number) => Core['act']): NonNullable<Fault['core']> =>
  (core, world) => ({ ...core, act: act(core, world.random) })

export const faults: Record<string, Fault> = {
  'sends before it has written down that it does': {
    store: writing((change) => {
      const { state } = change.item
      return change.is === 'keep' && state.is === 'sending' && state.step === 'action' ? 'forget' : change
    }),
  },
  'does not keep the order of a record': {
    choose: (items) => items.filter((item) => item.leftAt === undefined && stepOf(item) !== undefined),
  },
  'lets an item go when Core has it and country config does not': {
    core: acting((core) => async (...args) => {
      const answer = await core.act(...args)
      if (answer.is !== 'done' || answer.value.is !== 'undelivered') return answer
      return { is: 'done', value: { is: 'undecided', actionId: answer.value.actionId } }
    }),
  },
  'tries again under another transaction id': {
    core: acting(
      (core, random) => (item, body, stop) =>
        core.act(item.inDoubt ? { ...item, id: `${item.id}-${random()}` } : item, body, stop),
    ),
  },
  'drains in every tab': { lockFails: true },
  'takes back what may be with Core without asking': {
    store: writing((change, before) =>
      change.is === 'keep' && change.item.wish && !before.wish ? { is: 'drop', item: before } : change,
    ),
  },
  'believes at once that Core has never seen an action': { quiet: 0 },
  'takes silence for a no': {
    store: writing((change) =>
      change.is === 'keep' ? { ...change, item: { ...change.item, inDoubt: false } } : change,
    ),
  },
  'believes whoever answers': {
    core: acting((core) => async (item, body, stop) => {
      const answer = await core.act(item, body, stop)
      if (answer.is !== 'silent' || answer.why !== 'not-core') return answer
      return { is: 'done', value: { is: 'approved', actionId: item.id } }
    }),
  },
  'says that something is kept before it is': {
    store: (store) => ({
      ...store,
      add: async (entry) => {
        const adding = store.add(entry)
        adding.catch(() => undefined)
        return entry.submissions.map(({ id, submission }) => ({ ...submission, id }) as OutboxItem)
      },
    }),
  },
  'sends an action ahead of its files': {
    core: (core) => ({
      ...core,
      uploads: {
        ...core.uploads,
        begin: async (upload) => ({
          is: 'done',
          value: { id: upload.transactionId, offset: upload.size, path: `/files/${upload.transactionId}` },
        }),
      },
    }),
  },
  'leaves at Core what was begun for nothing': {
    store: writing((change) => {
      if (change.is === 'keep' || !change.undo) return change
      const { undo: _, ...gone } = change
      return gone
    }),
  },
  'stops after the first silence': {
    store: writing((change) =>
      change.is === 'keep' && change.item.trouble?.kind === 'no-answer' && change.item.pause
        ? { ...change, item: { ...change.item, pause: { from: 0, lasts: 1e15, atLeast: 1e15 } } }
        : change,
    ),
  },
  'shows one person’s items to another': { sharesDisk: true },
}
