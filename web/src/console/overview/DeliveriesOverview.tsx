import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { Schemas } from '../../api/client'
import { LinkButton } from '../../design/Button'
import { Tag } from '../../design/Notice'
import { Card } from '../../design/Page'
import { Table } from '../../design/Table'
import { useFormats, useText } from '../../language/Language'
import { Asked, useAsked } from '../asking'
import styles from '../Console.module.css'
import { kindWords } from '../deliveries/words'
import { secondsBetween } from '../duration'
import { Duration, Moment } from '../Moment'
import { BarChart } from './BarChart'
import { BreakersCard } from './BreakersCard'
import { AGE_MARKS, reach, reachOfAge, roundEnd } from './scale'

type Summary = Schemas['DeliverySummary']
type Kind = Summary['kinds'][number]

/** How much waits to be delivered and since when, by kind. */
export function DeliveriesOverview() {
  const t = useText()
  const summary = useAsked(['summary'], (api, signal) => api.GET('/deliveries/summary', { signal }), {
    live: true,
  })
  return (
    <Asked asking={summary}>
      {(data) => (
        <>
          <Card
            title={t('console.deliveries')}
            actions={
              <LinkButton kind="secondary" size="small" href="/console/deliveries?state=unfinished">
                {t('console.overview.seeWaiting')}
              </LinkButton>
            }
          >
            <Depths summary={data} />
          </Card>
          <BreakersCard summary={data} />
        </>
      )}
    </Asked>
  )
}

const waitingOf = (kind: Kind): number => kind.queued + kind.leased

function Depths({ summary }: { summary: Summary }) {
  const t = useText()
  const { number, dateTime } = useFormats()
  const waiting = summary.kinds
    .filter((kind) => waitingOf(kind) > 0)
    .sort((a, b) => waitingOf(b) - waitingOf(a))
  const age = (kind: Kind): number => (kind.oldest ? secondsBetween(kind.oldest, summary.asOf) : 0)
  const end = roundEnd(waiting.map(waitingOf))
  return (
    <>
      <p>
        <span className={styles.bigNumber}>{number(summary.waiting)}</span>{' '}
        {t('console.overview.waiting', { count: summary.waiting })}
        {summary.oldest ? (
          <>
            {' · '}
            {t('console.overview.oldest')} <Duration seconds={secondsBetween(summary.oldest, summary.asOf)} />
          </>
        ) : null}
      </p>
      {waiting.length === 0 ? null : (
        <div className={styles.cards}>
          <BarChart
            title={t('console.overview.depth')}
            bars={waiting.map((kind) => ({
              id: kind.kind,
              label: <KindLink kind={kind.kind} />,
              reach: reach(waitingOf(kind), end),
              value: number(waitingOf(kind)),
              tone: kind.paused ? ('warn' as const) : undefined,
            }))}
            marks={end % 2 === 0 ? [{ at: 0.5, label: number(end / 2) }] : []}
          />
          <BarChart
            title={t('console.overview.age')}
            bars={waiting.map((kind) => ({
              id: kind.kind,
              label: kindWords(t, kind.kind),
              reach: reachOfAge(age(kind)),
              value: <Duration seconds={age(kind)} />,
              tone: age(kind) > 86_400 ? ('bad' as const) : age(kind) > 3600 ? ('warn' as const) : undefined,
            }))}
            marks={AGE_MARKS.map((mark, index) => ({
              at: reachOfAge(mark),
              label: t(`console.overview.mark${index}`),
            }))}
          />
        </div>
      )}
      <details>
        <summary>{t('console.overview.asTable')}</summary>
        <KindTable kinds={summary.kinds} />
      </details>
      <p className={styles.soft}>{t('console.asOf', { time: dateTime(summary.asOf) })}</p>
    </>
  )
}

function KindLink({ kind }: { kind: string }): ReactNode {
  const t = useText()
  return (
    <Link href={`/console/deliveries?state=unfinished&kind=${encodeURIComponent(kind)}`}>
      {kindWords(t, kind)}
    </Link>
  )
}

function KindTable({ kinds }: { kinds: Kind[] }) {
  const t = useText()
  const { number } = useFormats()
  return (
    <Table
      caption={t('console.overview.depth')}
      rowKey={(kind) => kind.kind}
      rows={kinds}
      columns={[
        {
          id: 'kind',
          label: t('console.deliveries.kind'),
          bare: true,
          cell: (kind) => (
            <span className={styles.row}>
              <KindLink kind={kind.kind} />
              {kind.paused ? <Tag tone="warn">{t('console.stops.stopped')}</Tag> : null}
            </span>
          ),
        },
        {
          id: 'queued',
          label: t('console.state.queued'),
          number: true,
          cell: (kind) => number(kind.queued),
        },
        {
          id: 'leased',
          label: t('console.state.leased'),
          number: true,
          cell: (kind) => number(kind.leased),
        },
        { id: 'oldest', label: t('console.overview.oldest'), cell: (kind) => <Moment at={kind.oldest} /> },
        {
          id: 'delivered',
          label: t('console.state.delivered'),
          number: true,
          cell: (kind) => number(kind.delivered),
        },
        {
          id: 'expired',
          label: t('console.state.expired'),
          number: true,
          cell: (kind) => number(kind.expired),
        },
      ]}
    />
  )
}
