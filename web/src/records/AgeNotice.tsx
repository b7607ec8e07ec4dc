import { Button } from '../design/Button'
import { Notice } from '../design/Notice'
import { useNow } from '../device/world'
import { useFormats, useText } from '../language/Language'

/** Says that what is shown is from the device, and how old it is. */
export function AgeNotice({ since, retry }: { since: number; retry: () => void }) {
  const t = useText()
  const formats = useFormats()
  const now = useNow()
  return (
    <Notice
      tone="warn"
      actions={
        <Button kind="secondary" size="small" onPress={retry}>
          {t('design.retry')}
        </Button>
      }
    >
      {t('records.asOf', { ago: formats.ago(since, now), time: formats.dateTime(since) })}
    </Notice>
  )
}
