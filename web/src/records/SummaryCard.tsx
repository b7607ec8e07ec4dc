import { Card, Facts } from '../design/Page'
import { useFormats, useText } from '../language/Language'
import { useOpenRecord } from './RecordContext'
import styles from './RecordPage.module.css'
import { summaryLines } from './summaryLines'
import { useWords } from './useWords'

/** A record at a glance: what its event configures, and when it last moved. */
export function SummaryCard() {
  const t = useText()
  const formats = useFormats()
  const words = useWords()
  const { config, state, data, asker, people } = useOpenRecord()
  const lines = summaryLines(config, state, data, words, asker.isMet)
  return (
    <Card title={t('records.summary')}>
      <Facts
        facts={[
          ...lines.map(({ id, label, value, isEmpty }) => ({
            key: id,
            name: label,
            value: isEmpty ? <span className={styles.empty}>{value || t('records.none')}</span> : value,
          })),
          {
            key: '$updated',
            name: t('records.updated'),
            value: t('records.updatedBy', {
              time: formats.dateTime(state.updatedAt),
              name: people.name(state.updatedBy, 'user', state.updatedByUserRole),
            }),
          },
        ]}
      />
    </Card>
  )
}
