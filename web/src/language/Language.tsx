import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react'
import { I18nProvider } from 'react-aria-components'
import { deskTexts } from './desk'
import { type Catalogue, directionOf, type MessageDescriptor, Messages, type Values } from './messages'

export type Text = (id: string, values?: Values) => string
export type CountryText = (descriptor: MessageDescriptor | undefined, values?: Values) => string

interface Language {
  language: string
  /** Those the country has, or ours before its texts were ever read. */
  languages: string[]
  choose: (language: string) => void
  messages: Messages
}

const Context = createContext<Language>({
  language: 'en',
  languages: ['en'],
  choose: () => undefined,
  messages: new Messages('en', [], deskTexts.en),
})

export function LanguageProvider(props: {
  language: string
  languages: string[]
  onChoose: (language: string) => void
  /** The country's texts in this language. */
  country: Catalogue
  children: ReactNode
}) {
  const { language, languages, country, onChoose } = props
  const messages = useMemo(() => {
    const own = deskTexts[language] ?? deskTexts[language.split('-')[0] ?? ''] ?? {}
    return new Messages(language, [country, own], deskTexts.en)
  }, [language, country])
  useEffect(() => {
    document.documentElement.lang = language
    document.documentElement.dir = directionOf(language)
  }, [language])
  const value = useMemo(
    () => ({ language, languages, choose: onChoose, messages }),
    [language, languages, onChoose, messages],
  )
  return (
    <Context.Provider value={value}>
      <I18nProvider locale={regionalOf(language, navigator.languages)}>{props.children}</I18nProvider>
    </Context.Provider>
  )
}

export const useLanguage = (): Language => useContext(Context)

/** `t(id, values)` for our own interface's texts. */
export function useText(): Text {
  const { messages } = useLanguage()
  return useMemo(() => (id, values) => messages.text(id, values), [messages])
}

/** `tc(descriptor, values)` for texts that the country's configuration names. */
export function useCountryText(): CountryText {
  const { messages } = useLanguage()
  return useMemo(
    () => (descriptor, values) =>
      descriptor ? messages.text(descriptor.id, values, descriptor.defaultMessage ?? '') : '',
    [messages],
  )
}

/** A language as whoever speaks it calls it: others' names for it help nobody who looks for their own. */
export function languageName(code: string): string {
  const name = new Intl.DisplayNames(code, { type: 'language' }).of(code) ?? code
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1)
}

/** The language as it is written where the device is: a country says `en`, and few of those write the month first. */
const regionalOf = (language: string, preferred: readonly string[]): string =>
  preferred.find((code) => code.split('-')[0] === language) ?? language

/** Dates and numbers as this language writes them. */
export function useFormats() {
  const { language: spoken } = useLanguage()
  return useMemo(() => {
    const language = regionalOf(spoken, navigator.languages)
    const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
    const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
    const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
    const number = new Intl.NumberFormat(language)
    const parsed = (value: string | number | Date): Date | undefined => {
      // A date alone has no time zone: it must not become the day before west of Greenwich.
      const text =
        typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T12:00:00` : value
      const at = new Date(text)
      return Number.isNaN(at.getTime()) ? undefined : at
    }
    return {
      date: (value: string | number | Date) => {
        const at = parsed(value)
        return at ? date.format(at) : String(value)
      },
      dateTime: (value: string | number | Date) => {
        const at = parsed(value)
        return at ? time.format(at) : String(value)
      },
      number: (value: number) => number.format(value),
      /** `3 minutes ago`; both in milliseconds since 1970. Ages move in steps: what is a little ahead is now. */
      ago: (then: number, now: number) => {
        const ahead = Math.round((then - now) / 1000)
        const seconds = ahead > 0 && ahead < 15 ? 0 : ahead
        const size = Math.abs(seconds)
        if (size < 60) return relative.format(seconds, 'second')
        if (size < 3600) return relative.format(Math.round(seconds / 60), 'minute')
        if (size < 86_400) return relative.format(Math.round(seconds / 3600), 'hour')
        return relative.format(Math.round(seconds / 86_400), 'day')
      },
    }
  }, [spoken])
}
