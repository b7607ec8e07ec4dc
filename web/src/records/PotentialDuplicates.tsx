import { LinkButton } from '../design/Button'
import { Notice } from '../design/Notice'
import { useText } from '../language/Language'
import { mayTake } from './access'
import { useOpenRecord } from './RecordContext'

/** Says that Core found records of what may be the same event, and leads to them. */
export function PotentialDuplicates() {
  const t = useText()
  const { state, asker, reach } = useOpenRecord()
  if (!state.flags.includes('potential-duplicate')) return null
  const may = mayTake('MARK_AS_DUPLICATE', asker.scopes, asker.person, reach)
  return (
    <Notice
      tone="warn"
      title={t('records.duplicates.found', { count: state.potentialDuplicates.length })}
      actions={
        may ? (
          <LinkButton href={`/records/${state.id}/duplicates`} kind="secondary" size="small">
            {t('records.duplicates.compare')}
          </LinkButton>
        ) : null
      }
    >
      {state.potentialDuplicates.map(({ trackingId }) => trackingId).join(', ')}
    </Notice>
  )
}
