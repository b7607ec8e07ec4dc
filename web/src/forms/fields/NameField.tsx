// A person's name in its parts, in the country's order.
import { TextField } from '../../design/Field'
import { useCountryText, useText } from '../../language/Language'
import type { MessageDescriptor } from '../../language/messages'
import { isBlank } from '../rules/text'
import { isObject, nameParts } from '../rules/value'
import styles from './Fields.module.css'
import { configurationOf, type FieldProps, numberIn, textOf, useCaption } from './fieldProps'

const PARTS = ['firstname', 'middlename', 'surname'] as const
type Part = (typeof PARTS)[number]

export function NameAnswer(props: FieldProps) {
  const t = useText()
  const tc = useCountryText()
  const caption = useCaption(props)
  const { field, value, onChange } = props
  const configuration = configurationOf(field)
  const configured = configuration.name as Partial<Record<Part, { label?: MessageDescriptor }>> | undefined
  const order = (configuration.order as Part[] | undefined) ?? PARTS
  const asked = order.filter((part) => (configured ? configured[part] : part !== 'middlename'))
  const needed = nameParts(field as never)
  const name = isObject(value) ? value : {}
  const maxLength = numberIn(field, 'maxLength')
  // One part at least is marked: the first that is needed and empty, or all.
  const empty = asked.filter((part) => needed[part] && isBlank(textOf(name[part])))

  const give = (part: Part, text: string) => {
    const next = { ...name, [part]: text }
    const isEmpty = Object.values(next).every((one) => one === '' || one === undefined)
    onChange(isEmpty ? undefined : { firstname: '', surname: '', ...next })
  }
  return (
    <fieldset className={styles.group}>
      <legend className={caption.hideLabel ? 'visually-hidden' : (styles.legend ?? '')}>
        {caption.label}
      </legend>
      {caption.help ? <p className={styles.hint}>{caption.help}</p> : null}
      <div className={styles.parts}>
        {asked.map((part, at) => {
          const own = configured?.[part]?.label
          const marked = empty.length > 0 ? empty.includes(part) : at === asked.length - 1
          return (
            <TextField
              key={part}
              label={own ? tc(own) : t(`forms.${part}`)}
              required={needed[part]}
              disabled={caption.disabled}
              problem={marked ? props.problem : undefined}
              autoComplete="off"
              {...(maxLength ? { maxLength } : {})}
              value={textOf(name[part])}
              onChange={(text) => give(part, text)}
            />
          )
        })}
      </div>
    </fieldset>
  )
}
