import { useQueryClient } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { useText } from '../../language/Language'
import { useCommand } from '../asking'
import { ReasonDialog } from '../ReasonDialog'
import { type DeliveryFilters, wantedOf } from './deliveryFilters'
import { WantedWords } from './WantedWords'

export const foundKey = (sendingId: string) => ['console.found', sendingId]

/** Orders that all that the filters find is sent; then shows the order at work. */
export function SendAllDialog(props: {
  open: boolean
  onClose: () => void
  filters: DeliveryFilters
  count: number | undefined
  more: boolean
}) {
  const t = useText()
  const [, go] = useLocation()
  const client = useQueryClient()
  const filter = wantedOf(props.filters)
  const command = useCommand((api, reason: string) =>
    api.POST('/deliveries/sendings', { body: { filter, reason } }),
  )
  return (
    <ReasonDialog
      open={props.open}
      onClose={props.onClose}
      title={t('console.deliveries.sendAllTitle')}
      action={t('console.deliveries.sendAllNow')}
      reason="required"
      onOrder={async (reason) => {
        const sending = await command.mutateAsync(reason)
        // Core tells how many it found only now; the page of orders measures progress with it.
        if (sending?.found !== undefined) client.setQueryData(foundKey(sending.id), sending.found)
        go('/console/deliveries/sendings')
      }}
    >
      <p>{t('console.deliveries.sendAllHelp')}</p>
      <WantedWords filter={filter} />
      {props.count === undefined ? null : (
        <p>
          <strong>
            {t('console.deliveries.sendAllFound', { count: props.count, more: String(props.more) })}
          </strong>
        </p>
      )}
    </ReasonDialog>
  )
}
