import { NoAnswer, Refusal } from '../../api/errors'
import { LinkButton } from '../../design/Button'
import { Notice, Tag } from '../../design/Notice'
import { Card } from '../../design/Page'
import { sentenceOf } from '../../design/sentence'
import { useText } from '../../language/Language'
import { useAsked } from '../asking'
import styles from '../Console.module.css'
import { Moment } from '../Moment'
import { READ_DELIVERIES } from '../scopes'
import { unnamed } from '../unnamed'
import { useMay } from '../useMay'

interface Ready {
  status?: string
  refusedConfiguration?: string | null
}

/** Whether Core, its nodes and the country's systems are well. */
export function HealthCard() {
  const t = useText()
  const seesDeliveries = useMay(READ_DELIVERIES)
  const ready = useAsked(['ready'], (api, signal) => unnamed<Ready>(api, '/health/ready', { signal }), {
    live: true,
  })
  const refused = ready.data?.refusedConfiguration
  return (
    <Card title={t('console.health')}>
      <dl className={styles.facts}>
        <dt>{t('console.health.core')}</dt>
        <dd>
          {ready.error instanceof NoAnswer ? (
            <Tag tone="bad">{t('console.health.noAnswer')}</Tag>
          ) : ready.error instanceof Refusal ? (
            <Tag tone="bad">{t('console.health.notReady')}</Tag>
          ) : ready.data ? (
            <Tag tone="good">{t('console.health.ready')}</Tag>
          ) : (
            <Tag>…</Tag>
          )}
          {ready.error ? <p className={styles.soft}>{sentenceOf(ready.error, t)}</p> : null}
        </dd>
        {seesDeliveries ? <CountryAndNodes /> : null}
      </dl>
      {refused ? (
        <Notice
          tone="warn"
          title={t('console.health.refused')}
          actions={
            seesDeliveries ? (
              <LinkButton kind="secondary" size="small" href="/console/configuration">
                {t('console.health.seeRefused')}
              </LinkButton>
            ) : null
          }
        >
          {refused}
        </Notice>
      ) : null}
    </Card>
  )
}

const PEER_TONES = { up: 'good', down: 'bad', recovering: 'warn' } as const

function CountryAndNodes() {
  const t = useText()
  const health = useAsked(['health'], (api, signal) => api.GET('/system/health', { signal }), { live: true })
  const database = health.data?.database
  const summary = useAsked(['summary'], (api, signal) => api.GET('/deliveries/summary', { signal }), {
    live: true,
  })
  if (!summary.data) return null
  const { engine, nodes } = summary.data
  return (
    <>
      {database ? (
        <>
          <dt>{t('console.health.database')}</dt>
          <dd>
            <Tag tone={database.ok ? 'good' : 'bad'}>
              {t(database.ok ? 'console.health.answering' : 'console.health.noAnswer')}
            </Tag>
            {database.error ? <p className={styles.soft}>{database.error}</p> : null}
          </dd>
        </>
      ) : null}
      {engine ? (
        <>
          <dt>{t('console.health.country')}</dt>
          <dd>
            <Tag tone={PEER_TONES[engine.peer.state]}>{t(`console.health.peer.${engine.peer.state}`)}</Tag>
            {engine.peer.state !== 'up' && engine.peer.since ? (
              <p className={styles.soft}>
                {t('console.health.since')} <Moment at={engine.peer.since} />
                {engine.peer.nextProbe ? (
                  <>
                    {' · '}
                    {t('console.health.nextProbe')} <Moment at={engine.peer.nextProbe} />
                  </>
                ) : null}
              </p>
            ) : null}
            <p className={styles.soft}>
              {t('console.health.inFlight', { inFlight: engine.inFlight, limit: engine.limit })}
            </p>
          </dd>
        </>
      ) : null}
      <dt>{t('console.health.nodes')}</dt>
      <dd>
        <ul className={styles.plainList}>
          {nodes.map((node) => (
            <li key={node.node}>
              <span className={styles.row}>
                <span className={styles.mono}>{node.node}</span>
                <Tag tone={node.silent ? 'bad' : 'good'}>
                  {t(node.silent ? 'console.health.silent' : 'console.health.alive')}
                </Tag>
              </span>
              <span className={styles.soft}>
                {t('console.health.version', { version: node.version })} · {t('console.health.started')}{' '}
                <Moment at={node.startedAt} />
                {node.silent ? (
                  <>
                    {' · '}
                    {t('console.health.lastSeen')} <Moment at={node.lastSeen} />
                  </>
                ) : null}
              </span>
            </li>
          ))}
        </ul>
      </dd>
    </>
  )
}
