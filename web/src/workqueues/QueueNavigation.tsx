import { NavigationEntry, NavigationGroup } from '../app/Navigation'
import { useCountryText, useText } from '../language/Language'
import { useCounts, useQueues } from './useQueues'

/** The person's workqueues with how many records wait in each. */
export function QueueNavigation({ onGo }: { onGo: () => void }) {
  const t = useText()
  const tc = useCountryText()
  const queues = useQueues()
  const { data: counts } = useCounts(queues)
  if (queues.length === 0) return null
  return (
    <NavigationGroup heading={t('workqueues.title')}>
      {queues.map(({ slug, name }) => (
        <NavigationEntry
          key={slug}
          href={`/queues/${slug}`}
          label={tc(name)}
          count={counts?.body[slug]}
          onGo={onGo}
        />
      ))}
    </NavigationGroup>
  )
}
