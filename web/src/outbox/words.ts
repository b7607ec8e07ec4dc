// The true state of an item in plain words.
import type { Tone } from '../design/Notice'
import type { Text } from '../language/Language'
import type { Health } from './drainer'
import type { OutboxItem, Problem, Trouble } from './item'

export interface Words {
  tone: Tone
  state: string
  /** What is behind it: since when, how often, what was said. */
  details: string[]
  /** What one can do. */
  todo?: string
}

interface Formats {
  dateTime: (value: number) => string
}

export function wordsOf(
  item: OutboxItem,
  around: { heldBy: OutboxItem | undefined; health: Health; long: boolean; t: Text; formats: Formats },
): Words {
  const { heldBy, health, long, t, formats } = around
  const { state, trouble } = item
  const since = (at: number) => formats.dateTime(at)
  switch (state.is) {
    case 'waiting': {
      const waits = waiting(item, heldBy, health)
      const values = { title: heldBy?.title ?? '' }
      const details = heldBy ? [] : [...foretold(item, t), ...troubles(trouble, t, since)]
      return { tone: long ? 'warn' : 'plain', state: t(`outbox.waiting.${waits}`, values), details }
    }
    case 'sending':
      return { tone: 'info', state: t('outbox.sending'), details: [t(`outbox.sending.${state.step}`)] }
    case 'received': {
      const { attempts, lastError } = state
      return {
        tone: long ? 'warn' : 'info',
        state: t('outbox.received', { since: since(state.since), attempts }),
        details: [
          ...(lastError === undefined ? [] : [t('outbox.received.lastError', { error: lastError })]),
          ...troubles(trouble, t, since),
        ],
      }
    }
    case 'in-external-validation':
      return {
        tone: 'info',
        state: t('outbox.inExternalValidation'),
        details: [t('outbox.since', { since: since(state.since) })],
      }
    case 'approved':
      return { tone: 'good', state: t('outbox.approved'), details: [since(state.at)] }
    case 'refused': {
      const { reason, handedBack, byHand } = state
      const who = handedBack ? 'handedBack' : byHand ? 'byHand' : 'byCountry'
      return {
        tone: 'bad',
        state: reason ? t('outbox.refused.why', { reason }) : t('outbox.refused'),
        details: [t(`outbox.refused.${who}`, { at: since(state.at) })],
        ...(item.seenAt === undefined && {
          todo: t(item.draft ? 'outbox.todo.refusedDraft' : 'outbox.todo.refused'),
        }),
      }
    }
    case 'needs-attention': {
      const { problem } = state
      const { kind, name } = named(problem)
      return {
        tone: 'bad',
        state: t(`outbox.problem.${kind}`, { name, file: problem.message }),
        // Core's own sentence says more than ours where we do not know better.
        details: ['conflict', 'unexpected'].includes(kind) ? [problem.message] : [],
        todo: t(`outbox.todo.${kind}`),
      }
    }
  }
}

type Waiting = 'wish' | 'held' | 'heldByProblem' | 'signedOut' | 'network' | 'server' | Trouble['kind']

function waiting(item: OutboxItem, heldBy: OutboxItem | undefined, health: Health): Waiting {
  if (item.wish) return 'wish'
  if (heldBy) return ['needs-attention', 'refused'].includes(heldBy.state.is) ? 'heldByProblem' : 'held'
  const kind = item.trouble?.kind
  if (health.signedOut || kind === 'signed-out') return 'signedOut'
  if (kind === 'no-answer' || kind === 'not-core') return 'network'
  if (kind) return kind
  return health.silentSince === undefined ? 'server' : 'network'
}

function troubles(trouble: Trouble | undefined, t: Text, since: (at: number) => string): string[] {
  if (!trouble || trouble.kind === 'signed-out') return []
  const { kind, attempts, message = '' } = trouble
  return [
    ...(kind === 'not-core' || kind === 'core-busy' ? [t(`outbox.trouble.${kind}`, { message })] : []),
    t('outbox.tried', { since: since(trouble.since), attempts }),
  ]
}

/** What Core has said to one try, while it is not known what became of another. */
function foretold({ refusal }: OutboxItem, t: Text): string[] {
  if (!refusal) return []
  const { kind, name } = named(refusal)
  return [t('outbox.foretold', { problem: t(`outbox.problem.${kind}`, { name, file: refusal.message }) })]
}

function named(problem: Problem): { kind: string; name: string } {
  const holder = holderOf(problem.details)
  const isHeld = problem.kind === 'conflict' && holder !== undefined
  return { kind: isHeld ? 'held' : problem.kind, name: holder || 'none' }
}

/** Who holds the record instead, if that is what Core said; nobody's name is an empty one. */
export function holderOf(details: Record<string, unknown> | undefined): string | undefined {
  const assigned = details?.assignedTo
  if (typeof assigned !== 'object' || assigned === null) return undefined
  const { name } = assigned as { name?: { firstname?: string; surname?: string } | null }
  return [name?.firstname, name?.surname].filter(Boolean).join(' ')
}
