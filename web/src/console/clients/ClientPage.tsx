import { useState } from 'react'
import { useParams } from 'wouter'
import type { Schemas } from '../../api/client'
import { Notice, Tag } from '../../design/Notice'
import { Card, Facts, Page } from '../../design/Page'
import { useText } from '../../language/Language'
import { usePeople } from '../../records/people'
import { Asked, useAsked } from '../asking'
import styles from '../Console.module.css'
import { Moment } from '../Moment'
import { ScopeList } from '../roles/ScopeList'
import { ClientOrders } from './ClientOrders'
import { EditClient } from './EditClient'
import { type Secrets, SecretsDialog } from './Secrets'
import { isActive } from './standing'
import './texts'

/** What Core tells of one client alone. */
export type ClientInFull = Schemas['SystemClient'] & { replacedSecretsWorkUntil?: string[] }

/** One system client: what it may do, when it was last here, and everything that can be done with it. */
export default function ClientPage() {
  const t = useText()
  const { clientId = '' } = useParams<{ clientId: string }>()
  const [secrets, setSecrets] = useState<Secrets>()
  const [editing, setEditing] = useState(false)
  const client = useAsked<ClientInFull>(['client', clientId], (api, signal) =>
    api.GET('/integrations/{id}', { params: { path: { id: clientId } }, signal }),
  )
  const people = usePeople([client.data?.createdBy])
  const data = client.data
  return (
    <Page
      back="/console/clients"
      title={data?.name ?? t('console.clients')}
      subtitle={
        data ? (
          <Tag tone={isActive(data) ? 'good' : 'plain'}>
            {t(isActive(data) ? 'console.clients.active' : 'console.clients.deactivated')}
          </Tag>
        ) : null
      }
      actions={
        data ? <ClientOrders client={data} onSecrets={setSecrets} onEdit={() => setEditing(true)} /> : null
      }
    >
      <Asked asking={client}>
        {(found) => (
          <>
            {isActive(found) ? null : <Notice tone="warn">{t('console.clients.isShut')}</Notice>}
            <Card>
              <Facts
                facts={[
                  {
                    name: t('console.clients.id'),
                    value: <span className={styles.mono}>{found.id}</span>,
                  },
                  {
                    name: t('console.clients.lastUsed'),
                    value: found.lastUsedAt ? <Moment at={found.lastUsedAt} exact /> : t('console.never'),
                  },
                  { name: t('console.clients.created'), value: <Moment at={found.createdAt} exact /> },
                  ...(found.createdBy
                    ? [
                        {
                          name: t('console.clients.createdBy'),
                          value: byCore(found.createdBy) ? t('console.core') : people.name(found.createdBy),
                        },
                      ]
                    : []),
                  ...(found.replacedSecretsWorkUntil ?? []).map((until) => ({
                    key: until,
                    name: t('console.clients.oldSecret'),
                    value: <Moment at={until} exact />,
                  })),
                ]}
              />
            </Card>
            <Card title={t('console.clients.mayDo')}>
              <ScopeList scopes={found.scopes} />
            </Card>
            {editing ? <EditClient client={found} onClose={() => setEditing(false)} /> : null}
          </>
        )}
      </Asked>
      <SecretsDialog secrets={secrets} onClose={() => setSecrets(undefined)} />
    </Page>
  )
}

/** Whoever is no person has no id of one: the client of set-up is Core's own work. */
const byCore = (id: string): boolean => !/^[0-9a-f]{8}-/i.test(id)
