import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { Button, LinkButton } from '../../design/Button'
import { Tag } from '../../design/Notice'
import { Card } from '../../design/Page'
import { useText } from '../../language/Language'
import styles from '../Console.module.css'
import { kindWords } from '../deliveries/words'
import { Moment } from '../Moment'
import { MANAGE_DELIVERIES } from '../scopes'
import { useMay } from '../useMay'
import { ResumeDialog, StopDialog } from './StopDialog'

type Summary = Schemas['DeliverySummary']

/** What is left alone: by Core because it keeps failing, by operators because they said so. Orders that go on. */
export function BreakersCard({ summary }: { summary: Summary }) {
  const t = useText()
  const mayManage = useMay(MANAGE_DELIVERIES)
  const [stopping, setStopping] = useState(false)
  const [resuming, setResuming] = useState<Schemas['Pause']>()
  const breakers = summary.engine?.breakers ?? []
  const underWay = summary.sendings.filter((sending) => sending.state === 'underWay')
  return (
    <div className={styles.cards}>
      <Card title={t('console.breakers')}>
        {breakers.length === 0 ? (
          <p className={styles.soft}>{t('console.breakers.none')}</p>
        ) : (
          <ul className={styles.plainList}>
            {breakers.map((breaker) => (
              <li key={breaker.kind}>
                <span className={styles.row}>
                  <strong>{kindWords(t, breaker.kind)}</strong>
                  <Tag tone={breaker.state === 'open' ? 'bad' : 'warn'}>
                    {t(`console.breakers.${breaker.state}`)}
                  </Tag>
                </span>
                <p>{breaker.why}</p>
                <p className={styles.soft}>
                  {t('console.health.since')} <Moment at={breaker.since} />
                  {breaker.until ? (
                    <>
                      {' · '}
                      {t('console.breakers.until')} <Moment at={breaker.until} />
                    </>
                  ) : null}
                </p>
              </li>
            ))}
          </ul>
        )}
        <p className={styles.soft}>{t('console.breakers.help')}</p>
      </Card>
      <Card
        title={t('console.stops')}
        actions={
          mayManage ? (
            <Button kind="secondary" size="small" onPress={() => setStopping(true)}>
              {t('console.stops.stop')}
            </Button>
          ) : null
        }
      >
        {summary.pauses.length === 0 ? (
          <p className={styles.soft}>{t('console.stops.none')}</p>
        ) : (
          <ul className={styles.plainList}>
            {summary.pauses.map((pause) => (
              <li key={pause.kind ?? '*'} className={`${styles.row} ${styles.between}`}>
                <span>
                  <strong>{pause.kind ? kindWords(t, pause.kind) : t('console.stops.all')}</strong>
                  {pause.reason ? <p>{pause.reason}</p> : null}
                  <p className={styles.soft}>
                    {pause.byName ?? pause.by} · <Moment at={pause.since} />
                  </p>
                </span>
                {mayManage ? (
                  <Button size="small" onPress={() => setResuming(pause)}>
                    {t('console.stops.resume')}
                  </Button>
                ) : null}
              </li>
            ))}
          </ul>
        )}
        {underWay.length > 0 ? (
          <p>
            <LinkButton kind="quiet" size="small" href="/console/deliveries/sendings">
              {t('console.stops.sendings', { count: underWay.length })}
            </LinkButton>
          </p>
        ) : null}
      </Card>
      <StopDialog
        open={stopping}
        onClose={() => setStopping(false)}
        stopped={summary.pauses.map((pause) => pause.kind ?? null)}
      />
      <ResumeDialog pause={resuming} onClose={() => setResuming(undefined)} />
    </div>
  )
}
