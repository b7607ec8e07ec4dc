import { Redirect } from 'wouter'
import { useConfiguration } from '../configuration/Configuration'
import { Page } from '../design/Page'
import { useText } from '../language/Language'
import { useAccount } from '../session/SessionContext'

/** Where the day begins: the person's first workqueue, or the console for whoever has none. */
export function HomePage() {
  const t = useText()
  const { name, scopes } = useAccount()
  const { workqueues } = useConfiguration()
  const allowed = scopes.flatMap((scope) => {
    const parameters = new URLSearchParams(scope)
    return parameters.get('type') === 'workqueue' ? (parameters.get('ids') ?? '').split(',') : []
  })
  const first = workqueues.find((queue) => allowed.includes(queue.slug))
  if (first) return <Redirect to={`/queues/${first.slug}`} replace />
  if (scopes.some((scope) => scope.includes('integration.create') || scope.includes('user.create')))
    return <Redirect to="/console" replace />
  return (
    <Page title={t('app.welcome', { name: name.firstname })}>
      <p>{t('app.nothingHere')}</p>
    </Page>
  )
}
