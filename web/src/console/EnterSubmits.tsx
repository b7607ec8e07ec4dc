import type { ReactNode } from 'react'
import styles from './Console.module.css'

/** The fields of a dialog whose buttons stand below: Enter in one of them is as good as the button. */
export function EnterSubmits({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
  return (
    <form
      className={styles.stack}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      {children}
      {/* Enter submits only where there is a button to press, and the dialog's are outside of the form. */}
      <input type="submit" hidden />
    </form>
  )
}
