import type { Schemas } from '../../api/client'

/** Core calls a client that is shut out `disabled`, as the protocol does; its description says `deactivated`. */
export const isActive = (client: Pick<Schemas['SystemClient'], 'status'>): boolean =>
  client.status === 'active'
