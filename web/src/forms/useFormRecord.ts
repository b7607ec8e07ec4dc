// The record that a form is about, and what was begun on this device.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useApi } from '../api/ApiContext'
import type { Api, EventDocument } from '../api/client'
import { useConfiguration } from '../configuration/Configuration'
import type { EventConfig } from '../configuration/types'
import { useWorld } from '../device/world'
import type { EventState } from '../records/eventState'
import { usePersonalDatabase } from '../records/personal'
import type { EventRules } from '../records/rules'
import { stateOf } from '../records/state'
import { useRecord } from '../records/useRecord'
import { useAccount } from '../session/SessionContext'
import type { LocalDraft } from './draft'
import { draftId } from './filling/draftKeeper'
import { isMet } from './rules/conditionals'
import { isObject } from './rules/value'

export interface FormRecord {
  draft: LocalDraft
  event: EventConfig
  /** Absent of a record that Core does not know yet. */
  state?: EventState
  document?: EventDocument
}

export type Purpose = 'DECLARE' | 'EDIT' | 'REQUEST_CORRECTION'

/** Opens the draft of an action on a record, or begins one with what the record says. */
export function useFormRecord(recordId: string, purpose: Purpose) {
  const { events } = useConfiguration()
  const { userId } = useAccount()
  const database = usePersonalDatabase()
  const api = useApi()
  const { now } = useWorld()
  const kept = useQuery({
    queryKey: ['draft', userId, recordId, purpose],
    networkMode: 'always',
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await (await database()).get('drafts', draftId(recordId, purpose))) ?? null,
  })
  const isNew = kept.data?.isNew === true
  const record = useRecord(recordId, { enabled: kept.isSuccess && !isNew })
  const document = isNew ? undefined : record.data?.document
  const ours = useQuery({
    queryKey: ['draft', userId, recordId, purpose, 'core'],
    networkMode: 'always',
    retry: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: kept.data === null && document !== undefined,
    queryFn: () => draftAtCore(api, recordId, purpose),
  })

  const eventType = kept.data?.eventType ?? document?.type
  const event = events.find(({ id }) => id === eventType)
  const opened = useMemo((): FormRecord | undefined => {
    if (!event || kept.data === undefined) return undefined
    if (kept.data?.isNew) return { draft: kept.data, event }
    if (!document) return undefined
    const state = stateOf(document, event as unknown as EventRules, isMet)
    if (!state) return undefined
    if (kept.data) return { draft: kept.data, event, state, document }
    if (ours.isPending) return undefined
    const draft: LocalDraft = {
      id: draftId(recordId, purpose),
      recordId,
      isNew: false,
      eventType: event.id,
      action: purpose,
      declaration: { ...state.declaration, ...ours.data?.declaration },
      annotation: { ...ours.data?.annotation },
      title: '',
      changedAt: now(),
    }
    return { draft, event, state, document }
  }, [kept.data, document, event, ours.isPending, ours.data, recordId, purpose, now])
  const isUnknownEvent = eventType !== undefined && event === undefined
  return { opened, error: kept.error ?? (isNew ? null : record.error), isUnknownEvent }
}

type SavedAnswers = Pick<LocalDraft, 'declaration' | 'annotation'>

/** What the person saved with Core from another device; null when there is none, or nobody answers. */
async function draftAtCore(api: Api, recordId: string, purpose: Purpose): Promise<SavedAnswers | null> {
  try {
    const { data } = await api.GET('/drafts', {
      params: { query: { eventId: recordId } },
      signal: AbortSignal.timeout(5_000),
    })
    const found = data?.findLast(({ action }) => action.type === purpose)
    if (!found) return null
    const { declaration, annotation } = found.action
    return {
      declaration: isObject(declaration) ? declaration : {},
      annotation: isObject(annotation) ? annotation : {},
    }
  } catch {
    return null
  }
}
