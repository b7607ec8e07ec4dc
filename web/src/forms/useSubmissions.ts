import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { sentenceOf } from '../design/sentence'
import { useText } from '../language/Language'
import type { NewSubmission } from '../outbox/item'
import { useOutbox } from '../outbox/OutboxProvider'
import type { DraftKeeper } from './filling/draftKeeper'

/** Hands submissions to the outbox in their order, and says what kept it from taking them. */
export function useSubmissions(keeper: DraftKeeper) {
  const t = useText()
  const { submitAll } = useOutbox()
  const client = useQueryClient()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const send = async (submissions: NewSubmission[]): Promise<boolean> => {
    setBusy(true)
    setProblem(undefined)
    // From here on the draft is the outbox's: a late write must not bring it back.
    await keeper.stop()
    try {
      await submitAll(submissions)
      await client.invalidateQueries({ queryKey: ['drafts'] })
      return true
    } catch (error) {
      keeper.resume()
      setProblem(sentenceOf(error, t))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { send, busy, problem }
}
