import { useState } from 'react'
import { Link } from 'wouter'
import { Card } from '../../design/Page'
import { Pager, Table } from '../../design/Table'
import { useText } from '../../language/Language'
import { Asked, useAsked } from '../asking'
import { AuditDetails } from '../audit/AuditDetails'
import { operationWords } from '../audit/operations'
import styles from '../Console.module.css'
import { kindWords } from '../deliveries/words'
import { Moment } from '../Moment'
import { READ_RECORDS } from '../scopes'
import { useMay } from '../useMay'

const PER_PAGE = 10

/** What somebody did to records, and what else they did. */
export function UserHistory({ userId }: { userId: string }) {
  return (
    <>
      <Actions userId={userId} />
      <Account userId={userId} />
    </>
  )
}

const queryOf = (skip: number) => ({ skip: String(skip), count: String(PER_PAGE) })

function Actions({ userId }: { userId: string }) {
  const t = useText()
  const readsRecords = useMay(READ_RECORDS)
  const [skip, setSkip] = useState(0)
  const query = queryOf(skip)
  const actions = useAsked(['user', userId, 'actions', query], (api, signal) =>
    api.GET('/users/{userId}/actions', {
      params: { path: { userId }, query },
      signal,
    }),
  )
  return (
    <Card title={t('console.users.actions')}>
      <Asked asking={actions}>
        {({ results, total }) =>
          results.length === 0 ? (
            <p className={styles.soft}>{t('console.users.noActions')}</p>
          ) : (
            <>
              <Table
                caption={t('console.users.actions')}
                rows={results}
                rowKey={(action) => action.id}
                columns={[
                  {
                    id: 'what',
                    label: t('console.what'),
                    bare: true,
                    cell: (action) => (
                      <span>
                        {kindWords(t, action.actionType)}{' '}
                        {readsRecords ? (
                          <Link href={`/records/${action.eventId}`}>{action.trackingId}</Link>
                        ) : (
                          action.trackingId
                        )}
                      </span>
                    ),
                  },
                  {
                    id: 'status',
                    label: t('console.users.outcome'),
                    cell: (action) => t(`console.users.action.${action.status}`),
                  },
                  {
                    id: 'when',
                    label: t('console.when'),
                    cell: (action) => <Moment at={action.createdAt} exact />,
                  },
                ]}
              />
              <Pager offset={skip} limit={PER_PAGE} total={total} onMove={setSkip} />
            </>
          )
        }
      </Asked>
    </Card>
  )
}

function Account({ userId }: { userId: string }) {
  const t = useText()
  const [skip, setSkip] = useState(0)
  const query = queryOf(skip)
  const audit = useAsked(['user', userId, 'audit', query], (api, signal) =>
    api.GET('/users/{userId}/audit', {
      params: { path: { userId }, query },
      signal,
    }),
  )
  return (
    <Card title={t('console.users.audit')}>
      <Asked asking={audit}>
        {({ results, total }) =>
          results.length === 0 ? (
            <p className={styles.soft}>{t('console.users.noAudit')}</p>
          ) : (
            <>
              <Table
                caption={t('console.users.audit')}
                rows={results}
                rowKey={(entry) => entry.id}
                columns={[
                  {
                    id: 'what',
                    label: t('console.what'),
                    bare: true,
                    cell: (entry) => operationWords(t, entry.operation),
                  },
                  {
                    id: 'when',
                    label: t('console.when'),
                    cell: (entry) => <Moment at={entry.createdAt} exact />,
                  },
                  {
                    id: 'details',
                    label: t('console.details'),
                    cell: (entry) => <AuditDetails details={entry.requestData ?? {}} known={userId} />,
                  },
                ]}
              />
              <Pager offset={skip} limit={PER_PAGE} total={total} onMove={setSkip} />
            </>
          )
        }
      </Asked>
    </Card>
  )
}
