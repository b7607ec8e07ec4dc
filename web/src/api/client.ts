import createClient, { type Middleware } from 'openapi-fetch'
import { NoAnswer, refusalOf } from './errors'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
export type EventDocument = Schemas['EventDocument']
export type Action = Schemas['Action']
export type EventIndex = Schemas['EventIndex']
export type User = Schemas['User']
export { NoAnswer, Refusal } from './errors'

/** Gives the token of whoever is signed in, and is told which one Core does not take. */
interface Credentials {
  token(): string | undefined
  refused(token: string): void
}

/**
 * A client for Core. A refusal is thrown as `Refusal`, silence as `NoAnswer`, so that what it
 * gives is always `data`.
 */
export function connect(credentials: Credentials, send: typeof fetch) {
  const client = createClient<paths>({
    baseUrl: '',
    fetch: async (request: Request) => {
      try {
        return await send(request)
      } catch (error) {
        if (request.signal.aborted) throw error
        throw new NoAnswer(error)
      }
    },
  })
  const rules: Middleware = {
    onRequest({ request }) {
      const token = credentials.token()
      if (token && !request.headers.has('authorization'))
        request.headers.set('authorization', `Bearer ${token}`)
      return request
    },
    async onResponse({ request, response }) {
      if (response.ok || response.status === 304) return undefined
      if (response.status === 401) {
        const sent = request.headers.get('authorization')?.replace(/^Bearer /, '')
        if (sent) credentials.refused(sent)
      }
      throw await refusalOf(response)
    },
  }
  client.use(rules)
  return client
}

export type Api = ReturnType<typeof connect>
