import { NavigationEntry, NavigationGroup } from '../app/Navigation'
import { useText } from '../language/Language'
import { useOutbox } from './OutboxProvider'

export function OutboxNavigation({ onGo }: { onGo: () => void }) {
  const t = useText()
  const { items, waiting, attention } = useOutbox()
  return (
    <NavigationGroup>
      <NavigationEntry
        href="/outbox"
        label={t('outbox.title')}
        count={items ? waiting + attention : undefined}
        onGo={onGo}
      />
    </NavigationGroup>
  )
}
