import { useEffect, useState } from 'react'
import { ComboBox, TextField } from '../../design/Field'
import { EmptyState } from '../../design/Notice'
import { Page } from '../../design/Page'
import { useText } from '../../language/Language'
import { Asked, useAsked } from '../asking'
import { Days, FilterBar, Turn } from '../FilterBar'
import { CLIENTS } from '../scopes'
import { useFilters } from '../useFilters'
import { useMay } from '../useMay'
import { nameOf } from '../users/words'
import { AuditTable } from './AuditTable'
import { AUDIT_FILTERS, queryOf } from './auditFilters'
import { OPERATIONS, operationWords } from './operations'
import './texts'

/** Who touched whose data, the latest first, as the filters in the address narrow it. */
export default function AuditPage() {
  const t = useText()
  const { filters, set, clear, turnTo, count } = useFilters(AUDIT_FILTERS)
  const query = queryOf(filters)
  const page = useAsked(['audit', query], (api, signal) => api.GET('/audit', { params: { query }, signal }))
  return (
    <Page title={t('console.audit')} subtitle={t('console.audit.lead')}>
      <FilterBar count={count} onClear={clear}>
        <Whose
          user={filters.user}
          client={filters.client}
          onChange={({ user, client }) => set({ user, client })}
        />
        <RecordField value={filters.event} onChange={(event) => set({ event })} />
        <OperationField value={filters.operation} onChange={(operation) => set({ operation })} />
        <Days from={filters.from} until={filters.until} onChange={set} />
      </FilterBar>
      <Asked asking={page}>
        {({ entries, next }) =>
          entries.length === 0 && !filters.after ? (
            <EmptyState title={t('console.audit.empty')}>{t('console.audit.emptyHelp')}</EmptyState>
          ) : (
            <>
              <AuditTable entries={entries} />
              <Turn after={filters.after} next={next} onTurn={turnTo} />
            </>
          )
        }
      </Asked>
    </Page>
  )
}

/** Whose entries: a person's or a system client's, never both. */
function Whose(props: {
  user: string | undefined
  client: string | undefined
  onChange: (whose: { user: string | undefined; client: string | undefined }) => void
}) {
  const t = useText()
  const seesPeople = useMay(['user.search'])
  const seesClients = useMay(CLIENTS)
  const query = { sortBy: 'surname' }
  const users = useAsked(
    ['users', query],
    (api, signal) => api.GET('/users', { params: { query }, signal }),
    { when: seesPeople },
  )
  const clients = useAsked(['clients'], (api, signal) => api.GET('/integrations', { signal }), {
    when: seesClients,
  })
  return (
    <>
      {seesPeople ? (
        <ComboBox
          label={t('console.audit.user')}
          options={(users.data ?? []).map((one) => ({ value: one.id, label: nameOf(one) }))}
          value={props.user}
          onChange={(user) => props.onChange({ user, client: user ? undefined : props.client })}
        />
      ) : null}
      {seesClients ? (
        <ComboBox
          label={t('console.audit.client')}
          options={(clients.data ?? []).map((one) => ({ value: one.id, label: one.name }))}
          value={props.client}
          onChange={(client) => props.onChange({ client, user: client ? undefined : props.user })}
        />
      ) : null}
    </>
  )
}

/** A record's id or tracking id. Asked for when it is there in full: each search leaves a trace of its own. */
function RecordField(props: { value: string | undefined; onChange: (value: string | undefined) => void }) {
  const t = useText()
  const [typed, setTyped] = useState(props.value ?? '')
  useEffect(() => setTyped(props.value ?? ''), [props.value])
  const settle = () => {
    if (typed.trim() !== (props.value ?? '')) props.onChange(typed.trim() || undefined)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        settle()
      }}
    >
      <TextField
        type="search"
        label={t('console.audit.event')}
        value={typed}
        onChange={setTyped}
        onBlur={settle}
        autoComplete="off"
      />
    </form>
  )
}

function OperationField(props: { value: string | undefined; onChange: (value: string | undefined) => void }) {
  const t = useText()
  const { value } = props
  const known = value && !OPERATIONS.includes(value) ? [value, ...OPERATIONS] : OPERATIONS
  return (
    <ComboBox
      label={t('console.audit.operation')}
      options={known
        .map((operation) => ({ value: operation, label: operationWords(t, operation) }))
        .sort((a, b) => a.label.localeCompare(b.label))}
      value={value}
      onChange={props.onChange}
    />
  )
}
