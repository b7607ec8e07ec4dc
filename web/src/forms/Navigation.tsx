import { NavigationEntry, NavigationGroup } from '../app/Navigation'
import { useText } from '../language/Language'
import { useDrafts } from './useDrafts'

export function Navigation({ onGo }: { onGo: () => void }) {
  const t = useText()
  const { data } = useDrafts()
  // Whoever has begun nothing needs no place for it.
  if (!data || data.length === 0) return null
  return (
    <NavigationGroup>
      <NavigationEntry href="/drafts" label={t('forms.drafts')} count={data.length} onGo={onGo} />
    </NavigationGroup>
  )
}
