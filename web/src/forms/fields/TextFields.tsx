// Fields that are written: texts, numbers, times.
import { TextField, type TextFieldProps } from '../../design/Field'
import { useCountryText, useText } from '../../language/Language'
import styles from './Fields.module.css'
import {
  configurationOf,
  type FieldProps,
  messageIn,
  numberIn,
  orNothing,
  textOf,
  useCaption,
} from './fieldProps'
import { numberFrom } from './number'
import { useTyped } from './useTyped'

type Kind = Pick<TextFieldProps, 'type' | 'inputMode' | 'autoComplete' | 'rows'>

const KINDS: Record<string, Kind> = {
  EMAIL: { type: 'email', inputMode: 'email' },
  PHONE: { type: 'tel', inputMode: 'tel' },
  TIME: { type: 'time' },
}

export function TextAnswer(props: FieldProps) {
  const caption = useCaption(props)
  const { field, value, onChange } = props
  const isSecret = configurationOf(field).type === 'password'
  const maxLength = numberIn(field, 'maxLength')
  return (
    <Affixed {...props}>
      <TextField
        {...caption}
        {...KINDS[field.type]}
        {...(isSecret ? { type: 'password' as const } : {})}
        {...(maxLength ? { maxLength } : {})}
        {...(field.type === 'TEXTAREA' ? { rows: numberIn(field, 'rows') ?? 4 } : {})}
        // What the device remembers of one family must not be offered to the next.
        autoComplete="off"
        value={textOf(value)}
        onChange={(text) => onChange(orNothing(text))}
      />
    </Affixed>
  )
}

/** A number; what is none stays as it was written, and is said to be wrong. */
export function NumberAnswer(props: FieldProps) {
  const caption = useCaption(props)
  const [typed, write] = useTyped(props.value, numberFrom, textOf)
  return (
    <Affixed {...props}>
      <TextField
        {...caption}
        inputMode="decimal"
        autoComplete="off"
        value={typed}
        onChange={(text) => props.onChange(write(text))}
      />
    </Affixed>
  )
}

/** What stands before and after what is written: a currency, a unit. */
export function Affixed({ field, children }: FieldProps & { children: React.ReactNode }) {
  const tc = useCountryText()
  const [prefix, postfix] = [tc(messageIn(field, 'prefix')), tc(messageIn(field, 'postfix'))]
  if (!prefix && !postfix) return children
  return (
    <div className={styles.affixed}>
      {prefix ? <span className={styles.affix}>{prefix}</span> : null}
      {children}
      {postfix ? <span className={styles.affix}>{postfix}</span> : null}
    </div>
  )
}

/** In place of a field that this desk does not know: says so, and leaves its answer alone. */
export function UnknownField({ field }: FieldProps) {
  const t = useText()
  const tc = useCountryText()
  return (
    <p className={styles.hint}>{t('forms.unknownField', { label: tc(field.label), type: field.type })}</p>
  )
}
