import { useState } from 'react'
import type { Api } from '../../api/client'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { TextField } from '../../design/Field'
import { useText } from '../../language/Language'
import { useCommand } from '../asking'
import { EnterSubmits } from '../EnterSubmits'
import { Failure } from '../Failure'
import { problemsIn } from '../problems'
import type { ClientInFull } from './ClientPage'
import { chosenIn, scopesOf } from './clientScopes'
import { ScopeChoice } from './ScopeChoice'

/** Another name, other scopes. */
export function EditClient({ client, onClose }: { client: ClientInFull; onClose: () => void }) {
  const t = useText()
  const [name, setName] = useState(client.name)
  const [chosen, setChosen] = useState(() => chosenIn(client.scopes))
  const save = useCommand(change, onClose)
  const scopes = scopesOf(chosen)
  const problems = problemsIn(save.error)?.byField ?? {}
  const submit = () => {
    if (name.trim() && scopes.length > 0) save.mutate({ id: client.id, name: name.trim(), scopes })
  }
  return (
    <Dialog
      open
      wide
      keepOpen
      onClose={onClose}
      title={t('console.clients.editTitle', { name: client.name })}
      actions={
        <>
          <Button kind="secondary" onPress={onClose}>
            {t('design.cancel')}
          </Button>
          <Button busy={save.isPending} onPress={submit}>
            {t('console.save')}
          </Button>
        </>
      }
    >
      <EnterSubmits onSubmit={submit}>
        <TextField
          label={t('console.clients.name')}
          value={name}
          onChange={setName}
          required
          autoComplete="off"
          problem={name.trim() ? problems.name : t('console.clients.nameNeeded')}
        />
        <p>{t('console.clients.editHelp')}</p>
        <ScopeChoice
          value={chosen}
          onChange={setChosen}
          problem={scopes.length === 0 ? t('console.clients.scopeNeeded') : problems.scopes}
        />
        <Failure error={save.error} shown={['name', 'scopes']} />
      </EnterSubmits>
    </Dialog>
  )
}

function change(api: Api, { id, ...body }: { id: string; name: string; scopes: string[] }) {
  return api.POST('/integrations/{id}', { params: { path: { id } }, body })
}
