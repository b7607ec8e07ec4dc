// What somebody fills in: shown as it changes, and on the device a moment later.
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useWorld } from '../device/world'
import { usePersonalDatabase } from '../records/personal'
import type { LocalDraft } from './draft'
import { DraftKeeper } from './filling/draftKeeper'
import type { Answers } from './rules/field'
import { useForgetDraft } from './useForgetDraft'

type DraftChange = (draft: LocalDraft) => Partial<LocalDraft>

export interface OpenDraft {
  draft: LocalDraft
  change: (change: DraftChange) => void
  onDeclaration: (change: (answers: Answers) => Answers) => void
  onAnnotation: (change: (answers: Answers) => Answers) => void
  keeper: DraftKeeper
  /** Why the device could not keep the last change. */
  problem: unknown
  /** Keeps it with these changes; resolves when all of it is on the device, or the device has refused it. */
  keepNow: (changes: Partial<LocalDraft>) => Promise<void>
  /** Nothing of it stays. */
  forget: () => Promise<void>
}

export function useDraft(initial: LocalDraft): OpenDraft {
  const database = usePersonalDatabase()
  const client = useQueryClient()
  const { now } = useWorld()
  const [draft, setDraft] = useState(initial)
  const [problem, setProblem] = useState<unknown>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: one keeper for one person's draft
  const keeper = useMemo(() => new DraftKeeper(database, setProblem), [initial.id])
  const kept = useRef(initial)
  useEffect(() => {
    if (kept.current === draft) return
    kept.current = draft
    keeper.keep(draft)
  }, [draft, keeper])

  const change = useCallback(
    (by: DraftChange) => {
      setDraft((before) => {
        const changes = by(before)
        const isSame = Object.entries(changes).every(
          ([key, value]) => before[key as keyof LocalDraft] === value,
        )
        return isSame ? before : { ...before, ...changes, changedAt: now() }
      })
    },
    [now],
  )
  const onDeclaration = useCallback<OpenDraft['onDeclaration']>(
    (by) => change((before) => ({ declaration: by(before.declaration) })),
    [change],
  )
  const onAnnotation = useCallback<OpenDraft['onAnnotation']>(
    (by) => change((before) => ({ annotation: by(before.annotation) })),
    [change],
  )
  const keepNow = async (changes: Partial<LocalDraft>) => {
    keeper.keep({ ...draft, ...changes })
    await keeper.flush()
    await client.invalidateQueries({ queryKey: ['drafts'] })
  }
  const forgetDraft = useForgetDraft()
  const forget = useCallback(async () => {
    await keeper.stop()
    await forgetDraft(initial)
  }, [keeper, forgetDraft, initial])
  return { draft, change, onDeclaration, onAnnotation, keeper, problem, keepNow, forget }
}
