// The country's certificates and their templates, kept on the device: printing works without a network.
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../api/ApiContext'
import { useWorld } from '../device/world'
import type { Kept } from '../records/kept'
import { usePersonalDatabase } from '../records/personal'
import { useKept } from '../records/useKept'
import { useAccount, useSession } from '../session/SessionContext'
import type { Certificate } from './certificate'
import { readCountryFile, templateFile } from './countryFiles'

export function useCertificates() {
  const api = useApi()
  return useKept<Certificate[]>(['certificates'], async () => {
    const get = api.GET as unknown as (path: string) => Promise<{ data?: Certificate[] }>
    return (await get('/certificates')).data ?? []
  })
}

/** The template of a certificate. */
export function useTemplate(certificate: Certificate | undefined) {
  const session = useSession()
  const { userId } = useAccount()
  const database = usePersonalDatabase()
  const { send, now } = useWorld()
  return useQuery<Kept<string>>({
    queryKey: ['certificates', 'template', certificate?.id, userId],
    networkMode: 'always',
    retry: false,
    enabled: certificate !== undefined,
    queryFn: async () => {
      if (!certificate) throw new Error('No certificate is chosen')
      const reading = { database: await database(), send, now, token: session.token() }
      return readCountryFile(templateFile(certificate), reading)
    },
  })
}
