// What every part of a record's page needs of it, worked out once.
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import type { EventDocument } from '../api/client'
import { useEventConfig } from '../configuration/Configuration'
import type { EventConfig } from '../configuration/types'
import { type RecordReach, reachOf } from './access'
import type { EventState } from './eventState'
import type { Asker } from './offered'
import { type People, usePeople } from './people'
import { usePlaces } from './places'
import { recordTitle } from './recordTitle'
import type { ConditionData, EventRules } from './rules'
import { stateOf } from './state'
import { useAsker } from './useConditions'
import { useWords } from './useWords'

interface OpenRecord {
  document: EventDocument
  config: EventConfig
  state: EventState
  title: string
  reach: RecordReach
  asker: Asker
  people: People
  /** What conditions look at with this record's answers as the form. */
  data: ConditionData
}

const Context = createContext<OpenRecord | undefined>(undefined)

export function useOpenRecord(): OpenRecord {
  const record = useContext(Context)
  if (!record) throw new Error('OpenRecordProvider is missing')
  return record
}

/** Everybody whom the record names. */
const peopleIn = ({ actions }: EventDocument): (string | undefined)[] =>
  actions.flatMap(({ createdBy, assignedTo }) => [createdBy, assignedTo])

/** What a record adds up to; undefined when its event is no longer configured, or it was never created. */
export function useRecordState(document: EventDocument): OpenRecord | undefined {
  const config = useEventConfig(document.type)
  const asker = useAsker()
  const places = usePlaces()
  const words = useWords()
  const people = usePeople(useMemo(() => peopleIn(document), [document]))
  return useMemo(() => {
    const state = config && stateOf(document, config as unknown as EventRules, asker.isMet)
    if (!config || !state) return undefined
    return {
      document,
      config,
      state,
      title: recordTitle(config, state.declaration, words) || words.t('records.untitled'),
      reach: reachOf(state, places.hierarchy),
      asker,
      people,
      data: {
        ...asker.around,
        $form: state.declaration,
        $flags: state.flags,
        $status: state.status,
        $event: document,
      },
    }
  }, [config, document, asker, places, words, people])
}

export const OpenRecordProvider = (props: { record: OpenRecord; children: ReactNode }) => (
  <Context.Provider value={props.record}>{props.children}</Context.Provider>
)
