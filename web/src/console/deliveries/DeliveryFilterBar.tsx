import { useConfiguration } from '../../configuration/Configuration'
import { TextField } from '../../design/Field'
import { useCountryText, useText } from '../../language/Language'
import { Choice, Days, FilterBar } from '../FilterBar'
import { AGES, type DeliveryFilters } from './deliveryFilters'
import { FAILURES, KINDS, kindWords, outcomeWords, STATES, SUCCESSES, stateWords } from './words'

/** What deliveries can be narrowed by. */
export function DeliveryFilterBar(props: {
  filters: DeliveryFilters
  onChange: (changes: Partial<Record<keyof DeliveryFilters, string | undefined>>) => void
  count: number
  onClear: () => void
}) {
  const t = useText()
  const tc = useCountryText()
  const { events } = useConfiguration()
  const { filters, onChange } = props
  return (
    <FilterBar count={props.count} onClear={props.onClear}>
      <Choice
        label={t('console.deliveries.state')}
        value={filters.state}
        onChange={(state) => onChange({ state })}
        options={[
          { value: 'unfinished', label: t('console.deliveries.unfinished') },
          ...STATES.map((state) => ({ value: state, label: stateWords(t, state) })),
        ]}
      />
      <Choice
        label={t('console.deliveries.kind')}
        value={filters.kind}
        onChange={(kind) => onChange({ kind })}
        options={KINDS.map((kind) => ({ value: kind, label: kindWords(t, kind) }))}
      />
      <Choice
        label={t('console.deliveries.event')}
        value={filters.eventType}
        onChange={(eventType) => onChange({ eventType })}
        options={events.map((event) => ({ value: event.id, label: tc(event.label) }))}
      />
      <Choice
        label={t('console.deliveries.outcome')}
        value={filters.outcome}
        onChange={(outcome) => onChange({ outcome })}
        options={[
          { value: 'failure', label: t('console.deliveries.anyFailure') },
          ...[...FAILURES, ...SUCCESSES].map((outcome) => ({
            value: outcome,
            label: outcomeWords(t, outcome),
          })),
        ]}
      />
      <Choice
        label={t('console.deliveries.age')}
        value={filters.age}
        onChange={(age) => onChange({ age })}
        options={Object.keys(AGES).map((age) => ({ value: age, label: t(`console.deliveries.age.${age}`) }))}
      />
      <TextField
        label={t('console.deliveries.attempts')}
        inputMode="numeric"
        value={filters.attempts ?? ''}
        onChange={(text) => onChange({ attempts: text.replace(/\D/g, '') || undefined })}
      />
      <Days from={filters.from} until={filters.until} onChange={onChange} />
      {filters.eventId ? (
        <TextField
          label={t('console.deliveries.eventId')}
          value={filters.eventId}
          onChange={(eventId) => onChange({ eventId: eventId.trim() || undefined })}
        />
      ) : null}
    </FilterBar>
  )
}
