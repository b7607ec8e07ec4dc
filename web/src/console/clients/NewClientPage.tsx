import { useState } from 'react'
import { useLocation } from 'wouter'
import { Button, LinkButton } from '../../design/Button'
import { TextField } from '../../design/Field'
import { Card, Page } from '../../design/Page'
import { useText } from '../../language/Language'
import { useCommand } from '../asking'
import styles from '../Console.module.css'
import { Failure } from '../Failure'
import { problemsIn } from '../problems'
import { type ChosenScopes, scopesOf } from './clientScopes'
import { ScopeChoice } from './ScopeChoice'
import { SecretsDialog } from './Secrets'
import './texts'

/** Makes a system client, and shows its secret. */
export default function NewClientPage() {
  const t = useText()
  const [, go] = useLocation()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<ChosenScopes>({ kinds: [], events: [], further: [] })
  const [tried, setTried] = useState(false)
  const create = useCommand((api, body: { name: string; scopes: string[] }) =>
    api.POST('/integrations', { body }),
  )
  const scopes = scopesOf(chosen)
  const problems = problemsIn(create.error)?.byField ?? {}
  const submit = () => {
    setTried(true)
    if (name.trim() && scopes.length > 0 && !create.isPending) create.mutate({ name: name.trim(), scopes })
  }
  return (
    <Page back="/console/clients" title={t('console.clients.new')} narrow>
      <form
        className={styles.stack}
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Card>
          <TextField
            label={t('console.clients.name')}
            help={t('console.clients.nameHelp')}
            value={name}
            onChange={setName}
            required
            autoComplete="off"
            problem={tried && !name.trim() ? t('console.clients.nameNeeded') : problems.name}
          />
        </Card>
        <Card title={t('console.clients.mayDo')}>
          <p className={styles.soft}>{t('console.clients.mayDoHelp')}</p>
          <ScopeChoice
            value={chosen}
            onChange={setChosen}
            problem={tried && scopes.length === 0 ? t('console.clients.scopeNeeded') : problems.scopes}
          />
        </Card>
        <Failure error={create.error} shown={['name', 'scopes']} />
        <div className={styles.row}>
          <Button type="submit" busy={create.isPending}>
            {t('console.clients.create')}
          </Button>
          <LinkButton kind="secondary" href="/console/clients">
            {t('design.cancel')}
          </LinkButton>
        </div>
      </form>
      <SecretsDialog
        secrets={create.data}
        onClose={() => go(create.data ? `/console/clients/${create.data.clientId}` : '/console/clients')}
      />
    </Page>
  )
}
