import { Link } from 'wouter'
import { useConfiguration } from '../../configuration/Configuration'
import { EmptyState } from '../../design/Notice'
import { Card, Page } from '../../design/Page'
import { useCountryText, useText } from '../../language/Language'
import { useAsked } from '../asking'
import styles from '../Console.module.css'
import { ScopeList } from './ScopeList'
import './texts'

/** The country's roles: how many people have each, and what it lets them do. Also without a network. */
export default function RolesPage() {
  const t = useText()
  const tc = useCountryText()
  const { roles } = useConfiguration()
  const query = { sortBy: 'surname' }
  const users = useAsked(['users', query], (api, signal) => api.GET('/users', { params: { query }, signal }))
  const holders = (role: string): number | undefined =>
    users.data?.filter((user) => user.role === role).length
  return (
    <Page title={t('console.roles')} subtitle={t('console.roles.lead')} back="/console/users">
      {roles.length === 0 ? <EmptyState title={t('console.roles.none')} /> : null}
      <ul className={styles.list}>
        {roles.map((role) => (
          <li key={role.id} id={role.id}>
            <Card title={tc(role.label)}>
              <p className={styles.row}>
                <span className={`${styles.soft} ${styles.mono}`}>{role.id}</span>
                {holders(role.id) === undefined ? null : (
                  <Link href={`/console/users?role=${encodeURIComponent(role.id)}`}>
                    {t('console.roles.holders', { count: holders(role.id) ?? 0 })}
                  </Link>
                )}
              </p>
              <details>
                <summary>{t('console.roles.mayDo', { count: role.scopes.length })}</summary>
                <ScopeList scopes={role.scopes} />
              </details>
            </Card>
          </li>
        ))}
      </ul>
    </Page>
  )
}
