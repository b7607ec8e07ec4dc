import { useCallback, useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'
import { type FilterShape, type Filters, filtersIn, searchOf } from './filters'

/** The filters of this page's address. Another filter begins at the first page again. */
export function useFilters<Shape extends FilterShape>(shape: Shape) {
  const search = useSearch()
  const [path, go] = useLocation()
  const filters = useMemo(() => filtersIn(search, shape), [search, shape])
  const set = useCallback(
    (changes: { [Name in keyof Shape]?: string | undefined }) => {
      // Typing must not fill the browser's history; `after` is where a page began, and no longer fits.
      const { after: _, ...kept } = { ...filters, ...changes } as Record<string, string | undefined>
      go(path + searchOf(kept), { replace: true })
    },
    [filters, go, path],
  )
  const clear = useCallback(() => go(path, { replace: true }), [go, path])
  const turnTo = useCallback(
    (after: string | undefined) => go(path + searchOf({ ...filters, after })),
    [filters, go, path],
  )
  const count = Object.keys(filters).filter((name) => name !== 'after').length
  return { filters: filters as Filters<Shape>, set, clear, turnTo, count }
}
