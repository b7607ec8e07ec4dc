// ALPHA_PRINT_BUTTON: what is filled in so far, on paper, by a template of the country's.
import { lazy, Suspense, useState } from 'react'
import { Button } from '../../design/Button'
import { useCountryText } from '../../language/Language'
import styles from './Fields.module.css'
import { configurationOf, type FieldProps, messageIn, textOf } from './fieldProps'

const FilledPages = lazy(() => import('../../certificates/FilledPages'))

export function PrintButton({ field, disabled }: FieldProps) {
  const tc = useCountryText()
  const [open, setOpen] = useState(false)
  const label = tc(messageIn(field, 'buttonLabel')) || tc(field.label)
  return (
    <div className={styles.actions} data-print="no">
      <Button kind="secondary" isDisabled={disabled} onPress={() => setOpen(true)}>
        {label}
      </Button>
      {open ? (
        <Suspense fallback={null}>
          <FilledPages
            template={textOf(configurationOf(field).template)}
            title={label}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      ) : null}
    </div>
  )
}
