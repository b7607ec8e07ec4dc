// The scopes that a system client may be given, and how a choice of them is written (contract, "Scopes").

/** What a client can do with each is told in the texts, under `console.scope.<kind>`. */
export const SCOPE_GROUPS = [
  {
    id: 'records',
    kinds: [
      'record.create',
      'record.notify',
      'record.read',
      'record.search',
      'record.request-correction',
      'record.correct',
      'attachment.upload',
    ],
  },
  { id: 'decisions', kinds: ['record.confirm-registration', 'record.reject-registration'] },
  { id: 'data', kinds: ['record.import', 'record.reindex'] },
  { id: 'people', kinds: ['user.search', 'user.create', 'user.edit'] },
  { id: 'operating', kinds: ['delivery.read', 'delivery.manage', 'pending.resolve', 'integration.create'] },
] as const

const KINDS: readonly string[] = SCOPE_GROUPS.flatMap((group) => group.kinds)

/** Those that can be narrowed to types of records. */
const NARROWED: readonly string[] = [
  'record.create',
  'record.notify',
  'record.read',
  'record.search',
  'record.request-correction',
  'record.correct',
]

/** With these a client can act for the country or for people: they are marked. */
export const POWERFUL: readonly string[] = [
  'integration.create',
  'pending.resolve',
  'delivery.manage',
  'record.import',
  'user.create',
  'user.edit',
]

export interface ChosenScopes {
  kinds: string[]
  /** Types of records that the kinds about records are narrowed to; none: all. */
  events: string[]
  /** Whatever else it holds, as it was written: narrowed in ways that are not offered here. */
  further: string[]
}

export const canBeNarrowed = (kind: string): boolean => NARROWED.includes(kind)

/** Takes a client's scopes apart into what is offered here and the rest. */
export function chosenIn(scopes: readonly string[]): ChosenScopes {
  const chosen: ChosenScopes = { kinds: [], events: [], further: [] }
  let narrowedTo: string | undefined
  for (const scope of scopes) {
    const read = readPlainly(scope)
    const events = read?.events.join(',') ?? ''
    const fits =
      read !== undefined &&
      !chosen.kinds.includes(read.kind) &&
      (canBeNarrowed(read.kind) ? narrowedTo === undefined || narrowedTo === events : events === '')
    if (!fits) {
      chosen.further.push(scope)
      continue
    }
    chosen.kinds.push(read.kind)
    if (canBeNarrowed(read.kind) && narrowedTo === undefined) {
      narrowedTo = events
      chosen.events = read.events
    }
  }
  return chosen
}

/** A scope that says nothing but its kind, and perhaps types of records. */
function readPlainly(scope: string): { kind: string; events: string[] } | undefined {
  if (KINDS.includes(scope)) return { kind: scope, events: [] }
  const parameters = new URLSearchParams(scope)
  const kind = parameters.get('type') ?? ''
  if (!KINDS.includes(kind)) return undefined
  for (const name of parameters.keys()) if (name !== 'type' && name !== 'event') return undefined
  const events = (parameters.get('event') ?? '').split(',').filter(Boolean)
  return { kind, events: [...events].sort() }
}

/** Writes a choice as Core takes it. */
export function scopesOf({ kinds, events, further }: ChosenScopes): string[] {
  const narrowed = events.length > 0 ? `&event=${[...events].sort().map(encodeURIComponent).join(',')}` : ''
  const plain = KINDS.filter((kind) => kinds.includes(kind)).map(
    (kind) => `type=${kind}${canBeNarrowed(kind) ? narrowed : ''}`,
  )
  return [...plain, ...further.map((scope) => scope.trim()).filter(Boolean)]
}

/** The kind of a scope, however it is written. */
export const kindOf = (scope: string): string => new URLSearchParams(scope).get('type') ?? scope
