// The names of those who acted on records.
import { useMemo } from 'react'
import { useApi } from '../api/ApiContext'
import type { Api } from '../api/client'
import { useConfiguration } from '../configuration/Configuration'
import { useCountryText, useText } from '../language/Language'
import { useAccount } from '../session/SessionContext'
import { nameText } from './answerText'
import type { Answers } from './eventState'
import { isObject } from './layers'
import { useKept } from './useKept'

/** What everybody may know of somebody. */
export interface Somebody {
  id: string
  name: string
  role?: string | undefined
  office?: string | undefined
  signature?: string | undefined
  /** Their name with its titles. */
  honorific?: string | undefined
}

/** What everybody sees of the people and system clients with these ids. */
async function ask(api: Api, ids: string[]): Promise<Somebody[]> {
  const { data } = await api.GET('/users/summaries', { params: { query: { ids: ids.join(',') } } })
  return Array.isArray(data) ? data.map((summary) => somebody({ ...summary })) : []
}

export function somebody(user: Answers): Somebody {
  // A person's name comes in parts, or as a list of them by language; a system client's is a text.
  const name = Array.isArray(user.name) ? user.name[0] : user.name
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
  return {
    id: String(user.id),
    name: isObject(name) ? nameText(name) : (text(name) ?? ''),
    role: text(user.role),
    office: text(user.primaryOfficeId),
    signature: text(user.signature),
    honorific: text(user.fullHonorificName),
  }
}

export interface People {
  /** A name for people; of somebody who is not known, what they are. */
  name: (id: string | undefined, kind?: 'user' | 'system', role?: string) => string
  role: (id: string | undefined) => string
  get: (id: string | undefined) => Somebody | undefined
}

/** Those with these ids; names appear once Core has told them, and stay on the device. */
export function usePeople(ids: readonly (string | null | undefined)[]): People {
  const api = useApi()
  const t = useText()
  const tc = useCountryText()
  const account = useAccount()
  const { roles } = useConfiguration()
  const wanted = [...new Set(ids.filter((id): id is string => Boolean(id) && id !== account.userId))].sort()
  const { data } = useKept(['people', ...wanted], () => ask(api, wanted), { enabled: wanted.length > 0 })
  const known = data?.body
  return useMemo(() => {
    const me: Somebody = {
      id: account.userId,
      name: nameText(account.name),
      role: account.role,
      office: account.primaryOfficeId,
      signature: account.signature,
    }
    const get = (id: string | undefined) =>
      id === me.id ? me : known?.find((one) => one.id.toLowerCase() === id?.toLowerCase())
    const roleName = (role: string | undefined) => {
      const found = roles.find(({ id }) => id === role)
      return found ? tc(found.label) : (role ?? '')
    }
    return {
      get,
      role: (id) => roleName(get(id)?.role),
      name: (id, kind, role) => {
        if (id === me.id) return t('records.you', { name: me.name })
        const name = get(id)?.name
        if (name) return name
        return kind === 'system' ? t('records.system') : roleName(role) || t('records.somebody')
      },
    }
  }, [account, known, roles, t, tc])
}
