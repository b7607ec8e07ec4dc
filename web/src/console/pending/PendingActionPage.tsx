import { useState } from 'react'
import { useParams } from 'wouter'
import type { Schemas } from '../../api/client'
import { Refusal } from '../../api/errors'
import { LinkButton } from '../../design/Button'
import { Notice, Tag } from '../../design/Notice'
import { Card, Facts, Page } from '../../design/Page'
import { type Text, useText } from '../../language/Language'
import { type People, usePeople } from '../../records/people'
import { Asked, useAsked } from '../asking'
import styles from '../Console.module.css'
import { Attempts } from '../deliveries/Attempts'
import { kindWords, stateWords } from '../deliveries/words'
import { Duration, Moment, NextAttempt } from '../Moment'
import { AUDIT, READ_RECORDS } from '../scopes'
import { useMay } from '../useMay'
import { Decisions } from './Decisions'
import { ALERT_TONES } from './PendingPage'
import { RecordHistory } from './RecordHistory'
import './texts'

type PendingAction = Schemas['PendingAction']

/** One action that waits: how it stands, what was tried, what was done, and what an operator can do. */
export default function PendingActionPage() {
  const t = useText()
  const { actionId = '' } = useParams<{ actionId: string }>()
  // What came of an order stays readable once the action waits no more.
  const [said, setSaid] = useState<string>()
  const pending = useAsked(
    ['pending', 'one', actionId],
    (api, signal) => api.GET('/pending-actions/{actionId}', { params: { path: { actionId } }, signal }),
    { live: said === undefined },
  )
  const people = usePeople([pending.data?.requestedBy])
  const seesTrail = useMay(AUDIT)
  const readsRecords = useMay(READ_RECORDS)
  const data = pending.data
  const over = pending.error instanceof Refusal && [404, 409].includes(pending.error.status)
  return (
    <Page
      back="/console/pending"
      title={
        data
          ? t('console.pending.one', { action: kindWords(t, data.actionType), record: data.trackingId })
          : t('console.pending')
      }
      subtitle={
        data && !over ? (
          <Tag tone={ALERT_TONES[data.alert]}>{t(`console.pending.alert.${data.alert}`)}</Tag>
        ) : null
      }
      actions={
        data && readsRecords ? (
          <LinkButton kind="secondary" href={`/records/${data.eventId}`}>
            {t('console.toRecord')}
          </LinkButton>
        ) : null
      }
    >
      {said ? (
        <Notice tone="good" live>
          {said}
        </Notice>
      ) : null}
      {over && !said ? <Decided refusal={pending.error as Refusal} /> : null}
      {over && !data ? null : (
        <Asked asking={over || said ? { ...pending, error: undefined } : pending}>
          {(action) => (
            <>
              {over ? null : <Decisions action={action} onDone={setSaid} />}
              <Card>
                <Facts facts={factsOf(action, t, people)} />
              </Card>
              <Card
                title={t('console.pending.history')}
                actions={
                  seesTrail ? (
                    <LinkButton kind="secondary" size="small" href={`/console/audit?event=${action.eventId}`}>
                      {t('console.pending.toAudit')}
                    </LinkButton>
                  ) : null
                }
              >
                <RecordHistory eventId={action.eventId} />
              </Card>
              <Card
                title={t('console.pending.delivery')}
                actions={
                  action.delivery ? (
                    <LinkButton
                      kind="secondary"
                      size="small"
                      href={`/console/deliveries/${action.delivery.id}`}
                    >
                      {t('console.pending.toDelivery')}
                    </LinkButton>
                  ) : null
                }
              >
                <Attempts attempts={action.attempts ?? []} />
              </Card>
            </>
          )}
        </Asked>
      )}
    </Page>
  )
}

/** How an action was decided that waits no more, as Core's refusal tells. */
function Decided({ refusal }: { refusal: Refusal }) {
  const t = useText()
  const { resolution, resolvedBy, resolvedAt, reason } = refusal.details as Partial<Schemas['Resolved']>
  const people = usePeople([resolvedBy])
  return (
    <Notice title={t('console.pending.decided')}>
      {resolution ? (
        <>
          <p>
            {t(`console.pending.resolved.${resolution}`)} {people.name(resolvedBy)}
            {' · '}
            <Moment at={resolvedAt} exact />
          </p>
          {reason ? <p>{reason}</p> : null}
        </>
      ) : (
        refusal.message
      )}
    </Notice>
  )
}

function factsOf(action: PendingAction, t: Text, people: People) {
  const { delivery } = action
  return [
    { name: t('console.pending.age'), value: <Duration seconds={action.ageSeconds} /> },
    { name: t('console.pending.requestedAt'), value: <Moment at={action.requestedAt} exact /> },
    ...(action.requestedBy
      ? [{ name: t('console.pending.requestedBy'), value: people.name(action.requestedBy) }]
      : []),
    { name: t('console.pending.dueAt'), value: <Moment at={action.dueAt} exact /> },
    {
      name: t('console.pending.deadline'),
      value: action.deadline ? <Moment at={action.deadline} exact /> : t('console.pending.noDeadline'),
    },
    ...(action.whenPassed
      ? [
          {
            name: t('console.pending.whenPassed'),
            value: t(`console.pending.passed.${action.whenPassed}`),
          },
        ]
      : []),
    { name: t('console.pending.delivered'), value: t(`console.pending.delivered.${action.delivered}`) },
    ...(delivery && !action.delivered
      ? [
          { name: t('console.deliveries.state'), value: stateWords(t, delivery.state) },
          ...(delivery.nextAttemptAt
            ? [
                {
                  name: t('console.deliveries.next'),
                  value: <NextAttempt at={delivery.nextAttemptAt} exact />,
                },
              ]
            : []),
        ]
      : []),
    { name: t('console.pending.event'), value: action.eventType },
    {
      name: t('console.pending.transaction'),
      value: <span className={styles.mono}>{action.transactionId}</span>,
    },
  ]
}
