import { Notice } from '../design/Notice'
import { useText } from '../language/Language'
import { mayUnassignOthers } from './access'
import { useOpenRecord } from './RecordContext'

/** Says who holds the record, when it is not the person before the screen. */
export function HoldingNotice() {
  const t = useText()
  const { state, asker, people, reach } = useOpenRecord()
  const holder = state.assignedTo
  if (holder === undefined || holder === asker.person.id) return null
  const mayTakeOver = mayUnassignOthers(asker.scopes, asker.person, reach)
  return (
    <Notice tone="warn">
      {t('records.heldByOther', { name: people.name(holder), role: people.role(holder) || 'none' })}{' '}
      {t(mayTakeOver ? 'records.heldTakeOver' : 'records.heldAsk')}
    </Notice>
  )
}
