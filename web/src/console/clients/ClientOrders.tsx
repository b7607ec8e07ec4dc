import { useState } from 'react'
import { useLocation } from 'wouter'
import { Select } from '../../design/Field'
import { Menu } from '../../design/Menu'
import { useText } from '../../language/Language'
import { useCommand } from '../asking'
import { ReasonDialog } from '../ReasonDialog'
import type { ClientInFull } from './ClientPage'
import type { Secrets } from './Secrets'
import { isActive } from './standing'

type Order = 'rotate' | 'deactivate' | 'activate' | 'delete'

/** How long a replaced secret may go on working, in seconds; Core allows 30 days. */
const OVERLAPS = [0, 3600, 86_400, 7 * 86_400, 30 * 86_400] as const

/** What can be done with a client, each after one has read what it means. */
export function ClientOrders(props: {
  client: ClientInFull
  onSecrets: (secrets: Secrets) => void
  onEdit: () => void
}) {
  const t = useText()
  const [, go] = useLocation()
  const [asking, setAsking] = useState<Order>()
  const [overlap, setOverlap] = useState(String(OVERLAPS[2]))
  const { client } = props
  const params = { path: { id: client.id } }
  const rotate = useCommand((api, overlapSeconds: number) =>
    api.POST('/integrations/{id}/refresh-secret', { params, body: { overlapSeconds } }),
  )
  const move = useCommand((api, to: 'activate' | 'deactivate') =>
    to === 'activate'
      ? api.POST('/integrations/{id}/activate', { params, body: {} })
      : api.POST('/integrations/{id}/deactivate', { params, body: {} }),
  )
  const remove = useCommand((api, _: undefined) => api.DELETE('/integrations/{id}', { params }))
  const carryOut = async (order: Order) => {
    if (order === 'rotate') {
      const secrets = await rotate.mutateAsync(Number(overlap))
      if (secrets) props.onSecrets(secrets)
    } else if (order === 'delete') {
      await remove.mutateAsync(undefined)
      go('/console/clients', { replace: true })
    } else await move.mutateAsync(order)
  }
  const orders: Order[] = ['rotate', isActive(client) ? 'deactivate' : 'activate', 'delete']
  return (
    <>
      <Menu
        label={t('console.clients.orders')}
        choices={[
          { id: 'edit', label: t('console.clients.edit') },
          ...orders.map((order) => ({ id: order, label: t(`console.clients.${order}`) })),
        ]}
        onChoose={(id) => (id === 'edit' ? props.onEdit() : setAsking(id as Order))}
      />
      {asking ? (
        <ReasonDialog
          open
          onClose={() => setAsking(undefined)}
          title={t(`console.clients.${asking}Title`, { name: client.name })}
          action={t(`console.clients.${asking}`)}
          reason="none"
          danger={asking === 'delete' || asking === 'deactivate'}
          onOrder={() => carryOut(asking)}
        >
          <p>{t(`console.clients.${asking}Help`)}</p>
          {asking === 'rotate' ? (
            <Select
              label={t('console.clients.overlap')}
              help={t('console.clients.overlapHelp')}
              value={overlap}
              onChange={setOverlap}
              options={OVERLAPS.map((seconds) => ({
                value: String(seconds),
                label: t(`console.clients.overlap.${seconds}`),
              }))}
            />
          ) : null}
        </ReasonDialog>
      ) : null}
    </>
  )
}
