import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { Button } from '../../design/Button'
import { Notice } from '../../design/Notice'
import { useText } from '../../language/Language'
import { useAsked } from '../asking'
import { Moment } from '../Moment'
import { ResumeDialog } from '../overview/StopDialog'
import '../overview/texts'
import { MANAGE_DELIVERIES } from '../scopes'
import { useMay } from '../useMay'
import { kindWords } from './words'

/** What operators have stopped: nobody should wonder why nothing is sent. */
export function StopsNotice() {
  const t = useText()
  const mayManage = useMay(MANAGE_DELIVERIES)
  const [resuming, setResuming] = useState<Schemas['Pause']>()
  const summary = useAsked(['summary'], (api, signal) => api.GET('/deliveries/summary', { signal }), {
    live: true,
  })
  return (
    <>
      {(summary.data?.pauses ?? []).map((pause) => (
        <Notice
          key={pause.kind ?? '*'}
          tone="warn"
          title={t('console.stops.isStopped', {
            what: pause.kind ? kindWords(t, pause.kind) : t('console.stops.all'),
          })}
          actions={
            mayManage ? (
              <Button kind="secondary" size="small" onPress={() => setResuming(pause)}>
                {t('console.stops.resume')}
              </Button>
            ) : null
          }
        >
          {pause.byName ?? pause.by} · <Moment at={pause.since} />
          {pause.reason ? ` · ${pause.reason}` : ''}
        </Notice>
      ))}
      <ResumeDialog pause={resuming} onClose={() => setResuming(undefined)} />
    </>
  )
}
