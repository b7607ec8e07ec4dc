// Fields inside a field: their answers stand inside its own.
import type { FieldConfig } from '../../configuration/types'
import { useCountryText } from '../../language/Language'
import { useForm } from '../FormContext'
import { partsOf } from '../filling/places'
import type { Answers } from '../rules/field'
import { isEnabled, isShown, partProblem } from '../rules/form'
import { isObject } from '../rules/value'
import styles from './Fields.module.css'
import { FieldView } from './FieldView'
import type { FieldProps } from './fieldProps'

export function GroupAnswer(props: FieldProps) {
  const tc = useCountryText()
  const { data } = useForm()
  const group: Answers = isObject(props.value) ? props.value : {}
  const label = tc(props.field.label)
  const parts = partsOf(props.field).filter((part) => isShown(part as never, data))
  // Said beside the part that it is about, once anything is said of the group.
  const problemOf = (part: FieldConfig): string | undefined => {
    const wrong = props.problem === undefined ? undefined : partProblem(part as never, group[part.id], data)
    return wrong && tc(wrong)
  }
  const isSaid = parts.some((part) => problemOf(part) !== undefined)
  const give = (id: string, value: unknown) => {
    const { [id]: _, ...others } = group
    const next = value === undefined ? others : { ...others, [id]: value }
    props.onChange(Object.keys(next).length > 0 ? next : undefined)
  }
  return (
    <fieldset className={styles.group}>
      {label ? (
        <legend className={props.field.hideLabel ? 'visually-hidden' : (styles.legend ?? '')}>{label}</legend>
      ) : null}
      {parts.map((part) => (
        <FieldView
          key={part.id}
          field={part}
          value={group[part.id]}
          onChange={(value) => give(part.id, value)}
          problem={problemOf(part)}
          disabled={props.disabled || !isEnabled(part as never, data)}
        />
      ))}
      {props.problem && !isSaid ? <p className={styles.problem}>{props.problem}</p> : null}
    </fieldset>
  )
}
