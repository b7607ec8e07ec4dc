import { useMemo } from 'react'
import { Link } from 'wouter'
import { useConfiguration } from '../../configuration/Configuration'
import { LinkButton } from '../../design/Button'
import { ComboBox, TextField } from '../../design/Field'
import { EmptyState, Tag } from '../../design/Notice'
import { Page } from '../../design/Page'
import { Pager, Table } from '../../design/Table'
import { useCountryText, useText } from '../../language/Language'
import { usePlaces } from '../../records/places'
import { Asked, useAsked } from '../asking'
import { Choice, FilterBar } from '../FilterBar'
import { useFilters } from '../useFilters'
import { useMay } from '../useMay'
import './texts'
import { nameOf, STATUS_TONES, type User, useRoleWords } from './words'

const STATUSES = ['active', 'pending', 'deactivated'] as const
const FILTERS = {
  name: 'text',
  username: 'text',
  role: 'text',
  office: 'text',
  status: STATUSES,
  skip: 'number',
} as const
const PER_PAGE = 50

/** The people whom one may look for. Core narrows by office, state and username; names and roles are sought here. */
export default function UsersPage() {
  const t = useText()
  const tc = useCountryText()
  const { roles, places } = useConfiguration()
  const mayCreate = useMay(['user.create'])
  const { filters, set: change, clear, count } = useFilters(FILTERS)
  const set = (changes: Partial<Record<keyof typeof FILTERS, string | undefined>>) =>
    change({ skip: undefined, ...changes })
  const query = {
    sortBy: 'surname',
    ...(filters.status ? { status: filters.status } : {}),
    ...(filters.office ? { primaryOfficeId: filters.office } : {}),
    ...(filters.username ? { username: filters.username } : {}),
  }
  const users = useAsked(['users', query], (api, signal) => api.GET('/users', { params: { query }, signal }))
  const found = useMemo(() => {
    const wanted = (filters.name ?? '').toLowerCase().split(/\s+/).filter(Boolean)
    return users.data?.filter((user) => {
      const name = nameOf(user).toLowerCase()
      return wanted.every((word) => name.includes(word)) && (!filters.role || user.role === filters.role)
    })
  }, [users.data, filters.name, filters.role])
  const offset = Number(filters.skip ?? 0)
  return (
    <Page
      title={t('console.users')}
      subtitle={t('console.users.lead')}
      actions={
        <>
          <LinkButton kind="secondary" href="/console/users/roles">
            {t('console.users.roles')}
          </LinkButton>
          {mayCreate ? <LinkButton href="/console/users/new">{t('console.users.new')}</LinkButton> : null}
        </>
      }
    >
      <FilterBar count={filters.skip ? count - 1 : count} onClear={clear}>
        <TextField
          type="search"
          label={t('console.users.name')}
          value={filters.name ?? ''}
          onChange={(name) => set({ name: name || undefined })}
        />
        <TextField
          type="search"
          label={t('console.users.username')}
          value={filters.username ?? ''}
          onChange={(username) => set({ username: username.trim() || undefined })}
        />
        <Choice
          label={t('console.users.role')}
          value={filters.role}
          onChange={(role) => set({ role })}
          options={roles.map((role) => ({ value: role.id, label: tc(role.label) }))}
        />
        <Choice
          label={t('console.users.status')}
          value={filters.status}
          onChange={(status) => set({ status })}
          options={STATUSES.map((value) => ({ value, label: t(`console.users.${value}`) }))}
        />
        <ComboBox
          label={t('console.users.office')}
          value={filters.office}
          onChange={(office) => set({ office })}
          options={places.map((place) => ({ value: place.id, label: place.name }))}
        />
      </FilterBar>
      <Asked asking={{ ...users, data: found }}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState title={t('console.users.empty')}>{t('console.users.emptyHelp')}</EmptyState>
          ) : (
            <>
              <UserTable users={all.slice(offset, offset + PER_PAGE)} />
              <Pager
                offset={offset}
                limit={PER_PAGE}
                total={all.length}
                onMove={(to) => change({ skip: to === 0 ? undefined : String(to) })}
              />
            </>
          )
        }
      </Asked>
    </Page>
  )
}

function UserTable({ users }: { users: User[] }) {
  const t = useText()
  const roleWords = useRoleWords()
  const places = usePlaces()
  return (
    <Table
      caption={t('console.users')}
      rows={users}
      rowKey={(user) => user.id}
      columns={[
        {
          id: 'name',
          label: t('console.users.name'),
          bare: true,
          cell: (user) => <Link href={`/console/users/${user.id}`}>{nameOf(user)}</Link>,
        },
        { id: 'role', label: t('console.users.role'), cell: (user) => roleWords(user.role) },
        {
          id: 'office',
          label: t('console.users.office'),
          cell: (user) => places.name(user.primaryOfficeId) ?? '–',
        },
        {
          id: 'status',
          label: t('console.users.status'),
          cell: (user) => (
            <span>
              <Tag tone={STATUS_TONES[user.status]}>{t(`console.users.${user.status}`)}</Tag>
            </span>
          ),
        },
      ]}
    />
  )
}
