// Taking a record into one's hands, and letting it go. Holding is for everybody to see at once, so it
// is asked of Core here and now, and never waits in the outbox.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../api/ApiContext'
import type { EventDocument } from '../api/client'
import { useWorld } from '../device/world'
import { usePersonalDatabase } from './personal'
import { keepRecord } from './store'

export type AssignmentWish = 'take' | 'take-over' | 'let-go'

export function useAssignment(eventId: string) {
  const api = useApi()
  const client = useQueryClient()
  const database = usePersonalDatabase()
  const { newId, now } = useWorld()
  return useMutation<EventDocument | undefined, unknown, AssignmentWish>({
    mutationFn: async (wish) => {
      const params = { path: { eventId } }
      const body = () => ({ transactionId: newId() })
      const letGo = () => api.POST('/events/{eventId}/unassign', { params, body: body() })
      if (wish === 'let-go') return (await letGo()).data
      if (wish === 'take-over') await letGo()
      return (await api.POST('/events/{eventId}/assign', { params, body: body() })).data
    },
    onSettled: async (document) => {
      if (document) await keepRecord(await database(), document, now()).catch(() => undefined)
      await client.invalidateQueries({ queryKey: ['record'] })
      await client.invalidateQueries({ queryKey: ['workqueues'] })
    },
  })
}
