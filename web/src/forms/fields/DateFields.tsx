// Days, spans of days, and ages. A day is written, not picked: nobody should page through forty years
// of a calendar to a date of birth.
import { useId } from 'react'
import { TextField as AriaTextField, Group, Input, Label } from 'react-aria-components'
import { Select, TextField } from '../../design/Field'
import fieldStyles from '../../design/Field.module.css'
import { useLanguage, useText } from '../../language/Language'
import { isObject } from '../rules/value'
import { dayFrom, type Part, partsOf } from './day'
import styles from './Fields.module.css'
import { type FieldProps, orNothing, textOf, useCaption } from './fieldProps'
import { numberFrom } from './number'
import { Affixed } from './TextFields'
import { useTyped } from './useTyped'

/** The order in which this language writes a day, in the device's own kind of it: en-GB of en. */
function orderOf(language: string): Part[] {
  const own = navigator.languages.find((one) => one.split('-')[0] === language) ?? language
  const parts = new Intl.DateTimeFormat(own).formatToParts(new Date(2000, 0, 1))
  const found = parts
    .map(({ type }) => type)
    .filter((type): type is Part => ['day', 'month', 'year'].includes(type))
  return found.length === 3 ? found : ['day', 'month', 'year']
}

export function DateAnswer(props: FieldProps) {
  const caption = useCaption(props)
  return <DayParts {...caption} value={props.value} onChange={props.onChange} />
}

interface DayProps {
  label: string
  help?: string
  hideLabel?: boolean
  required: boolean
  disabled: boolean
  problem: string | undefined
  value: unknown
  onChange: (value: string | undefined) => void
}

function DayParts(props: DayProps) {
  const t = useText()
  const { language } = useLanguage()
  const [labelId, helpId] = [useId(), useId()]
  // What is kept has zeros in front; who writes `5` and then `15` must not find `05` in between.
  const [parts, write] = useTyped(props.value, dayFrom, partsOf)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out like the other fields
    <div
      role="group"
      aria-labelledby={labelId}
      aria-describedby={props.help || props.problem ? helpId : undefined}
      className={fieldStyles.field}
    >
      <span id={labelId} className={props.hideLabel ? 'visually-hidden' : fieldStyles.label}>
        {props.label}
        {props.required ? null : <span className={fieldStyles.optional}> ({t('design.optional')})</span>}
      </span>
      {props.help ? <span className={fieldStyles.help}>{props.help}</span> : null}
      <div className={styles.dayParts}>
        {orderOf(language).map((part) => (
          <AriaTextField
            key={part}
            className={`${fieldStyles.field} ${styles[part]}`}
            value={parts[part]}
            isDisabled={props.disabled}
            isInvalid={props.problem !== undefined}
            validationBehavior="aria"
            onChange={(text) => {
              const digits = text.replace(/\D/g, '').slice(0, part === 'year' ? 4 : 2)
              props.onChange(write({ ...parts, [part]: digits }))
            }}
          >
            <Label className={fieldStyles.help ?? ''}>{t(`forms.${part}`)}</Label>
            <Input inputMode="numeric" autoComplete="off" className={fieldStyles.input ?? ''} />
          </AriaTextField>
        ))}
      </div>
      <span id={helpId} className={fieldStyles.problem}>
        {props.problem}
      </span>
    </div>
  )
}

export function DateRangeAnswer(props: FieldProps) {
  const t = useText()
  const caption = useCaption(props)
  const { start, end } = isObject(props.value) ? props.value : { start: props.value, end: undefined }
  const give = (range: { start: unknown; end: unknown }) =>
    props.onChange(range.start || range.end ? { start: range.start ?? '', end: range.end ?? '' } : undefined)
  return (
    <Group aria-label={caption.label} className={fieldStyles.field ?? ''}>
      <span className={fieldStyles.label}>{caption.label}</span>
      {caption.help ? <span className={fieldStyles.help}>{caption.help}</span> : null}
      <DayParts
        {...caption}
        label={t('forms.from')}
        problem={undefined}
        value={start}
        onChange={(day) => give({ start: day, end })}
      />
      <DayParts
        {...caption}
        label={t('forms.to')}
        value={end}
        onChange={(day) => give({ start, end: day })}
      />
    </Group>
  )
}

const PERIODS = ['last7Days', 'last30Days', 'last90Days', 'last365Days']

export function PeriodAnswer(props: FieldProps) {
  const t = useText()
  const caption = useCaption(props)
  const options = PERIODS.map((value) => ({ value, label: t(`forms.${value}`) }))
  return (
    <Select {...caption} options={options} value={orNothing(textOf(props.value))} onChange={props.onChange} />
  )
}

/** An age, together with the field whose date it was true on. */
export function AgeAnswer(props: FieldProps) {
  const caption = useCaption(props)
  const reference = props.field.configuration?.asOfDate as { $$field?: string } | undefined
  const [typed, write] = useTyped(isObject(props.value) ? props.value.age : undefined, numberFrom, textOf)
  return (
    <Affixed {...props}>
      <TextField
        {...caption}
        inputMode="numeric"
        autoComplete="off"
        value={typed}
        onChange={(text) => {
          const number = write(text)
          props.onChange(
            number === undefined ? undefined : { age: number, asOfDateRef: reference?.$$field ?? '' },
          )
        }}
      />
    </Affixed>
  )
}
