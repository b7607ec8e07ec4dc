import { NavigationEntry, NavigationGroup } from '../app/Navigation'
import { useText } from '../language/Language'
import { hasScope, useAccount } from '../session/SessionContext'
import * as scopes from './scopes'

const ENTRIES: { href: string; text: string; scopes: readonly string[]; deep?: boolean }[] = [
  { href: '/console', text: 'console.overview', scopes: scopes.CONSOLE },
  { href: '/console/deliveries', text: 'console.deliveries', scopes: scopes.READ_DELIVERIES, deep: true },
  { href: '/console/pending', text: 'console.pending', scopes: scopes.SEE_PENDING, deep: true },
  { href: '/console/clients', text: 'console.clients', scopes: scopes.CLIENTS, deep: true },
  { href: '/console/users', text: 'console.users', scopes: scopes.USERS, deep: true },
  { href: '/console/places', text: 'console.places', scopes: scopes.PLACES, deep: true },
  { href: '/console/audit', text: 'console.audit', scopes: scopes.AUDIT },
  { href: '/console/configuration', text: 'console.configuration', scopes: scopes.CONFIGURATION },
  { href: '/console/announcement', text: 'console.announcement', scopes: scopes.ANNOUNCE },
]

/** The console's pages that the person may open. */
export function useEntries() {
  const account = useAccount()
  return ENTRIES.filter((entry) => entry.scopes.some((scope) => hasScope(account.scopes, scope)))
}

/** Its entries, for whoever may open them. Nobody else sees so much as its heading. */
export function ConsoleNavigation({ onGo }: { onGo: () => void }) {
  const t = useText()
  const mine = useEntries()
  if (mine.length === 0) return null
  return (
    <NavigationGroup heading={t('console.heading')}>
      {mine.map((entry) => (
        <NavigationEntry
          key={entry.href}
          href={entry.href}
          label={t(entry.text)}
          onGo={onGo}
          deep={entry.deep ?? false}
        />
      ))}
    </NavigationGroup>
  )
}
