// The fields of one page, those that are shown.
import type { FieldConfig } from '../configuration/types'
import { useCountryText } from '../language/Language'
import styles from './Form.module.css'
import { type FormAround, FormProvider } from './FormContext'
import { FieldView } from './fields/FieldView'
import type { Field, Problem } from './rules/field'
import { isEnabled, isShown } from './rules/form'

interface FormFieldsProps extends FormAround {
  shown: readonly FieldConfig[]
  problems: readonly Problem[]
  /** Which fields' problems are said: those that were left, or all. */
  told: ReadonlySet<string> | 'all'
  onLeave: (id: string) => void
  /** Fields that may not be changed here. */
  locked?: (field: FieldConfig) => boolean
}

export function FormFields({ shown, problems, told, onLeave, locked, ...form }: FormFieldsProps) {
  const tc = useCountryText()
  const { answers, data, change } = form
  const problemOf = (id: string): string | undefined => {
    if (told !== 'all' && !told.has(id)) return undefined
    const found = problems.find(({ field }) => field === id)
    return found && tc(found.message)
  }
  return (
    <FormProvider value={form}>
      <div className={styles.fields}>
        {shown
          .filter((field) => isShown(field as unknown as Field, data))
          .map((field, at) => (
            <FieldView
              // The same question may be asked in several ways, each under its own conditions.
              key={`${field.id} ${at}`}
              field={field}
              value={answers[field.id]}
              onChange={(value) => change(field.id, value)}
              onLeave={() => onLeave(field.id)}
              problem={problemOf(field.id)}
              disabled={!isEnabled(field as unknown as Field, data) || (locked?.(field) ?? false)}
            />
          ))}
      </div>
    </FormProvider>
  )
}
