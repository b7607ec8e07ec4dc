import type { FieldConfig } from '../../configuration/types'
import { useCountryText } from '../../language/Language'
import type { MessageDescriptor } from '../../language/messages'
import { isRequired } from '../rules/field'

/** What every kind of field is given. */
export interface FieldProps {
  field: FieldConfig
  value: unknown
  /** `undefined` takes the answer back. */
  onChange: (value: unknown) => void
  problem: string | undefined
  disabled: boolean
}

/** Label, help and state of a field as the design's components take them. */
export function useCaption({ field, problem, disabled }: FieldProps) {
  const tc = useCountryText()
  const help = tc(field.helperText)
  const placeholder = tc(field.placeholder)
  return {
    label: tc(field.label),
    hideLabel: field.hideLabel ?? false,
    required: isRequired(field as never),
    disabled,
    problem,
    ...(help ? { help } : {}),
    ...(placeholder ? { placeholder } : {}),
  }
}

export const configurationOf = (field: FieldConfig): Record<string, unknown> => field.configuration ?? {}

/** A text of the country's in a field's configuration. */
export const messageIn = (field: FieldConfig, key: string): MessageDescriptor | undefined =>
  configurationOf(field)[key] as MessageDescriptor | undefined

export const numberIn = (field: FieldConfig, key: string): number | undefined => {
  const value = configurationOf(field)[key]
  return typeof value === 'number' ? value : undefined
}

export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''

/** An empty text is no answer. */
export const orNothing = (text: string): string | undefined => (text === '' ? undefined : text)
