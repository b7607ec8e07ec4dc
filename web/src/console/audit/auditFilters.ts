// What the audit trail can be narrowed by: in the address, and as Core asks for it.
import { type Filters, momentsOf } from '../filters'

export const AUDIT_FILTERS = {
  user: 'text',
  client: 'text',
  event: 'text',
  operation: 'text',
  from: 'day',
  until: 'day',
  after: 'text',
} as const

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** As Core asks for it. A record is named by its id or by its tracking id, whichever somebody has. */
export function queryOf(filters: Filters<typeof AUDIT_FILTERS>): Record<string, string> {
  const { user, client, event, operation, after } = filters
  const { from, until } = momentsOf(filters)
  return {
    ...(user ? { user } : client ? { client } : {}),
    ...(event ? { [UUID.test(event) ? 'event' : 'trackingId']: event } : {}),
    ...(operation ? { operation } : {}),
    ...(from ? { from } : {}),
    ...(until ? { to: until } : {}),
    ...(after ? { cursor: after } : {}),
  }
}
