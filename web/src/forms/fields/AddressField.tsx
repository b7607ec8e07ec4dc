// An address: the country, then at home the areas from the uppermost down, then the lines that the
// country asks for.
import { useConfiguration } from '../../configuration/Configuration'
import type { FieldConfig } from '../../configuration/types'
import { ComboBox } from '../../design/Field'
import { useCountryText, useText } from '../../language/Language'
import { usePlaces } from '../../records/places'
import type { ConditionData } from '../../records/rules'
import { useForm } from '../FormContext'
import type { Answers } from '../rules/field'
import { isShown } from '../rules/form'
import { isObject } from '../rules/value'
import { addressForm } from './address'
import { useCountries } from './ChoiceFields'
import styles from './Fields.module.css'
import { type FieldProps, orNothing, textOf, useCaption } from './fieldProps'
import { useHomeCountry } from './homeCountry'
import { useLevels } from './levels'
import { AreaChoice } from './PlaceFields'
import { TextAnswer } from './TextFields'

export function AddressAnswer(props: FieldProps) {
  const t = useText()
  const caption = useCaption(props)
  const countries = useCountries()
  const home = useHomeCountry()
  const { areas } = useConfiguration()
  const { value, onChange } = props
  const address: Answers = isObject(value) ? value : {}
  const country = orNothing(textOf(address.country))
  const isDomestic = address.addressType === 'DOMESTIC'

  const area = orNothing(textOf(address.administrativeArea))
  const isOpen = areas.some(({ parentId }) => (area ? parentId === area : !parentId))

  const chooseCountry = (code: string | undefined) => {
    // Areas and lines of one country mean nothing in another.
    if (code === undefined) onChange(undefined)
    else onChange({ country: code, addressType: code === home ? 'DOMESTIC' : 'INTERNATIONAL' })
  }
  const chooseArea = (chosen: string | undefined) => {
    const { administrativeArea: _, ...others } = address
    onChange(chosen === undefined ? others : { ...others, administrativeArea: chosen })
  }
  return (
    <fieldset className={styles.group}>
      <legend className={caption.hideLabel ? 'visually-hidden' : (styles.legend ?? '')}>
        {caption.label}
      </legend>
      {caption.help ? <p className={styles.hint}>{caption.help}</p> : null}
      <ComboBox
        label={t('forms.country')}
        required={caption.required}
        disabled={caption.disabled}
        options={countries}
        value={country}
        onChange={chooseCountry}
      />
      {isDomestic ? <Areas {...props} area={area} onChoose={chooseArea} /> : null}
      <Lines {...props} address={address} />
      {caption.problem && !(isDomestic && isOpen) ? (
        <p className={styles.problem} role="alert">
          {caption.problem}
        </p>
      ) : null}
    </fieldset>
  )
}

/** A choice for each level down to where there are no more areas. */
function Areas(
  props: FieldProps & { area: string | undefined; onChoose: (area: string | undefined) => void },
) {
  const { areas } = useConfiguration()
  const tc = useCountryText()
  const t = useText()
  const levels = useLevels()
  const places = usePlaces()
  const chosen = props.area ? places.hierarchy(props.area) : []
  const inside = (above: string | undefined) =>
    areas.filter(({ parentId }) => (above ? parentId === above : !parentId)).map(({ id }) => id)
  const steps = [undefined, ...chosen].map((above, at) => ({ above, at, areas: inside(above) }))
  return steps
    .filter((step) => step.areas.length > 0)
    .map(({ above, at, areas: choices }) => (
      <AreaChoice
        {...props}
        key={above ?? 'uppermost'}
        label={levels[at] ? tc(levels[at].label) : t('forms.area')}
        areas={choices}
        // Most often it is the area that is not said exactly enough.
        problem={chosen[at] === undefined ? props.problem : undefined}
        value={chosen[at]}
        onChange={(id) => props.onChoose(orNothing(textOf(id)) ?? above)}
      />
    ))
}

/** The lines below the areas. Their conditionals look at the address itself, its areas by their levels. */
function Lines({ address, ...props }: FieldProps & { address: Answers }) {
  const { data } = useForm()
  const levels = useLevels()
  const places = usePlaces()
  const lines = (props.field.configuration?.streetAddressForm as FieldConfig[] | undefined) ?? []
  const details: Answers = isObject(address.streetLevelDetails) ? address.streetLevelDetails : {}
  const inner: ConditionData = {
    ...data,
    $form: addressForm(
      address,
      details,
      levels.map(({ id }) => id),
      places.hierarchy,
    ),
  }
  const give = (id: string, text: unknown) => {
    const { [id]: _, ...others } = details
    const next = text === undefined ? others : { ...others, [id]: text }
    const { streetLevelDetails: __, ...rest } = address
    props.onChange(Object.keys(next).length > 0 ? { ...rest, streetLevelDetails: next } : rest)
  }
  const shown = lines.filter((line) => isShown(line, inner))
  if (shown.length === 0) return null
  return (
    <div className={styles.parts}>
      {shown.map((line) => (
        <TextAnswer
          key={line.id}
          field={line}
          value={details[line.id]}
          onChange={(text) => give(line.id, text)}
          problem={undefined}
          disabled={props.disabled}
        />
      ))}
    </div>
  )
}
