import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { Button } from '../../design/Button'
import { Progress } from '../../design/Loading'
import { EmptyState, Tag, type Tone } from '../../design/Notice'
import { Card, Page } from '../../design/Page'
import { useText } from '../../language/Language'
import { Asked, useAsked, useCommand } from '../asking'
import styles from '../Console.module.css'
import { Moment } from '../Moment'
import { ReasonDialog } from '../ReasonDialog'
import { MANAGE_DELIVERIES } from '../scopes'
import { useMay } from '../useMay'
import { foundKey } from './SendAllDialog'
import './sendingTexts'
import { WantedWords } from './WantedWords'

type Sending = Schemas['Sending']

const TONES: Record<Sending['state'], Tone> = { underWay: 'info', done: 'good', stopped: 'warn' }

/** Orders to send all that a filter found: how far they have come, and a way to stop them. */
export default function SendingsPage() {
  const t = useText()
  const mayManage = useMay(MANAGE_DELIVERIES)
  const [stopping, setStopping] = useState<Sending>()
  const sendings = useAsked(['sendings'], (api, signal) => api.GET('/deliveries/sendings', { signal }), {
    live: true,
  })
  const stop = useCommand((api, order: { sendingId: string; reason: string }) =>
    api.POST('/deliveries/sendings/{sendingId}/stop', {
      params: { path: { sendingId: order.sendingId } },
      body: order.reason ? { reason: order.reason } : {},
    }),
  )
  return (
    <Page
      back="/console/deliveries"
      title={t('console.deliveries.sendings')}
      subtitle={t('console.sendings.lead')}
    >
      <Asked asking={sendings}>
        {(found) =>
          found.length === 0 ? (
            <EmptyState title={t('console.sendings.empty')}>{t('console.sendings.emptyHelp')}</EmptyState>
          ) : (
            <ul className={styles.list}>
              {found.map((sending) => (
                <li key={sending.id}>
                  <Card>
                    <OneSending
                      sending={sending}
                      onStop={mayManage ? () => setStopping(sending) : undefined}
                    />
                  </Card>
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
      <ReasonDialog
        open={stopping !== undefined}
        onClose={() => setStopping(undefined)}
        title={t('console.sendings.stopTitle')}
        action={t('console.sendings.stop')}
        reason="optional"
        onOrder={(reason) => stop.mutateAsync({ sendingId: stopping?.id ?? '', reason })}
      >
        <p>{t('console.sendings.stopHelp')}</p>
      </ReasonDialog>
    </Page>
  )
}

function OneSending({ sending, onStop }: { sending: Sending; onStop: (() => void) | undefined }) {
  const t = useText()
  // Known only to the desk that gave the order.
  const found = useQueryClient().getQueryData<number>(foundKey(sending.id))
  return (
    <div className={styles.stack}>
      <div className={`${styles.row} ${styles.between}`}>
        <span className={styles.row}>
          <Tag tone={TONES[sending.state] ?? 'plain'}>{t(`console.sendings.${sending.state}`)}</Tag>
          <span>
            {t('console.sendings.given', { who: sending.byName ?? sending.by })}{' '}
            <Moment at={sending.startedAt} />
          </span>
        </span>
        {sending.state === 'underWay' && onStop ? (
          <Button kind="secondary" size="small" onPress={onStop}>
            {t('console.sendings.stop')}
          </Button>
        ) : null}
      </div>
      {sending.reason ? <p>{sending.reason}</p> : null}
      <WantedWords filter={sending.filter} />
      {found && sending.state === 'underWay' ? (
        <Progress label={t('console.sendings.progress')} value={Math.min(1, sending.lookedAt / found)} />
      ) : null}
      <p className={styles.soft}>
        {t('console.sendings.numbers', { lookedAt: sending.lookedAt, sent: sending.sent })}
        {sending.endedAt ? (
          <>
            {' · '}
            {t('console.sendings.ended')} <Moment at={sending.endedAt} />
          </>
        ) : null}
      </p>
      {sending.error ? <p>{sending.error}</p> : null}
    </div>
  )
}
