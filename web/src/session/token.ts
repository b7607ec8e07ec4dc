/** What a token of Core's says about its bearer. Read for showing and planning only; Core alone judges it. */
interface Claims {
  sub: string
  role?: string
  scope: string[]
  /** Seconds since 1970. */
  exp?: number
  iat?: number
}

/** Undefined when it is no token. */
export function claimsOf(token: string): Claims | undefined {
  const payload = token.split('.')[1]
  if (!payload) return undefined
  try {
    const base64 = payload.replace(/-/g, '+').replace(/_/g, '/')
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (typeof claims !== 'object' || claims === null) return undefined
    const { sub, role, scope, exp, iat } = claims as Record<string, unknown>
    if (typeof sub !== 'string') return undefined
    return {
      sub,
      scope: Array.isArray(scope) ? scope.filter((s): s is string => typeof s === 'string') : [],
      ...(typeof role === 'string' ? { role } : {}),
      ...(typeof exp === 'number' ? { exp } : {}),
      ...(typeof iat === 'number' ? { iat } : {}),
    }
  } catch {
    return undefined
  }
}

/**
 * Past half of its life, a token is worth renewing while there is a network. How long it has lived is what the
 * device's clock says of the time since it came (`cameAt`): set wrong, the clock says nothing of the hour.
 */
export function worthRenewing(claims: Claims, now: number, cameAt?: number): boolean {
  if (claims.exp === undefined || claims.iat === undefined) return false
  const lived = cameAt === undefined || now < cameAt ? now / 1000 - claims.iat : (now - cameAt) / 1000
  return lived > (claims.exp - claims.iat) / 2
}
