// Every kind of scope there is, and which options each kind takes.

export type ScopeOption =
  | 'event'
  | 'placeOfEvent'
  | 'declaredIn'
  | 'declaredBy'
  | 'registeredIn'
  | 'registeredBy'
  | 'customActionTypes'
  | 'templates'
  | 'accessLevel'
  | 'role'
  | 'ids'

const PLACE: ScopeOption[] = ['event', 'placeOfEvent']
const DECLARED: ScopeOption[] = [...PLACE, 'declaredIn', 'declaredBy']
const REGISTERED: ScopeOption[] = [...DECLARED, 'registeredIn', 'registeredBy']

const of = (options: ScopeOption[], ...kinds: string[]) =>
  kinds.map((kind): [string, ScopeOption[]] => [kind, options])

/** The options of each kind, in the order in which they are written. */
export const SCOPE_KINDS: ReadonlyMap<string, readonly ScopeOption[]> = new Map([
  ...of(PLACE, 'record.create', 'record.declare', 'record.notify'),
  ...of(
    DECLARED,
    'record.edit',
    'record.reject',
    'record.archive',
    'record.review-duplicates',
    'record.register',
  ),
  ...of(
    REGISTERED,
    'record.search',
    'record.read',
    'record.request-correction',
    'record.correct',
    'record.unassign-others',
  ),
  ...of([...REGISTERED, 'templates'], 'record.print-certified-copies'),
  ...of([...REGISTERED, 'customActionTypes'], 'record.custom-action'),
  ...of(['accessLevel'], 'organisation.read-locations', 'user.read', 'user.search'),
  ...of(['accessLevel', 'role'], 'user.create', 'user.edit'),
  ...of(['ids'], 'workqueue', 'dashboard.view'),
  ...of(
    [],
    'bypassratelimit',
    'record.reindex',
    'record.import',
    'record.confirm-registration',
    'record.reject-registration',
    'user.data-seeding',
    'user.read-only-my-audit',
    'integration.create',
    'config.update-all',
    'attachment.upload',
    'profile.electronic-signature',
    'performance.read',
    'performance.read-dashboards',
    'performance.vital-statistics-export',
    'delivery.read',
    'delivery.manage',
    'pending.resolve',
  ),
])

/** Whether scopes of such a kind say something about records. */
export const isAboutRecords = (kind: string): boolean => SCOPE_KINDS.get(kind)?.includes('event') ?? false
