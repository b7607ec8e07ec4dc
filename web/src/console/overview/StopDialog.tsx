import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { Select } from '../../design/Field'
import { useText } from '../../language/Language'
import { useCommand } from '../asking'
import { KINDS, kindWords } from '../deliveries/words'
import { ReasonDialog } from '../ReasonDialog'

const ALL = '*'

/** Stops all deliveries, or one kind. */
export function StopDialog(props: { open: boolean; onClose: () => void; stopped: (string | null)[] }) {
  const t = useText()
  const [kind, setKind] = useState(ALL)
  const command = useCommand((api, order: { kind?: string; reason: string }) =>
    api.POST('/deliveries/pause', { body: order }),
  )
  const free = KINDS.filter((each) => !props.stopped.includes(each))
  return (
    <ReasonDialog
      open={props.open}
      onClose={props.onClose}
      title={t('console.stops.stopTitle')}
      action={t('console.stops.stopNow')}
      reason="required"
      danger
      onOrder={(reason) => command.mutateAsync({ reason, ...(kind === ALL ? {} : { kind }) })}
    >
      <p>{t('console.stops.stopHelp')}</p>
      <Select
        label={t('console.deliveries.kind')}
        value={kind}
        onChange={setKind}
        options={[
          { value: ALL, label: t('console.stops.all') },
          ...free.map((each) => ({ value: each, label: kindWords(t, each) })),
        ]}
      />
    </ReasonDialog>
  )
}

/** Lifts a stop. */
export function ResumeDialog(props: { pause: Schemas['Pause'] | undefined; onClose: () => void }) {
  const t = useText()
  const command = useCommand((api, order: { kind?: string; reason?: string }) =>
    api.POST('/deliveries/resume', { body: order }),
  )
  const kind = props.pause?.kind
  return (
    <ReasonDialog
      open={props.pause !== undefined}
      onClose={props.onClose}
      title={t('console.stops.resumeTitle', {
        kind: kind ? kindWords(t, kind) : t('console.stops.all'),
      })}
      action={t('console.stops.resume')}
      reason="optional"
      onOrder={(reason) => command.mutateAsync({ ...(kind ? { kind } : {}), ...(reason ? { reason } : {}) })}
    >
      <p>{t('console.stops.resumeHelp')}</p>
    </ReasonDialog>
  )
}
