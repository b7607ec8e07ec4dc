// What the desk shows before anybody is signed in: the country's name and sign, its languages and texts.
import { useQuery } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import { deskTexts } from '../language/desk'
import { LanguageProvider } from '../language/Language'
import type { Catalogue } from '../language/messages'
import type { Documents } from './documents'

export interface Face {
  applicationName: string
  logo?: string
  languages: string[]
  defaultLanguage?: string
}

const unknown: Face = { applicationName: 'Countersign', languages: Object.keys(deskTexts) }
const Context = createContext<Face>(unknown)
export const useFace = (): Face => useContext(Context)

interface Content {
  languages: { lang: string; messages: Catalogue }[]
}

const LANGUAGE = 'countersign.language'

/** Gives everything below it the country's face and texts: those on the device at once, newer ones when they come. */
export function FaceProvider({ documents, children }: { documents: Documents; children: ReactNode }) {
  const face = useDocument<Face>(documents, '/desk.json')
  const client = useDocument<Content>(documents, '/content/client')
  const login = useDocument<Content>(documents, '/content/login')
  const [chosen, setChosen] = useState(() => localStorage.getItem(LANGUAGE))
  const languages = useMemo(() => {
    const spoken = [...(client?.languages ?? []), ...(login?.languages ?? [])].map((entry) => entry.lang)
    const all = spoken.length > 0 ? spoken : (face?.languages ?? unknown.languages)
    return [...new Set(all)]
  }, [client, login, face])
  const language = pick(chosen, languages, face?.defaultLanguage)
  const country = useMemo(() => {
    const of = (content: Content | undefined) =>
      content?.languages.find((entry) => entry.lang === language)?.messages
    return { ...of(login), ...of(client) }
  }, [client, login, language])
  return (
    <Context.Provider value={face ?? unknown}>
      <LanguageProvider
        language={language}
        languages={languages}
        country={country}
        onChoose={(code) => {
          localStorage.setItem(LANGUAGE, code)
          setChosen(code)
        }}
      >
        {children}
      </LanguageProvider>
    </Context.Provider>
  )
}

function pick(chosen: string | null, languages: string[], preferred: string | undefined): string {
  if (chosen && languages.includes(chosen)) return chosen
  const mine = navigator.languages.map((code) => code.split('-')[0] ?? code)
  return mine.find((code) => languages.includes(code)) ?? preferred ?? languages[0] ?? 'en'
}

function useDocument<Body>(documents: Documents, path: string): Body | undefined {
  const kept = useQuery({
    queryKey: ['document', path, 'kept'],
    networkMode: 'always',
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => ((await documents.kept(path))?.body ?? null) as Body | null,
  })
  const fresh = useQuery({
    queryKey: ['document', path, 'fresh'],
    networkMode: 'always',
    staleTime: 15 * 60_000,
    retry: 1,
    queryFn: async () => (await documents.read(path)).body as Body,
  })
  return fresh.data ?? kept.data ?? undefined
}
