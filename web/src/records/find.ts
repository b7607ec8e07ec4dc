import type { Api, Schemas } from '../api/client'
import type { EventState } from './eventState'

/** A page of the records that a search finds, and how many it finds in all. */
export interface Found {
  results: EventState[]
  total: number
}

export async function findRecords(api: Api, body: Schemas['SearchQuery']): Promise<Found> {
  const { data } = await api.POST('/events/search', { body })
  return { results: (data?.results ?? []) as unknown as EventState[], total: data?.total ?? 0 }
}
