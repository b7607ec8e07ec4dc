import { useState } from 'react'
import { Link } from 'wouter'
import type { Schemas } from '../../api/client'
import { Button, LinkButton } from '../../design/Button'
import { EmptyState, Tag } from '../../design/Notice'
import { Page } from '../../design/Page'
import { type Column, Table } from '../../design/Table'
import { useText } from '../../language/Language'
import { Asked, useAsked } from '../asking'
import styles from '../Console.module.css'
import { Turn } from '../FilterBar'
import { Moment, NextAttempt } from '../Moment'
import { MANAGE_DELIVERIES } from '../scopes'
import { useFilters } from '../useFilters'
import { useMay } from '../useMay'
import { DeliveryFilterBar } from './DeliveryFilterBar'
import { DELIVERY_FILTERS, queryOf } from './deliveryFilters'
import { ExportMenu } from './ExportMenu'
import { SendAllDialog } from './SendAllDialog'
import './sendingTexts'
import { StopsNotice } from './StopsNotice'
import { kindWords, outcomeWords, stateWords, toneOf } from './words'

type Delivery = Schemas['Delivery']

/** Everything that Core has to tell the country, as the filters in the address narrow it. */
export default function DeliveriesPage() {
  const t = useText()
  const mayManage = useMay(MANAGE_DELIVERIES)
  const { filters, set, clear, turnTo, count } = useFilters(DELIVERY_FILTERS)
  const [sending, setSending] = useState(false)
  const query = queryOf(filters)
  const page = useAsked(
    ['deliveries', query, filters.after],
    (api, signal) =>
      api.GET('/deliveries', {
        params: { query: { ...query, count: 'true', ...(filters.after ? { after: filters.after } : {}) } },
        signal,
      }),
    { live: filters.after === undefined },
  )
  return (
    <Page
      title={t('console.deliveries')}
      subtitle={t('console.deliveries.lead')}
      actions={
        <>
          <LinkButton kind="secondary" href="/console/deliveries/sendings">
            {t('console.deliveries.sendings')}
          </LinkButton>
          <ExportMenu query={query} />
          {mayManage ? (
            <Button kind="secondary" onPress={() => setSending(true)}>
              {t('console.deliveries.sendAll')}
            </Button>
          ) : null}
        </>
      }
    >
      <StopsNotice />
      <DeliveryFilterBar filters={filters} onChange={set} count={count} onClear={clear} />
      <Asked asking={page}>
        {(data) =>
          data.deliveries.length === 0 ? (
            <EmptyState title={t('console.deliveries.empty')}>{t('console.deliveries.emptyHelp')}</EmptyState>
          ) : (
            <>
              <p className={styles.soft} role="status">
                {data.count === undefined
                  ? null
                  : t('console.deliveries.found', {
                      count: data.count,
                      more: String(data.countAtLeast ?? false),
                    })}
              </p>
              <DeliveryTable deliveries={data.deliveries} />
              <Turn after={filters.after} next={data.next} onTurn={turnTo} />
            </>
          )
        }
      </Asked>
      {mayManage ? (
        <SendAllDialog
          open={sending}
          onClose={() => setSending(false)}
          filters={filters}
          count={page.data?.count}
          more={page.data?.countAtLeast ?? false}
        />
      ) : null}
    </Page>
  )
}

function DeliveryTable({ deliveries }: { deliveries: Delivery[] }) {
  const t = useText()
  const columns: Column<Delivery>[] = [
    {
      id: 'kind',
      label: t('console.deliveries.kind'),
      bare: true,
      cell: (row) => (
        <span className={styles.named}>
          <Link href={`/console/deliveries/${row.id}`}>{kindWords(t, row.kind)}</Link>
          {row.eventType ? <span className={styles.soft}> · {row.eventType}</span> : null}
        </span>
      ),
    },
    {
      id: 'state',
      label: t('console.deliveries.state'),
      cell: (row) => (
        <span>
          <Tag tone={toneOf(row)}>{stateWords(t, row.state)}</Tag>
        </span>
      ),
    },
    {
      id: 'begun',
      label: t('console.deliveries.begun'),
      cell: (row) => <Moment at={row.createdAt} />,
    },
    {
      id: 'attempts',
      label: t('console.deliveries.attemptCount'),
      cell: (row) => row.attempts,
      number: true,
    },
    {
      id: 'outcome',
      label: t('console.deliveries.outcome'),
      cell: (row) => (
        <span>
          {row.lastOutcome ? outcomeWords(t, row.lastOutcome) : '–'}
          {row.lastError ? <span className={styles.soft}> · {row.lastError}</span> : null}
        </span>
      ),
    },
    {
      id: 'next',
      label: t('console.deliveries.next'),
      cell: (row) => (row.state === 'queued' ? <NextAttempt at={row.dueAt} /> : '–'),
    },
  ]
  return (
    <Table caption={t('console.deliveries')} columns={columns} rows={deliveries} rowKey={(row) => row.id} />
  )
}
