import { useConfiguration } from '../configuration/Configuration'
import { Checkbox, ComboBox, Select, TextField } from '../design/Field'
import { useCountryText, useText } from '../language/Language'
import { usePlaces } from '../records/places'
import { type Criterion, rangeIn, rangeText } from './criteria'
import styles from './SearchPage.module.css'

const STATUSES = ['CREATED', 'NOTIFIED', 'DECLARED', 'REGISTERED', 'ARCHIVED']

/** One thing to look for, with the control that fits it. */
export function CriterionInput(props: {
  criterion: Criterion
  value: string
  onChange: (text: string) => void
}) {
  const { criterion, value, onChange } = props
  const t = useText()
  const tc = useCountryText()
  const name = criterion.label ? tc(criterion.label) : t(`records.of.${criterion.id}`)
  const label = criterion.prefix ? `${tc(criterion.prefix)} ${name}` : name
  const any = { value: 'any', label: t('search.any') }
  const orAny = (chosen: string) => onChange(chosen === 'any' ? '' : chosen)
  switch (criterion.input) {
    case 'days':
    case 'numbers':
      return <RangeInput criterion={criterion} label={label} value={value} onChange={onChange} />
    case 'status':
      return (
        <Select
          label={label}
          options={[
            any,
            ...STATUSES.map((status) => ({ value: status, label: t(`records.status.${status}`) })),
          ]}
          value={value || 'any'}
          onChange={orAny}
        />
      )
    case 'choice':
      return (
        <Select
          label={label}
          options={[
            any,
            ...criterion.options.map((option) => ({ value: option.value, label: tc(option.label) })),
          ]}
          value={value || 'any'}
          onChange={orAny}
        />
      )
    case 'place':
    case 'area':
      return <PlaceInput criterion={criterion} label={label} value={value} onChange={onChange} />
    case 'yes':
      return (
        <Checkbox value={value === 'true'} onChange={(yes) => onChange(yes ? 'true' : '')}>
          {label}
        </Checkbox>
      )
    default:
      return <TextField label={label} value={value} onChange={onChange} />
  }
}

interface InputProps {
  criterion: Criterion
  label: string
  value: string
  onChange: (text: string) => void
}

function RangeInput({ criterion, label, value, onChange }: InputProps) {
  const t = useText()
  const type = criterion.input === 'days' ? 'date' : 'number'
  const { from, to } = rangeIn(value)
  if (criterion.match !== 'range')
    return <TextField label={label} type={type} value={value} onChange={onChange} />
  return (
    <div className={styles.range}>
      <TextField
        label={t('search.from', { what: label })}
        type={type}
        value={from}
        onChange={(text) => onChange(rangeText({ from: text, to }))}
      />
      <TextField
        label={t('search.to', { what: label })}
        type={type}
        value={to}
        onChange={(text) => onChange(rangeText({ from, to: text }))}
      />
    </div>
  )
}

/** An office, a facility or an area, found by typing a part of its name. */
function PlaceInput({ criterion, label, value, onChange }: InputProps) {
  const { areas, places } = useConfiguration()
  const known = usePlaces()
  const kinds = criterion.placeTypes
  const offices =
    criterion.input === 'area'
      ? []
      : places.filter(({ locationType }) => kinds.length === 0 || kinds.includes(locationType ?? ''))
  const options = [...areas, ...offices].map(({ id }) => ({ value: id, label: known.path(id).join(', ') }))
  return (
    <ComboBox
      label={label}
      options={options}
      value={value === '' ? undefined : value}
      onChange={(id) => onChange(id ?? '')}
    />
  )
}
