import type { Api } from '../api/client'

/** Reads what Core serves without naming it in its description: its health, as load balancers ask for it. */
export function unnamed<Body>(
  api: Api,
  path: string,
  given: { query?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<{ data?: Body }> {
  type Get = (
    path: string,
    init: { params: { query?: Record<string, string> }; signal?: AbortSignal },
  ) => Promise<{ data?: Body }>
  const { query, signal } = given
  return (api.GET as unknown as Get)(path, {
    params: query ? { query } : {},
    ...(signal ? { signal } : {}),
  })
}
