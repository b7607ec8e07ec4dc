import { NavigationEntry, NavigationGroup } from '../app/Navigation'
import { useText } from '../language/Language'
import { useScope } from '../session/SessionContext'

export function SearchNavigation({ onGo }: { onGo: () => void }) {
  const t = useText()
  const may = useScope('record.search')
  if (!may) return null
  return (
    <NavigationGroup>
      <NavigationEntry href="/search" label={t('search.title')} onGo={onGo} />
    </NavigationGroup>
  )
}
