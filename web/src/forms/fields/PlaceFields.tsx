// Offices, facilities and areas, chosen from the country's own list, which is on the device.
import { useMemo } from 'react'
import { useConfiguration } from '../../configuration/Configuration'
import { ComboBox, type Option } from '../../design/Field'
import { usePlaces } from '../../records/places'
import { useAsker } from '../../records/useConditions'
import { useForm } from '../FormContext'
import { pathOf, readAt, referencesIn } from '../filling/places'
import { isAllowedArea, isAllowedPlace, isInUse, reachOfField } from './allowed'
import { configurationOf, type FieldProps, orNothing, textOf, useCaption } from './fieldProps'

const TYPES: Record<string, string[]> = { OFFICE: ['CRVS_OFFICE'], FACILITY: ['HEALTH_FACILITY'] }

const byLabel = (one: Option, two: Option) => one.label.localeCompare(two.label)

/** LOCATION, OFFICE, FACILITY; places of one name are told apart by where they are. */
export function LocationAnswer(props: FieldProps) {
  const caption = useCaption(props)
  const { places } = useConfiguration()
  const known = usePlaces()
  const { person, scopes, around } = useAsker()
  const { field } = props
  const value = orNothing(textOf(props.value))
  const options = useMemo(() => {
    const types = (configurationOf(field).locationTypes as string[] | undefined) ?? TYPES[field.type]
    const reach = reachOfField(field, scopes)
    return places
      .filter(({ locationType }) => !types || types.includes(locationType ?? ''))
      .filter((place) => place.id === value || isInUse(place, around.$now))
      .filter(({ id }) => id === value || isAllowedPlace(reach, person, known.hierarchy(id)))
      .map(({ id }) => ({ value: id, label: known.path(id).slice(0, 2).join(', ') }))
      .sort(byLabel)
  }, [field, places, known, person, scopes, around, value])
  return <ComboBox {...caption} options={options} value={value} onChange={props.onChange} />
}

/** ADMINISTRATIVE_AREA: the uppermost ones, or those in the area that another field names. */
export function AreaAnswer(props: FieldProps) {
  const { areas } = useConfiguration()
  const { answers } = useForm()
  const { field } = props
  const configuration = configurationOf(field)
  const [partOf] = referencesIn(configuration.partOf)
  const above = partOf ? readAt(answers, pathOf(partOf)) : undefined
  if (configuration.type !== 'ADMIN_STRUCTURE') return <LocationAnswer {...props} field={asLocation(props)} />
  const inside = areas.filter(({ parentId }) => (partOf ? parentId === above : !parentId))
  return <AreaChoice {...props} areas={inside.map(({ id }) => id)} />
}

/** The older way to ask for a facility or an office. */
const asLocation = ({ field }: FieldProps) => ({
  ...field,
  configuration: { locationTypes: [String(field.configuration?.type)] },
})

/** One of these areas. */
export function AreaChoice(props: FieldProps & { areas: string[]; label?: string }) {
  const caption = useCaption(props)
  const known = usePlaces()
  const { person, scopes, around } = useAsker()
  const { areas: all } = useConfiguration()
  const { field, areas } = props
  const value = orNothing(textOf(props.value))
  const reach = reachOfField(field, scopes)
  const options = all
    .filter(({ id }) => areas.includes(id))
    .filter((area) => area.id === value || isInUse(area, around.$now))
    .filter(({ id }) => id === value || isAllowedArea(reach, person, id, known.hierarchy))
    .map(({ id, name }) => ({ value: id, label: name }))
    .sort(byLabel)
  return (
    <ComboBox
      // A list that changes with what is chosen above begins anew.
      key={areas.join()}
      {...caption}
      {...(props.label ? { label: props.label, hideLabel: false } : {})}
      options={options}
      value={value}
      onChange={props.onChange}
    />
  )
}
