// What the forms about a record's declaration have in common: a draft that is kept, the declaration's answers, and
// the way through their steps.
import { useMemo } from 'react'
import { useApi } from '../api/ApiContext'
import { useWorld } from '../device/world'
import type { LocalDraft } from './draft'
import { saveToCore } from './saveToCore'
import { useDraft } from './useDraft'
import { useFormModel } from './useFormModel'
import type { FormRecord } from './useFormRecord'
import { useStep } from './useSteps'
import { useSubmissions } from './useSubmissions'

export type RecordForm = ReturnType<typeof useRecordForm>

/** `initial` is the draft as the form begins with it. */
export function useRecordForm({ event, state, document }: FormRecord, initial: LocalDraft) {
  const api = useApi()
  const { newId } = useWorld()
  const [wanted, move] = useStep()
  const kept = useDraft(initial)
  const { draft, change, keeper } = kept
  const sending = useSubmissions(keeper)
  const record = useMemo(
    () => (state ? { $flags: state.flags, $status: state.status, $event: document } : undefined),
    [state, document],
  )
  const fields = useMemo(() => event.declaration.pages.flatMap((page) => page.fields), [event])
  const declaration = useFormModel({
    pages: event.declaration.pages,
    answers: draft.declaration,
    onAnswers: kept.onDeclaration,
    record,
  })
  /** To a step, and to one of its fields; the draft is called so in lists. */
  const to = (title: string) => (id: string, field?: string) => {
    change(() => ({ page: id, title }))
    move(id, field)
  }
  /** Resolves when the device has it all, and Core, too, where it knows the record and answers. */
  const save = async (title: string) => {
    await kept.keepNow({ title })
    if (!draft.isNew) await saveToCore(api, { ...draft, declaration: declaration.clean }, newId())
  }
  return { kept, draft, record, fields, declaration, sending, here: wanted ?? draft.page, to, save }
}
