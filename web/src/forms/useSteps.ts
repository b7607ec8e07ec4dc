import { useCallback } from 'react'
import { useLocation, useSearch } from 'wouter'

/**
 * Where in a form somebody is: in the address, so that the browser's own way back goes a page back. In
 * its query, because the pages of one form are one place in the desk.
 */
export function useStep(): [string | undefined, (step: string, field?: string) => void] {
  const search = new URLSearchParams(useSearch())
  const [location, go] = useLocation()
  const move = useCallback(
    (step: string, field?: string) => {
      const query = new URLSearchParams({ page: step, ...(field ? { field } : {}) })
      go(`${location}?${query}`)
      window.scrollTo({ top: 0 })
    },
    [location, go],
  )
  return [search.get('page') ?? undefined, move]
}

/** A field that the address asks to be gone to. */
export const useWantedField = (): string | undefined =>
  new URLSearchParams(useSearch()).get('field') ?? undefined
