import { useApi } from '../api/ApiContext'
import { Tag } from '../design/Notice'
import { useCountryText, useFormats, useText } from '../language/Language'
import { AnnotationFacts } from './AnnotationFacts'
import { Attempts } from './Attempts'
import { ChangesTable } from './ChangesTable'
import { laterChanges } from './changes'
import { useOpenRecord } from './RecordContext'
import styles from './RecordPage.module.css'
import { actionRules } from './rules'
import { type Step, type TimelineEntry, timeline } from './timeline'
import { useKept } from './useKept'

/** What was done to a record and what became of it, newest first. */
export function Timeline() {
  const t = useText()
  const api = useApi()
  const { document } = useOpenRecord()
  const history = useKept<Step[]>(['record', 'history', document.id, document.updatedAt], async () => {
    const { data } = await api.GET('/events/{eventId}/history', {
      params: { path: { eventId: document.id }, query: { limit: '500' } },
    })
    return data?.steps ?? []
  })
  const entries = timeline(document, history.data?.body)
  return (
    <ol className={styles.entries} aria-label={t('records.history')}>
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} />
      ))}
    </ol>
  )
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const t = useText()
  const tc = useCountryText()
  const formats = useFormats()
  const { people, config, document } = useOpenRecord()
  const { action } = entry
  const changes = laterChanges(document, action, config, entry.decision)
  const own = action.customActionType ? actionRules(config, 'CUSTOM', action.customActionType) : undefined
  const name = own ? tc(own.auditHistoryLabel ?? own.label) : t(`records.deed.${action.type}`)
  const by = people.name(entry.by, action.createdByUserType, action.createdByRole)
  return (
    <li className={styles.entry} data-outcome={entry.outcome}>
      <div className={styles.entryHead}>
        <strong>{name}</strong>
        {entry.outcome === 'waiting' ? <Tag tone="warn">{t('records.outcome.waiting')}</Tag> : null}
        {entry.outcome === 'refused' ? <Tag tone="bad">{t('records.outcome.refused')}</Tag> : null}
        <time className={styles.when} dateTime={entry.at}>
          {formats.dateTime(entry.at)}
        </time>
      </div>
      <div>
        {by}
        {people.role(entry.by) ? <span className={styles.when}> · {people.role(entry.by)}</span> : null}
      </div>
      {action.assignedTo && action.assignedTo !== entry.by ? (
        <div>{t('records.assignedTo', { name: people.name(action.assignedTo) })}</div>
      ) : null}
      {entry.note ? <blockquote>{entry.note}</blockquote> : null}
      <AnnotationFacts
        type={action.type}
        custom={action.customActionType ?? undefined}
        annotation={entry.annotation}
      />
      {changes.length > 0 ? (
        <details>
          <summary>{t(`records.changes.${entry.outcome}`, { count: changes.length })}</summary>
          <ChangesTable caption={name} changes={changes} />
        </details>
      ) : null}
      {entry.reason ? <div>{t('records.refusedBecause', { reason: entry.reason })}</div> : null}
      {entry.decidedAt && entry.outcome !== 'waiting' ? (
        <div className={styles.when}>
          {t(`records.decided.${entry.outcome}`, { time: formats.dateTime(entry.decidedAt) })}
        </div>
      ) : null}
      <Attempts entry={entry} />
      {entry.steps.length > 0 ? (
        <ul className={styles.steps}>
          {entry.steps.map((step) => (
            <li key={step.id}>
              {formats.dateTime(step.at)} · <code>{step.operation}</code> ·{' '}
              {people.name(step.by, step.byType === 'user' ? 'user' : 'system')}
              {typeof step.details.reason === 'string' ? ` · ${step.details.reason}` : ''}
            </li>
          ))}
        </ul>
      ) : null}
    </li>
  )
}
