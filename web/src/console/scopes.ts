// Which rights open which page. Core checks every call again; here it decides what is offered.

/** Core: whoever looks after integrations needs no further right for deliveries. */
export const READ_DELIVERIES = ['delivery.read', 'delivery.manage', 'integration.create']
export const MANAGE_DELIVERIES = ['delivery.manage', 'integration.create']
export const RESOLVE_PENDING = ['pending.resolve']
export const SEE_PENDING = [...RESOLVE_PENDING, ...READ_DELIVERIES]
export const RESEND_PENDING = [...RESOLVE_PENDING, ...MANAGE_DELIVERIES]
export const CLIENTS = ['integration.create']
export const USERS = ['user.search']
export const PLACES = ['organisation.read-locations', 'integration.create']
/** While the system runs; at set-up the country's places are brought in. */
export const CHANGE_PLACES = ['user.data-seeding', 'config.update-all']
/** Administrators mostly see no records: what was declared is none of their business. */
export const READ_RECORDS = ['record.read']
/** As Core has it. Whoever looks after people alone finds their trail on their pages. */
export const AUDIT = ['integration.create']
export const CONFIGURATION = READ_DELIVERIES
export const ANNOUNCE = ['config.update-all']

/** Whoever may open any page of the console. */
export const CONSOLE = [
  ...new Set([
    ...SEE_PENDING,
    ...CLIENTS,
    'user.create',
    'user.edit',
    ...AUDIT,
    ...CONFIGURATION,
    ...ANNOUNCE,
  ]),
]
