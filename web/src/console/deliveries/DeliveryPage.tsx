import { useState } from 'react'
import { Link, useParams } from 'wouter'
import type { Schemas } from '../../api/client'
import { Button, LinkButton } from '../../design/Button'
import { Notice, Tag } from '../../design/Notice'
import { Card, Facts, Page } from '../../design/Page'
import { type Text, useText } from '../../language/Language'
import { Asked, useAsked, useCommand } from '../asking'
import styles from '../Console.module.css'
import { Moment, NextAttempt } from '../Moment'
import { ReasonDialog } from '../ReasonDialog'
import { AUDIT, MANAGE_DELIVERIES } from '../scopes'
import { useMay } from '../useMay'
import { Attempts } from './Attempts'
import './texts'
import { kindWords, outcomeWords, stateWords, toneOf } from './words'

type InFull = Schemas['DeliveryInFull']

/** One delivery: where it stands, every attempt, and what an operator can do about it. */
export default function DeliveryPage() {
  const t = useText()
  const { deliveryId = '' } = useParams<{ deliveryId: string }>()
  const delivery = useAsked(
    ['delivery', deliveryId],
    (api, signal) => api.GET('/deliveries/{deliveryId}', { params: { path: { deliveryId } }, signal }),
    { live: true },
  )
  const data = delivery.data
  const seesTrail = useMay(AUDIT)
  return (
    <Page
      back="/console/deliveries"
      title={data ? t('console.deliveries.one', { kind: kindWords(t, data.kind) }) : t('console.deliveries')}
      subtitle={data ? <Tag tone={toneOf(data)}>{stateWords(t, data.state)}</Tag> : null}
      actions={data ? <Sending delivery={data} /> : null}
    >
      <Asked asking={delivery}>
        {(found) => (
          <>
            <Standing delivery={found} />
            <Card>
              <Facts facts={factsOf(found, t, seesTrail)} />
            </Card>
            <Card title={t('console.deliveries.timeline')}>
              <Attempts attempts={found.timeline ?? []} />
            </Card>
          </>
        )}
      </Asked>
    </Page>
  )
}

function factsOf(delivery: InFull, t: Text, seesTrail: boolean) {
  const code = (text: string) => <span className={styles.mono}>{text}</span>
  return [
    { name: t('console.deliveries.begun'), value: <Moment at={delivery.createdAt} exact /> },
    ...(delivery.finishedAt
      ? [{ name: t('console.deliveries.finished'), value: <Moment at={delivery.finishedAt} exact /> }]
      : []),
    ...(delivery.state === 'queued' && delivery.dueAt
      ? [{ name: t('console.deliveries.next'), value: <NextAttempt at={delivery.dueAt} exact /> }]
      : []),
    ...(delivery.expiresAt
      ? [{ name: t('console.deliveries.expires'), value: <Moment at={delivery.expiresAt} exact /> }]
      : []),
    { name: t('console.deliveries.attemptCount'), value: delivery.attempts },
    ...(delivery.lastOutcome
      ? [{ name: t('console.deliveries.outcome'), value: outcomeWords(t, delivery.lastOutcome) }]
      : []),
    ...(delivery.eventType ? [{ name: t('console.deliveries.event'), value: delivery.eventType }] : []),
    ...(delivery.eventId
      ? [
          {
            name: t('console.deliveries.record'),
            value: seesTrail ? (
              <Link href={`/console/audit?event=${delivery.eventId}`}>{code(delivery.eventId)}</Link>
            ) : (
              code(delivery.eventId)
            ),
          },
        ]
      : []),
    ...(delivery.actionId ? [{ name: t('console.deliveries.action'), value: code(delivery.actionId) }] : []),
    { name: t('console.deliveries.id'), value: code(delivery.id) },
    { name: t('console.deliveries.correlation'), value: code(delivery.correlation) },
  ]
}

/** What keeps it, where something does. */
function Standing({ delivery }: { delivery: InFull }) {
  const t = useText()
  return (
    <>
      {delivery.paused ? <Notice tone="warn">{t('console.deliveries.isPaused')}</Notice> : null}
      {delivery.waitsFor ? (
        <Notice
          actions={
            <LinkButton kind="secondary" size="small" href={`/console/deliveries/${delivery.waitsFor}`}>
              {t('console.deliveries.toFirst')}
            </LinkButton>
          }
        >
          {t('console.deliveries.waitsFor')}
        </Notice>
      ) : null}
      {delivery.awaitsDecision && delivery.actionId ? (
        <Notice
          actions={
            <LinkButton kind="secondary" size="small" href={`/console/pending/${delivery.actionId}`}>
              {t('console.deliveries.toPending')}
            </LinkButton>
          }
        >
          {t(delivery.state === 'delivered' ? 'console.deliveries.awaits' : 'console.deliveries.mayDecide')}
        </Notice>
      ) : null}
    </>
  )
}

/** Sends it, at once or once more, and says what came of that. */
function Sending({ delivery }: { delivery: InFull }) {
  const t = useText()
  const may = useMay(MANAGE_DELIVERIES)
  const [asking, setAsking] = useState<'send' | 'resend'>()
  const command = useCommand((api, order: { as: 'send' | 'resend'; reason: string }) => {
    const given = {
      params: { path: { deliveryId: delivery.id } },
      body: order.reason ? { reason: order.reason } : {},
    }
    return order.as === 'send'
      ? api.POST('/deliveries/{deliveryId}/send', given)
      : api.POST('/deliveries/{deliveryId}/resend', given)
  })
  if (!may) return null
  const sent = command.data
  const waits = delivery.state === 'queued'
  const askAgain = delivery.awaitsDecision === true && delivery.state === 'delivered'
  return (
    <>
      {sent ? (
        <Notice tone="good" live>
          {[
            t(`console.deliveries.sent.${sent.outcome}`),
            sent.paused ? t('console.deliveries.sent.paused') : '',
            sent.waitsFor ? t('console.deliveries.sent.waits') : '',
          ]
            .filter(Boolean)
            .join(' ')}
        </Notice>
      ) : null}
      {waits ? <Button onPress={() => setAsking('send')}>{t('console.deliveries.send')}</Button> : null}
      {askAgain ? (
        <Button kind="secondary" onPress={() => setAsking('resend')}>
          {t('console.deliveries.resend')}
        </Button>
      ) : null}
      <ReasonDialog
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={t(`console.deliveries.${asking ?? 'send'}`)}
        action={t(`console.deliveries.${asking ?? 'send'}`)}
        reason="optional"
        onOrder={(reason) => command.mutateAsync({ as: asking ?? 'send', reason })}
      >
        <p>{t(`console.deliveries.${asking ?? 'send'}Help`)}</p>
      </ReasonDialog>
    </>
  )
}
