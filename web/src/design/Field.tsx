// A label, what to know, an input and what is wrong with it, tied together for screen readers.
import type { ReactNode } from 'react'
import {
  Button as AriaButton,
  Checkbox as AriaCheckbox,
  ComboBox as AriaComboBox,
  Radio as AriaRadio,
  RadioGroup as AriaRadioGroup,
  Select as AriaSelect,
  TextArea as AriaTextArea,
  TextField as AriaTextField,
  FieldError,
  Input,
  type Key,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  Text,
} from 'react-aria-components'
import { useText } from '../language/Language'
import styles from './Field.module.css'

interface Common {
  label: ReactNode
  /** Shown under the label. */
  help?: ReactNode
  /** What is wrong with the value; absent when nothing is. */
  problem?: string | undefined
  required?: boolean
  disabled?: boolean
  hideLabel?: boolean
  id?: string
}

function Caption({ label, help, required, hideLabel }: Common) {
  const t = useText()
  return (
    <>
      <Label className={hideLabel ? 'visually-hidden' : (styles.label ?? '')}>
        {label}
        {required === false ? <span className={styles.optional}> ({t('design.optional')})</span> : null}
      </Label>
      {help ? (
        <Text slot="description" className={styles.help ?? ''}>
          {help}
        </Text>
      ) : null}
    </>
  )
}

const Problem = ({ problem }: { problem?: string | undefined }) => (
  <FieldError className={styles.problem ?? ''}>{problem}</FieldError>
)

export interface TextFieldProps extends Common {
  value: string
  onChange: (value: string) => void
  onBlur?: () => void
  type?: 'text' | 'password' | 'email' | 'tel' | 'search' | 'number' | 'url' | 'time' | 'date'
  rows?: number
  placeholder?: string
  autoComplete?: string
  inputMode?: 'text' | 'numeric' | 'decimal' | 'tel' | 'email' | 'search'
  maxLength?: number
  autoFocus?: boolean
  name?: string
}

export function TextField(props: TextFieldProps) {
  return (
    <AriaTextField
      className={styles.field ?? ''}
      value={props.value}
      onChange={props.onChange}
      isRequired={props.required ?? false}
      isDisabled={props.disabled ?? false}
      isInvalid={props.problem !== undefined}
      validationBehavior="aria"
      type={props.type ?? 'text'}
      {...(props.onBlur ? { onBlur: props.onBlur } : {})}
      {...(props.name ? { name: props.name } : {})}
      {...(props.id ? { id: props.id } : {})}
      {...(props.autoComplete ? { autoComplete: props.autoComplete } : {})}
      {...(props.inputMode ? { inputMode: props.inputMode } : {})}
      {...(props.maxLength ? { maxLength: props.maxLength } : {})}
      autoFocus={props.autoFocus ?? false}
    >
      <Caption {...props} />
      {props.rows ? (
        <AriaTextArea
          className={styles.input ?? ''}
          rows={props.rows}
          placeholder={props.placeholder ?? ''}
        />
      ) : (
        <Input className={styles.input ?? ''} placeholder={props.placeholder ?? ''} />
      )}
      <Problem problem={props.problem} />
    </AriaTextField>
  )
}

export interface Option {
  value: string
  label: string
}

/** One of a few. For more than a dozen use `ComboBox`, which searches as one types. */
export function Select(
  props: Common & {
    options: Option[]
    value: string | undefined
    onChange: (value: string) => void
    onBlur?: () => void
    placeholder?: string
  },
) {
  const t = useText()
  return (
    <AriaSelect
      className={styles.field ?? ''}
      value={props.value ?? null}
      onChange={(key: Key | null) => key !== null && props.onChange(String(key))}
      isRequired={props.required ?? false}
      isDisabled={props.disabled ?? false}
      isInvalid={props.problem !== undefined}
      validationBehavior="aria"
      placeholder={props.placeholder ?? t('design.choose')}
      {...(props.onBlur ? { onBlur: props.onBlur } : {})}
      {...(props.id ? { id: props.id } : {})}
    >
      <Caption {...props} />
      <AriaButton className={`${styles.input} ${styles.select}`}>
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </AriaButton>
      <Problem problem={props.problem} />
      <Popover className={styles.popover ?? ''}>
        <ListBox items={props.options}>
          {(option: Option) => (
            <ListBoxItem id={option.value} textValue={option.label} className={styles.option ?? ''}>
              {option.label}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}

/** One of many, found by typing. */
export function ComboBox(
  props: Common & {
    options: Option[]
    value: string | undefined
    onChange: (value: string | undefined) => void
    onBlur?: () => void
    onInput?: (text: string) => void
    placeholder?: string
    /**
     * For options that are searched elsewhere as somebody types: all that are given are shown, whatever is
     * typed, and this when there are none.
     */
    empty?: string
  },
) {
  const { empty } = props
  return (
    <AriaComboBox
      className={styles.field ?? ''}
      {...(empty === undefined
        ? { defaultItems: props.options }
        : { items: props.options, allowsEmptyCollection: true })}
      value={props.value ?? null}
      onChange={(key: Key | null) => props.onChange(key === null ? undefined : String(key))}
      isRequired={props.required ?? false}
      isDisabled={props.disabled ?? false}
      isInvalid={props.problem !== undefined}
      validationBehavior="aria"
      menuTrigger="focus"
      {...(props.onInput ? { onInputChange: props.onInput } : {})}
      {...(props.onBlur ? { onBlur: props.onBlur } : {})}
      {...(props.id ? { id: props.id } : {})}
    >
      <Caption {...props} />
      <div className={styles.combo}>
        <Input className={styles.input ?? ''} placeholder={props.placeholder ?? ''} />
        <AriaButton className={styles.open ?? ''}>
          <span aria-hidden="true">▾</span>
        </AriaButton>
      </div>
      <Problem problem={props.problem} />
      <Popover className={styles.popover ?? ''}>
        <ListBox
          {...(empty === undefined
            ? {}
            : { renderEmptyState: () => <p className={styles.nothing}>{empty}</p> })}
        >
          {(option: Option) => (
            <ListBoxItem id={option.value} textValue={option.label} className={styles.option ?? ''}>
              {option.label}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaComboBox>
  )
}

export function Checkbox(props: {
  children: ReactNode
  value: boolean
  onChange: (value: boolean) => void
  disabled?: boolean
  problem?: string | undefined
  id?: string
}) {
  return (
    <AriaCheckbox
      className={styles.check ?? ''}
      isSelected={props.value}
      onChange={props.onChange}
      isDisabled={props.disabled ?? false}
      isInvalid={props.problem !== undefined}
      {...(props.id ? { id: props.id } : {})}
    >
      {({ isSelected }) => (
        <>
          <span className={styles.box} aria-hidden="true">
            {isSelected ? '✓' : ''}
          </span>
          <span>{props.children}</span>
        </>
      )}
    </AriaCheckbox>
  )
}

export function RadioGroup(
  props: Common & {
    options: (Option & { disabled?: boolean; help?: string })[]
    value: string | undefined
    onChange: (value: string) => void
    onBlur?: () => void
  },
) {
  return (
    <AriaRadioGroup
      className={styles.field ?? ''}
      value={props.value ?? null}
      onChange={props.onChange}
      isRequired={props.required ?? false}
      isDisabled={props.disabled ?? false}
      isInvalid={props.problem !== undefined}
      validationBehavior="aria"
      {...(props.onBlur ? { onBlur: props.onBlur } : {})}
      {...(props.id ? { id: props.id } : {})}
    >
      <Caption {...props} />
      <div className={styles.choices}>
        {props.options.map((option) => (
          <AriaRadio
            key={option.value}
            value={option.value}
            isDisabled={option.disabled ?? false}
            className={styles.check ?? ''}
          >
            {({ isSelected }) => (
              <>
                <span className={`${styles.box} ${styles.round}`} aria-hidden="true">
                  {isSelected ? '•' : ''}
                </span>
                <span>
                  {option.label}
                  {option.help ? <span className={styles.help}> {option.help}</span> : null}
                </span>
              </>
            )}
          </AriaRadio>
        ))}
      </div>
      <Problem problem={props.problem} />
    </AriaRadioGroup>
  )
}
