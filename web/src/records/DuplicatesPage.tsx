import { useState } from 'react'
import { useLocation, useParams } from 'wouter'
import { useApi } from '../api/ApiContext'
import type { EventDocument } from '../api/client'
import { Button } from '../design/Button'
import { Confirm } from '../design/Dialog'
import { RadioGroup } from '../design/Field'
import { Loading } from '../design/Loading'
import { EmptyState, ErrorState } from '../design/Notice'
import { Page } from '../design/Page'
import { useText } from '../language/Language'
import type { NewSubmission, OutboxItem } from '../outbox/item'
import { useOutbox } from '../outbox/OutboxProvider'
import { SendingProblem, useSending } from './ActionDialog'
import { AgeNotice } from './AgeNotice'
import { mayTake } from './access'
import { useAssignment } from './assignment'
import { HoldingNotice } from './HoldingNotice'
import { mayWorkOn } from './offered'
import { useOpenRecord } from './RecordContext'
import { RecordAge, RecordGate } from './RecordGate'
import styles from './RecordPage.module.css'
import { actionRules } from './rules'
import { SideBySide } from './SideBySide'
import { useKept } from './useKept'
import { useOutboxItems } from './useOutboxItems'

export default function DuplicatesPage() {
  const { id } = useParams<{ id: string }>()
  return (
    <RecordGate id={id} key={id}>
      <Compare />
    </RecordGate>
  )
}

/** The record beside those that may be of the same event, and the decision whether they are. */
function Compare() {
  const t = useText()
  const api = useApi()
  const { state, title, asker } = useOpenRecord()
  const back = `/records/${state.id}`
  // Core shows them to whoever holds the record.
  const mine = state.assignedTo === asker.person.id
  const assignment = useAssignment(state.id)
  const found = useKept<EventDocument[]>(
    ['record', 'duplicates', state.id],
    async () => {
      const params = { path: { eventId: state.id } }
      return (await api.GET('/events/{eventId}/duplicates', { params })).data ?? []
    },
    { enabled: mine },
  )
  const [chosen, setChosen] = useState<string>()
  const others = found.data?.body ?? []
  const other = others.find(({ id }) => id === chosen) ?? others[0]
  const again = () => void found.refetch()
  return (
    <Page title={t('records.duplicates.title')} subtitle={title} back={back}>
      <RecordAge />
      <HoldingNotice />
      {!mine && state.assignedTo === undefined ? (
        <EmptyState
          title={t('records.duplicates.takeFirst')}
          action={
            <Button busy={assignment.isPending} onPress={() => assignment.mutate('take')}>
              {t('records.take')}
            </Button>
          }
        />
      ) : null}
      {assignment.isError ? <ErrorState error={assignment.error} /> : null}
      {mine && found.isPending ? <Loading /> : null}
      {found.isError ? <ErrorState error={found.error} retry={again} /> : null}
      {found.data?.fromDevice ? <AgeNotice since={found.data.fetchedAt} retry={again} /> : null}
      {found.data && !other ? <EmptyState title={t('records.duplicates.none')} /> : null}
      {others.length > 1 ? (
        <RadioGroup
          label={t('records.duplicates.which')}
          options={others.map(({ id, trackingId }) => ({ value: id, label: trackingId }))}
          value={other?.id}
          onChange={setChosen}
        />
      ) : null}
      {other ? <SideBySide other={other} /> : null}
      {other ? <Decide other={other} back={back} /> : null}
    </Page>
  )
}

function Decide({ other, back }: { other: EventDocument; back: string }) {
  const t = useText()
  const [, go] = useLocation()
  const { state, asker, reach, config } = useOpenRecord()
  const [asking, setAsking] = useState<'is' | 'is-not'>()
  const { sendAll, busy, problem } = useSending(() => go(back))
  const { outbox } = useOutbox()
  const items = useOutboxItems(state.id)
  // What Core did not take because of these very records: the decision goes before it.
  const heldBack = items.filter(
    (item) => item.state.is === 'needs-attention' && item.state.problem.kind === 'duplicate',
  )
  if (!mayTake('MARK_AS_DUPLICATE', asker.scopes, asker.person, reach)) return null
  const off =
    items.length > heldBack.length ||
    !mayWorkOn(state, asker.person) ||
    !state.flags.includes('potential-duplicate')
  // Marking alone would leave it among those that are worked on.
  const mayArchive =
    actionRules(config, 'ARCHIVE') !== undefined && mayTake('ARCHIVE', asker.scopes, asker.person, reach)
  const reason = t('records.duplicates.reason', { trackingId: other.trackingId })
  const isWhat = mayArchive ? 'records.duplicates.isWhat' : 'records.duplicates.isWhatAlone'
  const confirm = async () => {
    // What Core is still asked about goes first.
    for (const { id } of heldBack) if ((await outbox?.cancel(id)) !== 'done') return
    const mark = { action: 'MARK_AS_DUPLICATE' as const, body: { content: { duplicateOf: other.id } } }
    if (asking === 'is-not')
      await sendAll(state, [{ action: 'MARK_AS_NOT_DUPLICATE', body: {} }], heldBack.map(again))
    else if (mayArchive)
      await sendAll(state, [
        { ...mark, body: { ...mark.body, keepAssignment: true } },
        { action: 'ARCHIVE', body: { declaration: {}, annotation: {}, content: { reason } } },
      ])
    else await sendAll(state, [mark])
  }
  return (
    <div className={styles.bar} data-print="no">
      <Button kind="danger" isDisabled={off} onPress={() => setAsking('is')}>
        {t('records.duplicates.is', { trackingId: other.trackingId })}
      </Button>
      <Button kind="secondary" isDisabled={off} onPress={() => setAsking('is-not')}>
        {t('records.duplicates.isNot')}
      </Button>
      <Confirm
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={
          asking === 'is'
            ? t('records.duplicates.is', { trackingId: other.trackingId })
            : t('records.duplicates.isNot')
        }
        action={t('design.confirm')}
        danger={asking === 'is'}
        busy={busy}
        onConfirm={() => void confirm()}
      >
        <p>{t(asking === 'is' ? isWhat : 'records.duplicates.isNotWhat')}</p>
        <SendingProblem>{problem}</SendingProblem>
      </Confirm>
    </div>
  )
}

/** The same submission once more, as a new one. */
const again = ({ recordId, isNew, eventType, action, assign, body, title }: OutboxItem): NewSubmission => ({
  recordId,
  isNew,
  eventType,
  action,
  assign,
  body,
  title,
})
