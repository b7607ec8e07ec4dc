import { lazy, type ReactNode, Suspense } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { LinkButton } from '../design/Button'
import { Loading } from '../design/Loading'
import { Page } from '../design/Page'
import { useText } from '../language/Language'
import { hasScope, useAccount } from '../session/SessionContext'
import { Broken } from './Broken'
import { HomePage } from './HomePage'
import { parts } from './parts'

const SettingsPage = lazy(() => import('./SettingsPage'))

/** All pages of the desk, each loaded when it is first gone to (and kept offline from the start). */
export function Pages() {
  const t = useText()
  const [location] = useLocation()
  return (
    <Broken key={location}>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/" component={HomePage} />
          <Route path="/settings" component={SettingsPage} />
          {parts.flatMap((part) =>
            part.routes.map(({ path, page: Content, scopes }) => (
              <Route key={path} path={path}>
                <Allowed scopes={scopes}>
                  <Content />
                </Allowed>
              </Route>
            )),
          )}
          <Route>
            <Nothing title={t('app.notFound')} />
          </Route>
        </Switch>
      </Suspense>
    </Broken>
  )
}

function Allowed({ scopes, children }: { scopes: string[] | undefined; children: ReactNode }) {
  const t = useText()
  const account = useAccount()
  if (scopes && !scopes.some((scope) => hasScope(account.scopes, scope)))
    return <Nothing title={t('app.notForYou')} />
  return children
}

/** A page all the same: with a title, in its tab too, and for whoever hears it. */
function Nothing({ title }: { title: string }) {
  const t = useText()
  return (
    <Page title={title}>
      <p>
        <LinkButton href="/">{t('app.home')}</LinkButton>
      </p>
    </Page>
  )
}
