import { Fragment } from 'react'
import type { EventDocument } from '../api/client'
import { Card } from '../design/Page'
import { useCountryText, useFormats, useText } from '../language/Language'
import { AnswerView } from './AnswerView'
import { answerText } from './answerText'
import { viewedPages } from './declarationView'
import { useOpenRecord, useRecordState } from './RecordContext'
import { Nothing } from './RecordGate'
import styles from './RecordPage.module.css'
import { useWords } from './useWords'

/** Two records' answers beside each other; those that differ stand out. */
export function SideBySide({ other }: { other: EventDocument }) {
  const t = useText()
  const tc = useCountryText()
  const formats = useFormats()
  const words = useWords()
  const mine = useOpenRecord()
  const theirs = useRecordState(other)
  if (!theirs) return <Nothing>{t('records.noConfig')}</Nothing>
  const ours = mine.state.declaration
  const others = theirs.state.declaration
  const about = [
    { id: 'trackingId', label: t('records.trackingId'), of: (one: typeof mine) => one.state.trackingId },
    {
      id: 'status',
      label: t('records.standing'),
      of: (one: typeof mine) => t(`records.status.${one.state.status}`),
    },
    {
      id: 'createdAt',
      label: t('records.begun'),
      of: (one: typeof mine) => formats.dateTime(one.state.createdAt),
    },
  ]
  const pages = viewedPages(mine.config, { ...others, ...ours }, mine.data)
  return (
    <Card title={t('records.duplicates.sideBySide')}>
      <table className={styles.changes}>
        <thead>
          <tr>
            <th scope="col">{t('records.field')}</th>
            <th scope="col">{t('records.duplicates.this', { title: mine.title })}</th>
            <th scope="col">{t('records.duplicates.other', { title: theirs.title })}</th>
          </tr>
        </thead>
        <tbody>
          {about.map(({ id, label, of }) => (
            <tr key={id}>
              <th scope="row">{label}</th>
              <td>{of(mine)}</td>
              <td>{of(theirs)}</td>
            </tr>
          ))}
          {pages.map(({ page, fields }) => {
            const answered = fields.filter(({ id }) => ours[id] !== undefined || others[id] !== undefined)
            if (answered.length === 0) return null
            return (
              <Fragment key={page.id}>
                <tr>
                  <th scope="rowgroup" colSpan={3} className={styles.pageRow}>
                    {tc(page.title)}
                  </th>
                </tr>
                {answered.map((field) => (
                  <tr
                    key={field.id}
                    className={
                      answerText(field, ours[field.id], words) === answerText(field, others[field.id], words)
                        ? undefined
                        : styles.differs
                    }
                  >
                    <th scope="row">{tc(field.label) || tc(page.title)}</th>
                    <td>
                      <AnswerView field={field} value={ours[field.id]} />
                    </td>
                    <td>
                      <AnswerView field={field} value={others[field.id]} />
                    </td>
                  </tr>
                ))}
              </Fragment>
            )
          })}
        </tbody>
      </table>
    </Card>
  )
}
