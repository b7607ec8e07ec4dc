import { useMemo } from 'react'
import { useConfiguration } from '../configuration/Configuration'
import { useLanguage } from '../language/Language'

/** Amounts in the country's currency, as far as it has said which. */
export function useMoney(): (amount: number) => string {
  const { application } = useConfiguration()
  const { language } = useLanguage()
  const code = (application.CURRENCY as { isoCode?: unknown } | undefined)?.isoCode
  return useMemo(() => {
    try {
      const currency = typeof code === 'string' ? { style: 'currency' as const, currency: code } : {}
      const format = new Intl.NumberFormat(language, currency)
      return (amount: number) => format.format(amount)
    } catch {
      // The country's code is none that browsers know.
      return (amount: number) => `${amount} ${String(code ?? '')}`.trim()
    }
  }, [code, language])
}
