import { useQuery } from '@tanstack/react-query'
import { useConfiguration } from '../configuration/Configuration'
import { useText } from '../language/Language'
import { usePeople } from '../records/people'
import { usePersonalDatabase } from '../records/personal'
import { RecordTable } from '../records/RecordTable'
import type { EventRules } from '../records/rules'
import { stateOf } from '../records/state'
import { useAsker } from '../records/useConditions'
import { useAccount } from '../session/SessionContext'
import { fits } from './onDevice'

/** The records on this device that fit, in place of a search that needs the network. */
export function FoundOnDevice({ quick }: { quick: string }) {
  const t = useText()
  const { events } = useConfiguration()
  const { isMet } = useAsker()
  const { userId } = useAccount()
  const database = usePersonalDatabase()
  const people = usePeople([])
  const { data: found = [] } = useQuery({
    queryKey: ['records', 'search', quick, userId],
    networkMode: 'always',
    queryFn: async () => {
      const kept = await (await database()).getAll('records')
      return kept.flatMap(({ document }) => {
        const config = events.find(({ id }) => id === document.type)
        const state = config && stateOf(document, config as unknown as EventRules, isMet)
        return state && fits(state, quick) ? [state] : []
      })
    },
  })
  if (found.length === 0) return null
  return (
    <>
      <p>{t('search.needsNetwork')}</p>
      <RecordTable caption={t('search.title')} records={found} columns={[]} people={people} />
    </>
  )
}
