import { useState } from 'react'
import { useParams } from 'wouter'
import type { Schemas } from '../../api/client'
import { useConfiguration } from '../../configuration/Configuration'
import { LinkButton } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { Notice, Tag } from '../../design/Notice'
import { Card, Facts, Page } from '../../design/Page'
import { useText } from '../../language/Language'
import { usePlaces } from '../../records/places'
import { Asked, useAsked, useCommand } from '../asking'
import styles from '../Console.module.css'
import { ScopeList } from '../roles/ScopeList'
import '../roles/texts'
import { AUDIT } from '../scopes'
import { useMay } from '../useMay'
import './texts'
import { UserForm } from './UserForm'
import { UserHistory } from './UserHistory'
import { UserOrders } from './UserOrders'
import { nameOf, STATUS_TONES, type User, useRoleWords } from './words'

/** One person's account: who they are, what can be done with it, and what they did. */
export default function UserPage() {
  const t = useText()
  const roleWords = useRoleWords()
  const places = usePlaces()
  const { userId = '' } = useParams<{ userId: string }>()
  const [editing, setEditing] = useState(false)
  const [said, setSaid] = useState<string>()
  const mayEdit = useMay(['user.edit'])
  const seesTrail = useMay(AUDIT)
  const user = useAsked(['user', userId], (api, signal) =>
    api.GET('/users/{userId}', { params: { path: { userId } }, signal }),
  )
  const data = user.data
  return (
    <Page
      back="/console/users"
      title={data ? nameOf(data) : t('console.users')}
      subtitle={data ? <Tag tone={STATUS_TONES[data.status]}>{t(`console.users.${data.status}`)}</Tag> : null}
      actions={
        data && mayEdit ? <UserOrders user={data} onSaid={setSaid} onEdit={() => setEditing(true)} /> : null
      }
    >
      {said ? (
        <Notice tone="good" live>
          {said}
        </Notice>
      ) : null}
      <Asked asking={user}>
        {(found) => (
          <>
            {found.status === 'pending' ? <Notice>{t('console.users.isPending')}</Notice> : null}
            {found.status === 'deactivated' ? <Notice tone="warn">{t('console.users.isShut')}</Notice> : null}
            <Card>
              <Facts
                facts={[
                  { name: t('console.users.role'), value: roleWords(found.role) },
                  { name: t('console.users.office'), value: places.path(found.primaryOfficeId).join(', ') },
                  ...optional(t('console.users.mobile'), found.mobile),
                  ...optional(t('console.users.email'), found.email),
                  ...optional(t('console.users.honorific'), found.fullHonorificName),
                  ...optional(t('console.users.device'), found.device),
                  {
                    name: t('console.users.signature'),
                    value: t(found.signature ? 'console.users.signed' : 'console.users.unsigned'),
                  },
                  ...Object.entries(found.data ?? {}).map(([name, value]) => ({
                    key: `data.${name}`,
                    name,
                    value: typeof value === 'string' ? value : JSON.stringify(value),
                  })),
                  {
                    name: t('console.users.id'),
                    value: <span className={styles.mono}>{found.id}</span>,
                  },
                ]}
              />
            </Card>
            <Rights role={found.role} />
            <UserHistory userId={found.id} />
            {seesTrail ? (
              <p>
                <LinkButton kind="secondary" href={`/console/audit?user=${found.id}`}>
                  {t('console.users.toAudit')}
                </LinkButton>
              </p>
            ) : null}
            {editing ? (
              <EditUser
                user={found}
                onClose={() => setEditing(false)}
                onSaved={() => setSaid(t('console.saved'))}
              />
            ) : null}
          </>
        )}
      </Asked>
    </Page>
  )
}

/** What a role lets somebody do, folded away until it is wanted. */
function Rights({ role }: { role: string }) {
  const t = useText()
  const { roles } = useConfiguration()
  const found = roles.find(({ id }) => id === role)
  if (!found) return null
  return (
    <Card title={t('console.users.rights')}>
      <details>
        <summary>{t('console.roles.mayDo', { count: found.scopes.length })}</summary>
        <ScopeList scopes={found.scopes} />
      </details>
    </Card>
  )
}

const optional = (name: string, value: string | undefined) => (value ? [{ name, value }] : [])

function EditUser(props: { user: User; onClose: () => void; onSaved: () => void }) {
  const t = useText()
  const { user } = props
  const save = useCommand(
    (api, changes: Schemas['PersonChanges']) =>
      api.POST('/users/{userId}', { params: { path: { userId: user.id } }, body: changes }),
    () => {
      props.onSaved()
      props.onClose()
    },
  )
  return (
    <Dialog
      open
      keepOpen
      onClose={props.onClose}
      title={t('console.users.editTitle', { name: nameOf(user) })}
    >
      <UserForm
        user={user}
        action={t('console.save')}
        busy={save.isPending}
        error={save.error}
        onSubmit={(person) => save.mutate(person)}
        onCancel={props.onClose}
      />
    </Dialog>
  )
}
