import type { FieldConfig, FormPage } from '../configuration/types'
import { useCountryText } from '../language/Language'
import styles from './Form.module.css'
import type { Problem } from './rules/field'

/** The first of each field's: a name without parts is wrong twice, and said to be once. */
export const byField = (problems: readonly Problem[]): Problem[] =>
  problems.filter(({ field }, at) => problems.findIndex((one) => one.field === field) === at)

/** What is wrong, field by field, each leading to its field. */
export function ProblemList(props: {
  problems: readonly Problem[]
  fields: readonly FieldConfig[]
  /** Named before each field, where there are fields of several. */
  pages?: readonly FormPage[]
  onGo: (field: string) => void
}) {
  const tc = useCountryText()
  const pageOf = (field: string) =>
    tc(props.pages?.find((page) => page.fields.some(({ id }) => id === field))?.title)
  return (
    <ul className={styles.problems}>
      {byField(props.problems).map(({ field, message }) => (
        <li key={field}>
          <button type="button" className={styles.link} onClick={() => props.onGo(field)}>
            {[pageOf(field), tc(props.fields.find(({ id }) => id === field)?.label) || field]
              .filter(Boolean)
              .join(' · ')}
          </button>
          : {tc(message)}
        </li>
      ))}
    </ul>
  )
}
