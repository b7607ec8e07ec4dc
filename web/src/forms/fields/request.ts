// What a form asks of the country's own systems (HTTP, AUTOCOMPLETE).
import type { FieldReference } from '../../configuration/types'
import { pathOf, readAt, referencesIn } from '../filling/places'
import type { Answers } from '../rules/field'
import { isObject } from '../rules/value'
import { wayBack } from './links'

/** What an HTTP or a SEARCH field says, in the words that the country's rules look for. */
export interface Fetched {
  loading?: boolean
  data?: unknown
  error?: { statusCode: number; message: string } | null
}

/** Why nothing usable came, for people. */
export type Failure =
  /** Nobody has allowed the desk to ask there. */
  | 'notAllowed'
  | 'noAnswer'
  | 'tooLate'
  /** It answered, with an error. */
  | 'refused'
  | 'unreadable'

export interface RequestConfig {
  url: string
  method?: string
  headers?: Record<string, string>
  body?: unknown
  params?: Record<string, string | FieldReference>
  timeout?: number
  errorValue?: unknown
}

/** Whom the operator lets the desk ask besides Core, as origins. */
export interface Connections {
  asks: string[]
  /** Those that are told who asks. */
  introduces: string[]
}

export interface Requesting {
  send: typeof fetch
  /** Where the desk is: what the configuration calls `$window.location`. */
  location: string
  /** Of whoever is signed in. It goes nowhere but to where the desk came from. */
  token: string | undefined
  /** Null when nobody says: then the browser alone decides. */
  connections: () => Promise<Connections | null>
  /** A token for somebody else than Core, which only says who the person is. */
  introduction: () => Promise<string>
  signal?: AbortSignal
}

export interface Asked {
  fetched: Fetched
  failure?: Failure
}

/** An answer is kept with the record: what is longer was not meant for a form. */
const LONGEST_ANSWER = 200_000
const USUAL_TIMEOUT = 15_000
/** What OpenCRVS, and so the country's rules, call a request that took too long. */
const TIMED_OUT = 408

/** Asks, and says what came: never throws. */
export async function ask(config: RequestConfig, answers: Answers, around: Requesting): Promise<Asked> {
  const failed = (failure: Failure, statusCode: number, message: string): Asked => ({
    failure,
    fetched: { loading: false, error: { statusCode, message }, data: config.errorValue ?? null },
  })
  const timeout = AbortSignal.timeout(config.timeout ?? USUAL_TIMEOUT)
  try {
    const url = addressOf(config, answers, around.location)
    const authorization = await authorizationFor(url, around)
    if (authorization === 'notAllowed') return failed('notAllowed', 0, `${url.origin} may not be asked`)
    const body = config.body === undefined ? undefined : resolved(config.body, answers, around.location)
    const headers = new Headers(config.headers)
    if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json')
    if (authorization && !headers.has('authorization')) headers.set('authorization', authorization)
    const { response, text } = await either(timeout, around.signal, async (signal) => {
      const response = await around.send(url, {
        method: config.method ?? 'GET',
        headers,
        credentials: 'omit',
        signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { response, text: await response.text() }
    })
    if (!response.ok)
      return failed('refused', response.status, response.statusText || String(response.status))
    if (text.length > LONGEST_ANSWER) return failed('unreadable', response.status, 'The answer is too long')
    return { fetched: { loading: false, error: null, data: dataOf(response, text) } }
  } catch (error) {
    if (timeout.aborted) return failed('tooLate', TIMED_OUT, 'The request timed out.')
    const message = error instanceof Error ? error.message : String(error)
    return failed(error instanceof SyntaxError ? 'unreadable' : 'noAnswer', 0, message)
  }
}

/** Why a field that was filled in earlier has no answer, as far as what was kept of it says. */
export function failureOf({ error }: Fetched): Failure | undefined {
  if (!error) return undefined
  if (error.statusCode === TIMED_OUT) return 'tooLate'
  return error.statusCode === 0 ? 'noAnswer' : 'refused'
}

async function authorizationFor(url: URL, around: Requesting): Promise<string | undefined> {
  if (url.origin === new URL(around.location).origin)
    return around.token === undefined ? undefined : `Bearer ${around.token}`
  const connections = await around.connections()
  if (!connections) return undefined
  if (!connections.asks.includes(url.origin)) return 'notAllowed'
  return connections.introduces.includes(url.origin) ? `Bearer ${await around.introduction()}` : undefined
}

/** Works until it is done or one of these says to stop; old browsers cannot join two signals into one. */
async function either<T>(
  timeout: AbortSignal,
  stop: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const both = new AbortController()
  const end = () => both.abort()
  const signals = stop ? [timeout, stop] : [timeout]
  for (const signal of signals) {
    if (signal.aborted) end()
    signal.addEventListener('abort', end)
  }
  try {
    return await work(both.signal)
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', end)
  }
}

function dataOf(response: Response, text: string): unknown {
  if (response.headers.get('content-type')?.startsWith('text/')) return text
  return text ? JSON.parse(text) : null
}

function addressOf({ url, params }: RequestConfig, answers: Answers, location: string): URL {
  const address = new URL(url, location)
  for (const [name, value] of Object.entries(params ?? {})) {
    const text = resolved(value, answers, location)
    if (text !== undefined && text !== null) address.searchParams.set(name, String(text))
  }
  return address
}

/** With answers in place of references, and where the desk is in place of `$window.location…`. */
function resolved(written: unknown, answers: Answers, location: string): unknown {
  if (typeof written === 'string') return placeOf(written, location) ?? written
  if (Array.isArray(written)) return written.map((one) => resolved(one, answers, location))
  if (!isObject(written)) return written
  const [reference] = referencesIn(written)
  if (reference) return readAt(answers, pathOf(reference))
  return Object.fromEntries(
    Object.entries(written).map(([key, value]) => [key, resolved(value, answers, location)]),
  )
}

function placeOf(written: string, location: string): string | undefined {
  if (!written.startsWith('$window.location.')) return undefined
  const { pathname, hostname } = new URL(location)
  const href = wayBack(location)
  const places: Record<string, string> = { href, pathname, hostname, originPathname: href }
  return places[written.slice('$window.location.'.length)]
}
