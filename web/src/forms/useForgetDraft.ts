import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useOutbox } from '../outbox/OutboxProvider'
import { usePersonalDatabase } from '../records/personal'
import type { LocalDraft } from './draft'

/** Forgets what was filled in: nothing of it stays, here or at Core. */
export function useForgetDraft(): (draft: LocalDraft) => Promise<void> {
  const database = usePersonalDatabase()
  const client = useQueryClient()
  const { outbox } = useOutbox()
  return useCallback(
    async (draft) => {
      if (draft.begun && outbox) await outbox.forget(draft)
      else await (await database()).delete('drafts', draft.id)
      await client.invalidateQueries({ queryKey: ['drafts'] })
    },
    [database, client, outbox],
  )
}
