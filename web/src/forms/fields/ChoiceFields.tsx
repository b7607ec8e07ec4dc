// Fields that are chosen.
import { useConfiguration } from '../../configuration/Configuration'
import type { FieldConfig } from '../../configuration/types'
import { Checkbox, ComboBox, RadioGroup, Select, TextField } from '../../design/Field'
import fieldStyles from '../../design/Field.module.css'
import { useCountryText, useText } from '../../language/Language'
import type { ConditionData } from '../../records/rules'
import { templateValues } from '../../records/templateValues'
import { useWords } from '../../records/useWords'
import { useForm } from '../FormContext'
import { isEnabled, isShown } from '../rules/form'
import { isObject } from '../rules/value'
import { COUNTRIES } from './countries'
import styles from './Fields.module.css'
import { type FieldProps, messageIn, orNothing, textOf, useCaption } from './fieldProps'
import { useHomeCountry } from './homeCountry'
import { numberFrom } from './number'
import { useTyped } from './useTyped'

/** More than these are found by typing. */
const FEW = 12

function useOptions(field: FieldConfig) {
  const tc = useCountryText()
  const words = useWords()
  const { data } = useForm()
  // What can be chosen may be named by another answer.
  const values = templateValues([], data.$form, words)
  return optionsOf(field, data).map((option) => ({
    value: option.value,
    label: typeof option.label === 'string' ? option.label : tc(option.label, values),
    disabled: !isEnabled(option, data),
  }))
}

const optionsOf = (field: FieldConfig, data: ConditionData) =>
  (field.options ?? []).filter((option) => isShown(option, data))

export function SelectAnswer(props: FieldProps) {
  const caption = useCaption(props)
  const options = useOptions(props.field).filter(({ disabled }) => !disabled)
  const value = orNothing(textOf(props.value))
  if (options.length > FEW)
    return <ComboBox {...caption} options={options} value={value} onChange={props.onChange} />
  return (
    <ClearedBy {...props}>
      <Select {...caption} options={options} value={value} onChange={props.onChange} />
    </ClearedBy>
  )
}

/** What may be left open can be opened again. */
function ClearedBy({
  field,
  value,
  onChange,
  disabled,
  children,
}: FieldProps & { children: React.ReactNode }) {
  const t = useText()
  const tc = useCountryText()
  if (field.required || disabled || value === undefined || value === '') return children
  return (
    <div className={styles.clearable}>
      {children}
      <button
        type="button"
        className={styles.clear}
        aria-label={t('forms.clearAnswer', { label: tc(field.label) })}
        onClick={() => onChange(undefined)}
      >
        ×
      </button>
    </div>
  )
}

export function RadioAnswer(props: FieldProps) {
  const caption = useCaption(props)
  const options = useOptions(props.field)
  return (
    <RadioGroup
      {...caption}
      options={options}
      value={orNothing(textOf(props.value))}
      onChange={props.onChange}
    />
  )
}

export function CheckboxAnswer(props: FieldProps) {
  const { label, help, problem, disabled } = useCaption(props)
  return (
    <div className={fieldStyles.field}>
      <Checkbox value={props.value === true} onChange={props.onChange} disabled={disabled} problem={problem}>
        {label}
      </Checkbox>
      {help ? <span className={fieldStyles.help}>{help}</span> : null}
      {problem ? <span className={fieldStyles.problem}>{problem}</span> : null}
    </div>
  )
}

/** All countries; the one at home may have a code of its own. The country's texts name them. */
export function useCountries() {
  const tc = useCountryText()
  const home = useHomeCountry()
  return [...new Set(home ? [...COUNTRIES, home] : COUNTRIES)]
    .map((code) => ({ value: code, label: tc({ id: `countries.${code}`, defaultMessage: code }) }))
    .sort((one, two) => one.label.localeCompare(two.label))
}

export function CountryAnswer(props: FieldProps) {
  const caption = useCaption(props)
  const countries = useCountries()
  const value = orNothing(textOf(props.value))
  const known = !value || countries.some((country) => country.value === value)
  const options = known ? countries : [{ value, label: value }, ...countries]
  return <ComboBox {...caption} options={options} value={value} onChange={props.onChange} />
}

export function NumberWithUnitAnswer(props: FieldProps) {
  const t = useText()
  const tc = useCountryText()
  const caption = useCaption(props)
  const options = useOptions(props.field)
  const { numericValue, unit } = isObject(props.value) ? props.value : {}
  const [typed, write] = useTyped(numericValue, numberFrom, textOf)
  const give = (number: unknown, chosen: unknown) => {
    const given = Object.entries({ numericValue: number, unit: chosen }).filter(
      ([, one]) => one !== undefined,
    )
    props.onChange(given.length > 0 ? Object.fromEntries(given) : undefined)
  }
  const hint = tc(messageIn(props.field, 'numberFieldPlaceholder'))
  return (
    <div className={styles.pair}>
      <TextField
        {...caption}
        {...(hint ? { placeholder: hint } : {})}
        inputMode="decimal"
        autoComplete="off"
        value={typed}
        onChange={(text) => give(write(text), unit)}
      />
      <Select
        label={t('forms.unitOf', { label: caption.label })}
        hideLabel
        disabled={caption.disabled}
        options={options}
        value={orNothing(textOf(unit))}
        onChange={(chosen) => give(numericValue, chosen)}
        {...(caption.placeholder ? { placeholder: caption.placeholder } : {})}
      />
    </div>
  )
}

export function RoleAnswer(props: FieldProps) {
  const tc = useCountryText()
  const caption = useCaption(props)
  const { roles } = useConfiguration()
  const options = roles.map(({ id, label }) => ({ value: id, label: tc(label) }))
  return (
    <Select {...caption} options={options} value={orNothing(textOf(props.value))} onChange={props.onChange} />
  )
}
