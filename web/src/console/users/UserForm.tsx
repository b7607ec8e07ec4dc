import { useMemo, useState } from 'react'
import type { Schemas } from '../../api/client'
import { useConfiguration } from '../../configuration/Configuration'
import { Button } from '../../design/Button'
import { ComboBox, Select, TextField } from '../../design/Field'
import { useToday } from '../../device/world'
import { useCountryText, useText } from '../../language/Language'
import { usePlaces } from '../../records/places'
import { useAccount } from '../../session/SessionContext'
import styles from '../Console.module.css'
import { Failure } from '../Failure'
import { isClosed } from '../places/tree'
import { problemsIn } from '../problems'
import { contactProblem } from './contactProblems'
import { officesInReach, rolesInReach } from './reach'
import type { User } from './words'

type NewPerson = Schemas['NewPerson']

/** The fields whose problems are told beside them, by the path that Core names. */
const SHOWN = ['name.firstname', 'name.surname', 'role', 'primaryOfficeId', 'mobile', 'email']

/** What Core wants to know of a person; `user` when it is changed. Core sees to what is unique and well formed. */
export function UserForm(props: {
  user?: User
  action: string
  busy: boolean
  error: unknown
  onSubmit: (person: NewPerson) => void
  onCancel: () => void
}) {
  const t = useText()
  const tc = useCountryText()
  const { user } = props
  const [given, setGiven] = useState({
    firstname: user?.name.firstname ?? '',
    surname: user?.name.surname ?? '',
    role: user?.role,
    office: user?.primaryOfficeId,
    mobile: user?.mobile ?? '',
    email: user?.email ?? '',
    fullHonorificName: user?.fullHonorificName ?? '',
    device: user?.device ?? '',
  })
  const [tried, setTried] = useState(false)
  const change = (changes: Partial<typeof given>) => setGiven({ ...given, ...changes })
  const { roles, offices } = useOffered(user)
  const contact = contactProblem(props.error)
  const problems: Record<string, string> = {
    ...problemsIn(props.error)?.byField,
    ...(contact ? { [contact.field]: t(contact.text) } : {}),
  }
  const needed = (value: string | undefined) =>
    tried && !value?.trim() ? t('console.users.needed') : undefined
  const reachable = given.mobile.trim() !== '' || given.email.trim() !== ''
  const unreachable = tried && !reachable ? t('console.users.contactNeeded') : undefined
  const submit = () => {
    setTried(true)
    const { firstname, surname, role, office, mobile, email, fullHonorificName, device } = given
    if (!firstname.trim() || !surname.trim() || !role || !office || !reachable || props.busy) return
    props.onSubmit({
      name: { firstname: firstname.trim(), surname: surname.trim() },
      role,
      primaryOfficeId: office,
      mobile: mobile.trim(),
      email: email.trim(),
      fullHonorificName: fullHonorificName.trim(),
      device: device.trim(),
    })
  }
  return (
    <form
      className={styles.stack}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <TextField
        label={t('console.users.firstname')}
        value={given.firstname}
        onChange={(firstname) => change({ firstname })}
        required
        autoComplete="off"
        problem={needed(given.firstname) ?? problems['name.firstname']}
      />
      <TextField
        label={t('console.users.surname')}
        value={given.surname}
        onChange={(surname) => change({ surname })}
        required
        autoComplete="off"
        problem={needed(given.surname) ?? problems['name.surname']}
      />
      <Select
        label={t('console.users.role')}
        options={roles.map((role) => ({ value: role.id, label: tc(role.label) }))}
        value={given.role}
        onChange={(role) => change({ role })}
        required
        problem={needed(given.role) ?? problems.role}
      />
      <ComboBox
        label={t('console.users.office')}
        help={t('console.users.officeHelp')}
        options={offices}
        value={given.office}
        onChange={(office) => change({ office })}
        required
        problem={needed(given.office) ?? problems.primaryOfficeId}
      />
      <TextField
        type="tel"
        label={t('console.users.mobile')}
        help={t('console.users.contactHelp')}
        value={given.mobile}
        onChange={(mobile) => change({ mobile })}
        autoComplete="off"
        problem={unreachable ?? problems.mobile}
      />
      <TextField
        type="email"
        label={t('console.users.email')}
        value={given.email}
        onChange={(email) => change({ email })}
        autoComplete="off"
        problem={problems.email}
      />
      <TextField
        label={t('console.users.honorific')}
        help={t('console.users.honorificHelp')}
        value={given.fullHonorificName}
        onChange={(fullHonorificName) => change({ fullHonorificName })}
        required={false}
        autoComplete="off"
      />
      <TextField
        label={t('console.users.device')}
        value={given.device}
        onChange={(device) => change({ device })}
        required={false}
        autoComplete="off"
      />
      {contact ? null : <Failure error={props.error} shown={SHOWN} />}
      <div className={styles.row}>
        <Button type="submit" busy={props.busy}>
          {props.action}
        </Button>
        <Button kind="secondary" onPress={props.onCancel}>
          {t('design.cancel')}
        </Button>
      </div>
    </form>
  )
}

/** Roles and offices that one may give; also those that the person has, so that they can stay. */
function useOffered(user: User | undefined) {
  const account = useAccount()
  const { roles, places } = useConfiguration()
  const known = usePlaces()
  const today = useToday()
  return useMemo(() => {
    const kind = user ? 'user.edit' : 'user.create'
    const mayGive = rolesInReach(account, kind, roles)
    const used = places.filter((place) => !isClosed(place.validUntil, today))
    const within = officesInReach(account, kind, used, known.hierarchy)
    const kept = user && places.find((place) => place.id === user.primaryOfficeId)
    const offices = kept && !within.includes(kept) ? [kept, ...within] : within
    return {
      roles: roles.filter((role) => mayGive.includes(role) || role.id === user?.role),
      offices: offices.map((place) => ({
        value: place.id,
        label: known.path(place.id).slice(0, 2).join(', '),
      })),
    }
  }, [account, roles, places, known, user, today])
}
