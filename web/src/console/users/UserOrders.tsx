import { useState } from 'react'
import { Menu } from '../../design/Menu'
import { useText } from '../../language/Language'
import { useAccount } from '../../session/SessionContext'
import { useCommand } from '../asking'
import { ReasonDialog } from '../ReasonDialog'
import { nameOf, type User } from './words'

const ORDERS = ['resend-invite', 'username-reminder', 'reset-password', 'deactivate', 'reactivate'] as const
type Order = (typeof ORDERS)[number]

/** What Core does for an account in this state. */
function isPossible(order: Order, { status }: User): boolean {
  if (order === 'resend-invite') return status === 'pending'
  if (order === 'reactivate') return status === 'deactivated'
  return status !== 'deactivated'
}

/** What an administrator can do with somebody's account, each after having read what it means. */
export function UserOrders(props: { user: User; onEdit: () => void; onSaid: (said: string) => void }) {
  const t = useText()
  const account = useAccount()
  const [asking, setAsking] = useState<Order>()
  const { user } = props
  const params = { path: { userId: user.id } }
  const command = useCommand<{ order: Order; reason: string }, unknown>((api, { order, reason }) => {
    switch (order) {
      case 'resend-invite':
        return api.POST('/users/{userId}/resend-invite', { params, body: {} })
      case 'username-reminder':
        return api.POST('/users/{userId}/username-reminder', { params, body: {} })
      case 'reset-password':
        return api.POST('/users/{userId}/reset-password', { params, body: {} })
      case 'deactivate':
        return api.POST('/users/{userId}/deactivate', { params, body: { reason } })
      case 'reactivate':
        return api.POST('/users/{userId}/reactivate', { params, body: { reason } })
    }
  })
  // Whoever shuts their own account shuts themselves out.
  const own = user.id === account.userId
  const possible = ORDERS.filter(
    (order) => isPossible(order, user) && !(own && (order === 'deactivate' || order === 'reset-password')),
  )
  return (
    <>
      <Menu
        label={t('console.users.orders')}
        choices={[
          { id: 'edit', label: t('console.edit') },
          ...possible.map((order) => ({ id: order, label: t(`console.users.${order}`) })),
        ]}
        onChoose={(id) => (id === 'edit' ? props.onEdit() : setAsking(id as Order))}
      />
      {asking ? (
        <ReasonDialog
          open
          onClose={() => setAsking(undefined)}
          title={t(`console.users.${asking}Title`, { name: nameOf(user) })}
          action={t(`console.users.${asking}`)}
          reason={asking === 'deactivate' || asking === 'reactivate' ? 'required' : 'none'}
          danger={asking === 'deactivate' || asking === 'reset-password'}
          onOrder={async (reason) => {
            await command.mutateAsync({ order: asking, reason })
            props.onSaid(t(`console.users.${asking}Done`))
          }}
        >
          <p>{t(`console.users.${asking}Help`)}</p>
        </ReasonDialog>
      ) : null}
    </>
  )
}
