// One field of a form, whatever its type.
import type { FocusEvent } from 'react'
import type { FieldProps } from './fieldProps'
import { FIELDS } from './registry'
import { UnknownField } from './TextFields'

interface FieldViewProps extends FieldProps {
  /** The person goes on: what is wrong may be said from now on. */
  onLeave?: () => void
}

export function FieldView({ onLeave, ...props }: FieldViewProps) {
  const Shown = Object.hasOwn(FIELDS, props.field.type) ? FIELDS[props.field.type] : undefined
  const left = ({ currentTarget, relatedTarget }: FocusEvent<HTMLElement>) => {
    // A list or a dialog that opens over the page is still this field.
    const isElsewhere =
      relatedTarget instanceof Element && !relatedTarget.closest('[role=listbox],[role=dialog]')
    if (!currentTarget.contains(relatedTarget) && (isElsewhere || !relatedTarget)) onLeave?.()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears what its inputs do
    <div data-field={props.field.id} onBlur={left}>
      {Shown ? <Shown {...props} /> : <UnknownField {...props} />}
    </div>
  )
}

/** Takes the person to a field, its first input. */
export function goToField(id: string): void {
  const field = document.querySelector(`[data-field="${CSS.escape(id)}"]`)
  field?.scrollIntoView({ block: 'center' })
  field?.querySelector<HTMLElement>('input, textarea, button, select, [tabindex="0"]')?.focus()
}
