// Our own interface's texts, collected from the folders that need them.
import app from '../app/texts'
import certificates from '../certificates/texts'
import console from '../console/texts'
import design from '../design/texts'
import forms from '../forms/texts'
import outbox from '../outbox/texts'
import records from '../records/texts'
import search from '../search/texts'
import session from '../session/texts'
import workqueues from '../workqueues/texts'
import type { Catalogue } from './messages'

const folders: { en: Catalogue; fr: Catalogue }[] = [
  app,
  certificates,
  console,
  design,
  forms,
  outbox,
  records,
  search,
  session,
  workqueues,
]

const collect = (language: 'en' | 'fr'): Catalogue =>
  Object.assign({}, ...folders.map((folder) => folder[language]))

/** In a language that we do not speak, English. A country's own texts may name our ids, and win. */
export const deskTexts: Record<string, Catalogue> = { en: collect('en'), fr: collect('fr') }

/** Adds the texts of pages that are loaded when they are first gone to. To be called as they are loaded. */
export function addTexts(texts: { en: Catalogue; fr: Catalogue }): void {
  for (const language of ['en', 'fr'] as const) Object.assign(deskTexts[language] ?? {}, texts[language])
}
