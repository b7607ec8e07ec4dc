// A certificate filled in with a record, as pictures of its pages.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { EventDocument } from '../api/client'
import { useConfiguration } from '../configuration/Configuration'
import type { EventConfig } from '../configuration/types'
import { useWorld } from '../device/world'
import { useHomeCountry } from '../forms/fields/homeCountry'
import { useCountryText, useLanguage } from '../language/Language'
import type { EventState } from '../records/eventState'
import { readFile } from '../records/files'
import type { People } from '../records/people'
import { usePersonalDatabase } from '../records/personal'
import { usePlaces } from '../records/places'
import { useWords } from '../records/useWords'
import { useAccount, useSession } from '../session/SessionContext'
import type { Certificate } from './certificate'
import { fontFile, readCountryFile } from './countryFiles'
import { dataUrl } from './dataUrl'
import { datesLike } from './datePattern'
import { helpersFor } from './helpers'
import { qrPicture } from './qr'
import { type CertificatePage, pagesOf } from './svg'
import { fillIn } from './template'
import { certificateData } from './variables'

/** How the country writes dates on what it issues: OpenCRVS's countries say it in this text. */
const DATE_FORMAT = 'configuration.dateFormat'

interface FilledCertificate {
  pages: CertificatePage[]
  /** Helpers of the template that the desk does not know. */
  unknown: string[]
}

/** `event` is the record with the printing as its last action, so that a template can look it up. */
export function useFilled(props: {
  certificate: Certificate
  template: string
  event: EventDocument
  state: EventState
  config: EventConfig
  people: People
  review: boolean
}) {
  const { certificate, template, event, state, config, people, review } = props
  const { application } = useConfiguration()
  const { language, messages } = useLanguage()
  const tc = useCountryText()
  const country = useHomeCountry()
  const places = usePlaces()
  const words = useWords()
  const session = useSession()
  const { userId } = useAccount()
  const database = usePersonalDatabase()
  const { send, now } = useWorld()
  const filled = useMemo(() => {
    const levels = Array.isArray(application.ADMIN_STRUCTURE)
      ? application.ADMIN_STRUCTURE.map((level: { id?: unknown }) => String(level?.id ?? ''))
      : []
    const usual = datesLike(messages.has(DATE_FORMAT) ? messages.text(DATE_FORMAT) : undefined, language)
    const date = (value: string, style?: string) => {
      const at = new Date(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T12:00:00` : value)
      if (Number.isNaN(at.getTime())) return value
      const known = style === 'full' || style === 'medium' || style === 'short' ? style : undefined
      return known ? new Intl.DateTimeFormat(language, { dateStyle: known }).format(at) : usual(at)
    }
    const data = certificateData(event, state, config, {
      words: { ...words, date },
      person: people.get,
      hierarchy: places.hierarchy,
      levels,
      country: country ?? '',
      templateId: certificate.id,
    })
    const helpers = helpersFor(data, {
      text: (id, values) => (messages.has(id) ? tc({ id }, values) : undefined),
      date,
      qr: qrPicture,
    })
    const { $declaration, $metadata } = data
    try {
      return fillIn(template, { $declaration, $metadata, $review: review }, helpers)
    } catch (error) {
      // A template that cannot be read, or a code that is to hold more than it can: said where it is shown.
      return { error }
    }
  }, [
    application,
    certificate.id,
    config,
    country,
    event,
    language,
    messages,
    people,
    places,
    review,
    state,
    tc,
    template,
    words,
  ])
  return useQuery<FilledCertificate>({
    queryKey: [
      'certificates',
      'filled',
      certificate.id,
      'error' in filled ? `${filled.error}` : filled.text,
      userId,
    ],
    networkMode: 'always',
    retry: false,
    gcTime: 0,
    queryFn: async () => {
      if ('error' in filled) throw filled.error
      const device = await database()
      const fetchFile = async (address: string): Promise<string | undefined> => {
        try {
          if (/\.(ttf|otf|woff2?)$/i.test(address)) {
            const reading = { database: device, send, now, token: undefined }
            return (await readCountryFile(fontFile(address), reading)).body
          }
          const file = { field: '', path: address, label: '', name: '', type: '' }
          const { bytes, type } = await readFile(device, file, session.token(), send, now)
          return dataUrl(bytes, type)
        } catch {
          // A certificate without one picture or font is still one to look at.
          return undefined
        }
      }
      return {
        pages: await pagesOf(filled.text, certificate.fonts ?? {}, fetchFile),
        unknown: filled.unknown,
      }
    },
  })
}
