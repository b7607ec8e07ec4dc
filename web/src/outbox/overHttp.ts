// Core over HTTP, as the outbox needs it. An answer counts as Core's only when it looks like one:
// between a phone and Core stand proxies that answer for it, and networks that answer anything with
// a page of their own.
import type { Answer, Core, CoreRefusal, Upload } from './core'
import type { Clock } from './drainer'
import type { OutboxAction, OutboxItem } from './item'
import {
  type AskedCorrection,
  correctionIn,
  isObject,
  recordOfTransaction,
  standingOfRecord,
  standingOfTransaction,
  undelivered,
} from './standing'

/** As much of `fetch` as is needed. */
export type Send = (
  path: string,
  init: { method: string; headers: Record<string, string>; body?: string | ArrayBuffer; signal: AbortSignal },
) => Promise<{ status: number; headers: { get(name: string): string | null }; text(): Promise<string> }>

interface HttpSurroundings {
  send: Send
  /** The token of the person whose outbox it is, while they are signed in; never anybody else's. */
  token: () => string | undefined
  /** Core does not take the token any more. */
  refused: (token: string) => void
  clock: Clock
}

/** Core itself waits ten seconds for country config; a slow network may need as long again, and more. */
const DEADLINE = 45_000
/** The smallest piece of a file on the slowest network. */
const UPLOAD_DEADLINE = 120_000

interface Asked {
  method: string
  path: string
  json?: unknown
  bytes?: ArrayBuffer
  headers?: Record<string, string>
  deadline?: number
}

export function overHttp(around: HttpSurroundings): Core {
  /** `read` gives undefined for what cannot be an answer to this. */
  async function ask<T>(
    asked: Asked,
    stop: AbortSignal,
    read: (body: unknown) => T | undefined,
    otherwise?: (refusal: CoreRefusal) => Answer<T> | undefined,
  ): Promise<Answer<T>> {
    const token = around.token()
    if (token === undefined) return { is: 'signed-out' }
    const got = await send(around, asked, token, stop)
    if (!('status' in got)) return got
    const { status, body, retryAfter } = got
    if (status >= 200 && status < 300) {
      const value = read(body)
      return value === undefined ? notCore(status) : { is: 'done', value }
    }
    const refusal = refusalOf(status, body, retryAfter)
    if (!refusal) return notCore(status)
    if (status === 401) {
      around.refused(token)
      return { is: 'signed-out' }
    }
    return otherwise?.(refusal) ?? { is: 'refused', refusal }
  }

  const assignment =
    (step: 'assign' | 'unassign') => (eventId: string, transactionId: string, stop: AbortSignal) =>
      ask(
        { method: 'POST', path: `/events/${encodeURIComponent(eventId)}/${step}`, json: { transactionId } },
        stop,
        (body) => (isObject(body) && body.id === eventId ? null : undefined),
      )

  return {
    begin: (type, transactionId, stop) =>
      ask({ method: 'POST', path: '/events', json: { type, transactionId } }, stop, (body) =>
        isObject(body) && typeof body.id === 'string' && Array.isArray(body.actions) ? body.id : undefined,
      ),
    assign: assignment('assign'),
    unassign: assignment('unassign'),
    act: (item, body, stop) =>
      ask(
        acting(item, body),
        stop,
        (answer) => standingOfRecord(answer, item),
        // 503: Core has the action, and country config has not.
        ({ status, details }) => {
          const standing = status === 503 ? undelivered(details?.actionId, details?.delivery) : undefined
          return standing && { is: 'done', value: standing }
        },
      ),
    correction: (eventId, transactionId, stop) =>
      ask({ method: 'GET', path: `/events/${encodeURIComponent(eventId)}` }, stop, (body) =>
        correctionIn(body, eventId, transactionId),
      ).then(toBeApproved),
    begun: (transactionId, stop) =>
      ask(
        { method: 'GET', path: `/transactions/${encodeURIComponent(transactionId)}` },
        stop,
        (body) => recordOfTransaction(body, transactionId),
        ({ status }) => (status === 404 ? { is: 'done', value: null } : undefined),
      ),
    standing: (item, stop) =>
      item.action === 'DELETE'
        ? ask(
            { method: 'GET', path: `/events/${encodeURIComponent(item.eventId ?? item.recordId)}` },
            stop,
            (body) => (isObject(body) && Array.isArray(body.actions) ? null : undefined),
            ({ status }) =>
              status === 404 ? { is: 'done', value: { is: 'approved', actionId: item.id } } : undefined,
          )
        : ask(
            { method: 'GET', path: `/transactions/${encodeURIComponent(item.id)}` },
            stop,
            (body) => standingOfTransaction(body, item),
            ({ status }) => (status === 404 ? { is: 'done', value: null } : undefined),
          ),
    uploads: {
      begin: (upload, stop) =>
        ask({ method: 'POST', path: '/attachments/uploads', json: upload }, stop, uploadOf),
      append: (id, offset, bytes, stop) =>
        ask(
          {
            method: 'PATCH',
            path: `/attachments/uploads/${encodeURIComponent(id)}`,
            bytes,
            headers: { 'Upload-Offset': String(offset), 'Content-Type': 'application/octet-stream' },
            deadline: UPLOAD_DEADLINE,
          },
          stop,
          uploadOf,
        ),
    },
  }
}

type Got = { status: number; body: unknown; retryAfter?: number }

async function send(
  { send, clock }: HttpSurroundings,
  { method, path, json, bytes, headers, deadline = DEADLINE }: Asked,
  token: string,
  stop: AbortSignal,
): Promise<Got | { is: 'silent'; why: 'no-answer' | 'not-core'; message?: string }> {
  const over = new AbortController()
  const answered = new AbortController()
  const stopped = () => answered.abort()
  stop.addEventListener('abort', stopped)
  if (stop.aborted) stopped()
  const late = clock.wait(deadline, answered.signal).then(() => {
    over.abort()
    return undefined
  })
  try {
    const exchange = async (): Promise<Got | undefined> => {
      const response = await send(path, {
        method,
        headers: {
          Accept: 'application/json',
          Authorization: `Bearer ${token}`,
          ...(json !== undefined && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(json !== undefined ? { body: JSON.stringify(json) } : bytes !== undefined && { body: bytes }),
        signal: over.signal,
      })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json') ?? false
      const seconds = Number(response.headers.get('retry-after'))
      return {
        status: response.status,
        body: isJson ? parsed(text) : undefined,
        ...(seconds > 0 && { retryAfter: seconds }),
      }
    }
    return (await Promise.race([exchange(), late])) ?? { is: 'silent', why: 'no-answer' }
  } catch {
    return { is: 'silent', why: 'no-answer' }
  } finally {
    answered.abort()
    stop.removeEventListener('abort', stopped)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A refusal in Core's own shape; undefined when somebody else refused. */
function refusalOf(status: number, body: unknown, retryAfter?: number): CoreRefusal | undefined {
  const data = isObject(body) && isObject(body.data) ? body.data : undefined
  const isCores = isObject(body) && typeof body.message === 'string' && data?.httpStatus === status
  // Whoever it is that does not let so much through will not let it through later either.
  if (!isCores) return status === 413 ? { status, message: 'It is too large' } : undefined
  return {
    status,
    message: body.message as string,
    ...(Array.isArray(body.fields) && { fields: body.fields.filter(isFieldProblem) }),
    ...(isObject(data?.details) && { details: data.details }),
    ...(retryAfter !== undefined && { retryAfter }),
  }
}

const isFieldProblem = (value: unknown): value is { field: string; messageId: string; message: string } =>
  isObject(value) && typeof value.field === 'string' && typeof value.message === 'string'

const notCore = (status: number): { is: 'silent'; why: 'not-core'; message: string } => ({
  is: 'silent',
  why: 'not-core',
  message: String(status),
})

function acting(item: OutboxItem, body: Record<string, unknown>): Asked {
  const record = `/events/${encodeURIComponent(item.eventId ?? item.recordId)}`
  if (item.action === 'DELETE') return { method: 'DELETE', path: record }
  const path = `${record}/actions/${stepOf(item.action)}`
  return { method: 'POST', path, json: { ...body, transactionId: item.id } }
}

/** A correction that the country refused, or that is not there, can never be approved. */
function toBeApproved(answer: Answer<AskedCorrection>): Answer<string | null> {
  if (answer.is !== 'done') return answer
  const { status, id } = answer.value
  if (status === 'Requested') return { is: 'done', value: null }
  if (status === 'Accepted' && id !== undefined) return { is: 'done', value: id }
  const message = 'The correction that this approves was refused, or is no longer there'
  return { is: 'refused', refusal: { status: 409, message } }
}

const stepOf = (action: OutboxAction): string => action.toLowerCase().replaceAll('_', '-')

function uploadOf(body: unknown): Upload | undefined {
  if (!isObject(body)) return undefined
  const { id, offset, path, complete } = body
  if (typeof id !== 'string' || typeof offset !== 'number' || typeof path !== 'string') return undefined
  return { id, offset, ...(complete === true && { path }) }
}
