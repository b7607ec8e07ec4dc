// One scope: what kind of right, and how far it goes. A role carries a list of them, encoded; a token
// carries them on.
import { SCOPE_KINDS, type ScopeOption } from './scopeKinds'
import { pairs, type ScopePair, single } from './scopeText'

/** How far from their own office a person may reach. */
export type Jurisdiction = 'administrativeArea' | 'location' | 'all'

/** What narrows a scope down; all that is given must hold. */
export interface ScopeOptions {
  event?: string[]
  placeOfEvent?: Jurisdiction
  declaredIn?: Jurisdiction
  declaredBy?: 'user'
  registeredIn?: Jurisdiction
  registeredBy?: 'user'
  customActionTypes?: string[]
  templates?: string[]
  accessLevel?: Jurisdiction
  role?: string[]
  ids?: string[]
}

export interface Scope {
  type: string
  /** Absent of kinds that take none. */
  options?: ScopeOptions
}

const READ: Record<ScopeOption, (pair: ScopePair) => unknown> = {
  event: list,
  placeOfEvent: jurisdiction,
  declaredIn: jurisdiction,
  declaredBy: user,
  registeredIn: jurisdiction,
  registeredBy: user,
  customActionTypes: list,
  templates: list,
  accessLevel: jurisdiction,
  role: list,
  ids: list,
}

function list(pair: ScopePair): string[] | undefined {
  return pair.shape === 'object' ? undefined : pair.values
}

function jurisdiction(pair: ScopePair): Jurisdiction | undefined {
  const text = single(pair)
  return text === 'administrativeArea' || text === 'location' || text === 'all' ? text : undefined
}

function user(pair: ScopePair): 'user' | undefined {
  return single(pair) === 'user' ? 'user' : undefined
}

/**
 * Reads a scope such as `type=record.register&event=birth,death`. Undefined when it cannot be
 * understood: then it grants nothing. Options that the kind does not take are left out.
 */
export function decodeScope(text: string): Scope | undefined {
  const found = pairs(text)
  const type = single(found.find(({ name }) => name === 'type'))
  const taken = type === undefined ? undefined : SCOPE_KINDS.get(type)
  if (type === undefined || !taken) return undefined
  if (taken.length === 0) return { type }
  const options: Record<string, unknown> = {}
  for (const name of taken) {
    const pair = found.find((one) => one.name === name)
    if (!pair) continue
    const value = READ[name](pair)
    if (value === undefined) return undefined
    options[name] = value
  }
  if (taken.includes('ids') && !options.ids) return undefined
  return { type, options: options as ScopeOptions }
}

/** All that can be understood of what a token carries. */
export const decodeScopes = (encoded: readonly string[]): Scope[] =>
  encoded.flatMap((text) => decodeScope(text) ?? plain(text) ?? [])

/** A kind alone, without options, as roles of older versions have it: `record.create`. */
function plain(text: string): Scope | undefined {
  const taken = SCOPE_KINDS.get(text)
  if (!taken || taken.includes('ids') || text === 'user.create' || text === 'user.edit') return undefined
  return taken.length === 0 ? { type: text } : { type: text, options: {} }
}

export const hasScope = (scopes: readonly Scope[], ...types: string[]): boolean =>
  scopes.some(({ type }) => types.includes(type))

/** The slugs of the workqueues that their holder sees. */
export const workqueueSlugs = (scopes: readonly Scope[]): Set<string> =>
  new Set(scopes.flatMap(({ type, options }) => (type === 'workqueue' ? (options?.ids ?? []) : [])))

/** Whether a record of this event type may be begun with a scope of this kind. Where it happened nobody knows yet. */
export const mayBegin = (scopes: readonly Scope[], kind: string, eventType: string): boolean =>
  scopes.some(({ type, options }) => type === kind && (options?.event?.includes(eventType) ?? true))
