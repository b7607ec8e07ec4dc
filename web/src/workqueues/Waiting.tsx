// What the records of a queue wait for, and for how long.
import { useConfiguration } from '../configuration/Configuration'
import type { Column } from '../design/Table'
import { useNow } from '../device/world'
import { useCountryText, useFormats, useText } from '../language/Language'
import type { EventState } from '../records/eventState'
import { waitingAction } from '../records/flags'
import { actionRules } from '../records/rules'

interface Waits {
  type: string
  customActionType?: string | null | undefined
  /** Not known of a record that Core has not gone through since it can tell. */
  requestedAt?: string
}

export function waitsOf({ pendingActions, flags }: Pick<EventState, 'pendingActions' | 'flags'>): Waits[] {
  if (pendingActions) return pendingActions
  return flags.flatMap((flag) => {
    const type = waitingAction(flag)
    return type ? [{ type }] : []
  })
}

/** A column about it where any of the records waits; none otherwise. */
export function useWaiting(records: EventState[]): Column<EventState>[] {
  const t = useText()
  const tc = useCountryText()
  const formats = useFormats()
  const { events } = useConfiguration()
  const now = useNow()
  if (!records.some((record) => waitsOf(record).length > 0)) return []
  const nameOf = ({ type }: EventState, waits: Waits) => {
    const config = events.find(({ id }) => id === type)
    const own = waits.customActionType && config && actionRules(config, 'CUSTOM', waits.customActionType)
    return (own && tc(own.label)) || t(`records.deed.${waits.type}`)
  }
  return [
    {
      id: 'waits',
      label: t('workqueues.waits'),
      cell: (record) =>
        waitsOf(record).map((waits) => {
          const action = nameOf(record, waits)
          const { requestedAt: at } = waits
          if (!at) return <div key={action}>{action}</div>
          const ago = formats.ago(Date.parse(at), now)
          return (
            <div key={`${action} ${at}`}>
              <time dateTime={at} title={formats.dateTime(at)}>
                {t('workqueues.waitsFor', { action, ago })}
              </time>
            </div>
          )
        }),
    },
  ]
}
