// What was begun on this device and not sent.
import { useState } from 'react'
import { useConfiguration } from '../configuration/Configuration'
import { Button, LinkButton } from '../design/Button'
import { Confirm } from '../design/Dialog'
import { Loading } from '../design/Loading'
import { EmptyState, ErrorState } from '../design/Notice'
import { Card, Page } from '../design/Page'
import { useCountryText, useFormats, useText } from '../language/Language'
import type { LocalDraft } from './draft'
import styles from './Form.module.css'
import { useDrafts } from './useDrafts'
import { useForgetDraft } from './useForgetDraft'

const PATHS: Record<string, string> = { DECLARE: 'declare', EDIT: 'edit', REQUEST_CORRECTION: 'correct' }

export default function DraftsPage() {
  const t = useText()
  const tc = useCountryText()
  const formats = useFormats()
  const forgetDraft = useForgetDraft()
  const { events } = useConfiguration()
  const { data, error, refetch } = useDrafts()
  const [doomed, setDoomed] = useState<LocalDraft>()
  const forget = async (draft: LocalDraft) => {
    setDoomed(undefined)
    await forgetDraft(draft)
  }
  const labelOf = (draft: LocalDraft) =>
    tc(events.find(({ id }) => id === draft.eventType)?.label) || draft.eventType
  const nameOf = (draft: LocalDraft) => draft.title || t('forms.untitled')
  return (
    <Page title={t('forms.drafts')} subtitle={t('forms.draftsAdvice')} narrow>
      {error ? <ErrorState error={error} retry={() => void refetch()} /> : null}
      {!data && !error ? <Loading /> : null}
      {data?.length === 0 ? (
        <EmptyState
          title={t('forms.noDrafts')}
          action={<LinkButton href="/records/new">{t('forms.newRecord')}</LinkButton>}
        />
      ) : null}
      {data && data.length > 0 ? (
        <Card>
          <ul className={styles.list}>
            {data.map((draft) => (
              <li key={draft.id}>
                <span>
                  {nameOf(draft)}
                  <br />
                  <span className={styles.kept}>
                    {labelOf(draft)} · {t(`forms.draftOf.${draft.action}`)} ·{' '}
                    {formats.dateTime(draft.changedAt)}
                  </span>
                </span>
                <span>
                  <LinkButton
                    size="small"
                    kind="secondary"
                    href={`/records/${draft.recordId}/${PATHS[draft.action] ?? 'declare'}`}
                  >
                    {t('forms.goOn')}
                  </LinkButton>{' '}
                  <Button
                    size="small"
                    kind="quiet"
                    aria-label={t('forms.forgetNamed', { name: nameOf(draft) })}
                    onPress={() => setDoomed(draft)}
                  >
                    {t('forms.remove')}
                  </Button>
                </span>
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
      {doomed ? (
        <Confirm
          open
          danger
          title={t('forms.forgetNamed', { name: nameOf(doomed) })}
          action={t('forms.remove')}
          onClose={() => setDoomed(undefined)}
          onConfirm={() => void forget(doomed)}
        >
          <p>{t('forms.forgetAdvice')}</p>
        </Confirm>
      ) : null}
    </Page>
  )
}
