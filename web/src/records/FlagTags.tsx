import type { EventConfig } from '../configuration/types'
import { Tag, type Tone } from '../design/Notice'
import { useCountryText, useText } from '../language/Language'
import { INHERENT_FLAGS } from './flags'

/** The flags of a record in words: the country's own as it calls them, ours for those that every record has. */
export function FlagTags({ flags, config }: { flags: readonly string[]; config: EventConfig | undefined }) {
  const t = useText()
  const tc = useCountryText()
  const shown = flags.map((flag) => {
    const own = config?.flags?.find(({ id }) => id === flag)
    if (own) return { flag, tone: (own.requiresAction ? 'warn' : 'info') as Tone, text: tc(own.label) }
    if ((INHERENT_FLAGS as readonly string[]).includes(flag))
      return { flag, tone: 'warn' as Tone, text: t(`records.flag.${flag}`) }
    const [action = '', outcome = ''] = flag.split(':')
    const named = t(`records.deed.${action.toUpperCase()}`)
    return outcome === 'requested'
      ? { flag, tone: 'info' as Tone, text: t('records.waitsFor', { action: named }) }
      : { flag, tone: 'bad' as Tone, text: t('records.wasRefused', { action: named }) }
  })
  return shown.map(({ flag, tone, text }) => (
    <Tag key={flag} tone={tone}>
      {text}
    </Tag>
  ))
}
