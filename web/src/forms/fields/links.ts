/**
 * Where a form is, for others: without its query, which is about the page that is open. Identity systems
 * compare it letter by letter, when they are left and when they are asked; the draft knows the page.
 */
export function wayBack(here: string): string {
  const { origin, pathname } = new URL(here)
  return `${origin}${pathname}`
}

/** The page's address with where to come back to; undefined for what is no page (`javascript:`). */
export function withWayBack(url: string, here: string): string | undefined {
  try {
    const address = new URL(url, here)
    if (address.protocol !== 'https:' && address.protocol !== 'http:') return undefined
    if (!address.searchParams.has('redirect_uri')) address.searchParams.set('redirect_uri', wayBack(here))
    return address.href
  } catch {
    return undefined
  }
}
