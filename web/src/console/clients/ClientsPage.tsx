import { useState } from 'react'
import { Link } from 'wouter'
import type { Schemas } from '../../api/client'
import { LinkButton } from '../../design/Button'
import { TextField } from '../../design/Field'
import { EmptyState, Tag } from '../../design/Notice'
import { Page } from '../../design/Page'
import { Table } from '../../design/Table'
import { useText } from '../../language/Language'
import { Asked, useAsked } from '../asking'
import styles from '../Console.module.css'
import { Choice } from '../FilterBar'
import { Moment } from '../Moment'
import { kindOf } from './clientScopes'
import { isActive } from './standing'
import './texts'

type Client = Schemas['SystemClient']

/** All system clients: what they may do, and when they were last here. */
export default function ClientsPage() {
  const t = useText()
  const [name, setName] = useState('')
  const [status, setStatus] = useState<string>()
  const clients = useAsked(['clients'], (api, signal) => api.GET('/integrations', { signal }))
  const fits = (client: Client) =>
    client.name.toLowerCase().includes(name.trim().toLowerCase()) &&
    (status === undefined || isActive(client) === (status === 'active'))
  return (
    <Page
      title={t('console.clients')}
      subtitle={t('console.clients.lead')}
      actions={<LinkButton href="/console/clients/new">{t('console.clients.new')}</LinkButton>}
    >
      <Asked asking={clients}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState
              title={t('console.clients.empty')}
              action={<LinkButton href="/console/clients/new">{t('console.clients.new')}</LinkButton>}
            >
              {t('console.clients.emptyHelp')}
            </EmptyState>
          ) : (
            <>
              <search className={styles.filterFields}>
                <TextField type="search" label={t('console.clients.name')} value={name} onChange={setName} />
                <Choice
                  label={t('console.clients.status')}
                  value={status}
                  onChange={setStatus}
                  options={['active', 'deactivated'].map((value) => ({
                    value,
                    label: t(`console.clients.${value}`),
                  }))}
                />
              </search>
              <ClientTable clients={all.filter(fits)} />
            </>
          )
        }
      </Asked>
    </Page>
  )
}

function ClientTable({ clients }: { clients: Client[] }) {
  const t = useText()
  if (clients.length === 0) return <EmptyState title={t('console.clients.noneLikeThat')} />
  return (
    <Table
      caption={t('console.clients')}
      rows={clients}
      rowKey={(client) => client.id}
      columns={[
        {
          id: 'name',
          label: t('console.clients.name'),
          bare: true,
          cell: (client) => <Link href={`/console/clients/${client.id}`}>{client.name}</Link>,
        },
        {
          id: 'status',
          label: t('console.clients.status'),
          cell: (client) => (
            <span>
              <Tag tone={isActive(client) ? 'good' : 'plain'}>
                {t(isActive(client) ? 'console.clients.active' : 'console.clients.deactivated')}
              </Tag>
            </span>
          ),
        },
        {
          id: 'scopes',
          label: t('console.clients.scopes'),
          cell: (client) => (
            <span className={styles.soft}>{[...new Set(client.scopes.map(kindOf))].join(', ')}</span>
          ),
        },
        {
          id: 'used',
          label: t('console.clients.lastUsed'),
          cell: (client) => (client.lastUsedAt ? <Moment at={client.lastUsedAt} /> : t('console.never')),
        },
      ]}
    />
  )
}
