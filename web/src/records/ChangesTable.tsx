import { useCountryText, useText } from '../language/Language'
import { AnswerView } from './AnswerView'
import type { Change } from './changes'
import { useOpenRecord } from './RecordContext'
import styles from './RecordPage.module.css'

/** What changed, before and after. */
export function ChangesTable({ caption, changes }: { caption: string; changes: Change[] }) {
  const t = useText()
  const tc = useCountryText()
  const { config } = useOpenRecord()
  const pageTitle = (id: string) => tc(config.declaration.pages.find((page) => page.id === id)?.title)
  return (
    <table className={styles.changes}>
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t('records.field')}</th>
          <th scope="col">{t('records.before')}</th>
          <th scope="col">{t('records.after')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ field, page, before, after }) => (
          <tr key={field.id}>
            <th scope="row">{tc(field.label) || pageTitle(page)}</th>
            <td className={before === undefined ? '' : styles.before}>
              <AnswerView field={field} value={before} />
            </td>
            <td className={styles.after}>
              <AnswerView field={field} value={after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
