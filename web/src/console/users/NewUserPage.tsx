import { useLocation } from 'wouter'
import type { Schemas } from '../../api/client'
import { Card, Page } from '../../design/Page'
import { useText } from '../../language/Language'
import { useCommand } from '../asking'
import './texts'
import { UserForm } from './UserForm'

/** Makes an account; its owner is invited and sets it up. */
export default function NewUserPage() {
  const t = useText()
  const [, go] = useLocation()
  const create = useCommand(
    (api, person: Schemas['NewPerson']) => api.POST('/users', { body: person }),
    (user) => go(user ? `/console/users/${user.id}` : '/console/users'),
  )
  return (
    <Page back="/console/users" title={t('console.users.new')} subtitle={t('console.users.newLead')} narrow>
      <Card>
        <UserForm
          action={t('console.users.create')}
          busy={create.isPending}
          error={create.error}
          onSubmit={(person) => create.mutate(person)}
          onCancel={() => go('/console/users')}
        />
      </Card>
    </Page>
  )
}
