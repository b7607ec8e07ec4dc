import { describe, expect, test } from 'vitest'
import type { Clock } from './drainer'
import type { OutboxItem } from './item'
import { overHttp, type Send } from './overHttp'

const item = { id: 't1', action: 'REGISTER', eventId: 'e1', recordId: 'r1' } as OutboxItem
const stop = new AbortController().signal
const never: Clock = {
  now: () => 0,
  elapsed: () => 0,
  wait: (_, signal) => new Promise((done) => signal.addEventListener('abort', () => done())),
}

interface Told {
  status: number
  type?: string
  body: unknown
  retryAfter?: string
}

function core(told: Told | Error, token: string | null = 'token') {
  const asked: { path: string; method: string; body: unknown }[] = []
  let refused = 0
  const send: Send = async (path, { method, body }) => {
    asked.push({ path, method, body: typeof body === 'string' ? JSON.parse(body) : body })
    if (told instanceof Error) throw told
    const { status, body: answer, type = 'application/json', retryAfter = null } = told
    const headers = { get: (name: string) => (name === 'content-type' ? type : retryAfter) }
    return {
      status,
      headers,
      text: async () => (typeof answer === 'string' ? answer : JSON.stringify(answer)),
    }
  }
  const made = overHttp({ send, token: () => token ?? undefined, refused: () => refused++, clock: never })
  return { made, asked, refusals: () => refused }
}

const act = (told: Told | Error) => core(told).made.act(item, { declaration: {} }, stop)
const error = (status: number, details?: object) => ({
  message: 'No',
  code: 'X',
  data: { httpStatus: status, details },
})
const asked = { id: 'a1', transactionId: 't1', type: 'REGISTER', status: 'Requested' }
const record = (...actions: object[]) => ({ id: 'e1', actions })

describe('an answer to an action', () => {
  test.each([
    ['undecided', record(asked)],
    ['approved', record(asked, { ...asked, id: 'a2', originalActionId: 'a1', status: 'Accepted' })],
    [
      'held-back',
      record({ id: 'd', transactionId: 't1', type: 'DUPLICATE_DETECTED', content: { duplicates: [] } }),
    ],
  ])('that Core gives is believed: %s', async (is, body) => {
    expect(await act({ status: 200, body })).toMatchObject({ is: 'done', value: { is } })
  })

  test('says why the country refused', async () => {
    const rejected = { ...asked, id: 'a2', originalActionId: 'a1', status: 'Rejected' }
    const content = { reason: 'Not so', handedBack: true }
    expect(await act({ status: 200, body: record(asked, { ...rejected, content }) })).toMatchObject({
      value: { is: 'refused', reason: 'Not so', handedBack: true, byHand: false },
    })
  })

  test('that Core has it, and country config has not, is no refusal', async () => {
    const details = { actionId: 'a1', delivery: { state: 'queued', attempts: 3, lastError: 'refused' } }
    expect(await act({ status: 503, body: error(503, details) })).toEqual({
      is: 'done',
      value: { is: 'undelivered', actionId: 'a1', attempts: 3, lastError: 'refused' },
    })
  })

  const page = '<html>Sign in to the Wi-Fi</html>'
  test.each([
    ['a page with 200', { status: 200, type: 'text/html', body: page }],
    ['a page that calls itself JSON', { status: 200, body: page }],
    ['JSON of something else', { status: 200, body: { status: 'ok' } }],
    ['another record', { status: 200, body: { id: 'e2', actions: [asked] } }],
    ['the record without the action', { status: 200, body: record() }],
    ['a proxy’s refusal', { status: 403, type: 'text/html', body: page }],
    ['a proxy’s 404 in JSON', { status: 404, body: { error: 'not found' } }],
    ['a proxy’s 401', { status: 401, type: 'text/html', body: page }],
    ['a redirect', { status: 0, type: '', body: '' }],
    ['a gateway that waits no longer', { status: 504, type: 'text/html', body: page }],
  ])('is not Core’s: %s', async (_, told) => {
    expect(await act(told)).toMatchObject({ is: 'silent', why: 'not-core' })
  })

  test('that never comes is silence', async () => {
    expect(await act(new TypeError('Failed to fetch'))).toEqual({ is: 'silent', why: 'no-answer' })
  })

  test('names the answers that will not do, and when to try again', async () => {
    const fields = [{ field: 'child.dob', messageId: 'm', message: 'Future' }]
    expect(await act({ status: 400, body: { ...error(400), fields } })).toMatchObject({ refusal: { fields } })
    expect(await act({ status: 429, body: error(429), retryAfter: '7' })).toMatchObject({
      refusal: { retryAfter: 7 },
    })
  })
})

test('without a token nothing is asked, and a token that Core refuses is given up', async () => {
  const { made, asked: sent } = core({ status: 200, body: record(asked) }, null)
  expect(await made.act(item, {}, stop)).toEqual({ is: 'signed-out' })
  expect(sent).toEqual([])
  const refused = core({ status: 401, body: error(401) })
  expect(await refused.made.act(item, {}, stop)).toEqual({ is: 'signed-out' })
  expect(refused.refusals()).toBe(1)
})

test('an action goes to its own path with its transaction id', async () => {
  const { made, asked: sent } = core({ status: 200, body: record(asked) })
  await made.act({ ...item, action: 'PRINT_CERTIFICATE' }, { declaration: {} }, stop)
  await made.act({ ...item, action: 'DELETE' }, {}, stop)
  expect(sent).toEqual([
    {
      path: '/events/e1/actions/print-certificate',
      method: 'POST',
      body: { declaration: {}, transactionId: 't1' },
    },
    { path: '/events/e1', method: 'DELETE', body: undefined },
  ])
})

describe('where an action stands', () => {
  const standing = (status: number, body: unknown, of = item) =>
    core({ status, body }).made.standing(of, stop)
  const submission = { actionId: 'a1', type: 'REGISTER', status: 'Requested' }
  const transaction = (more: object) => ({ transactionId: 't1', submissions: [{ ...submission, ...more }] })

  test('is acknowledged once the delivery is delivered, not before', async () => {
    const told = async (state: string) => standing(200, transaction({ delivery: { state, attempts: 2 } }))
    expect(await told('leased')).toMatchObject({ value: { is: 'undelivered', attempts: 2 } })
    expect(await told('delivered')).toMatchObject({ value: { is: 'undecided' } })
    expect(await standing(200, transaction({ delivery: null }))).toMatchObject({
      value: { is: 'undelivered' },
    })
    expect(await standing(200, transaction({ status: 'Accepted' }))).toMatchObject({
      value: { is: 'approved' },
    })
  })

  test('is unknown only when Core itself says so', async () => {
    expect(await standing(404, error(404))).toEqual({ is: 'done', value: null })
    expect(await standing(404, 'not found')).toMatchObject({ is: 'silent' })
    expect(await standing(200, { transactionId: 'other', submissions: [] })).toMatchObject({ is: 'silent' })
  })

  test('of a deletion is told by the record', async () => {
    const deletion = { ...item, action: 'DELETE' } as OutboxItem
    expect(await standing(404, error(404), deletion)).toMatchObject({ value: { is: 'approved' } })
    expect(await standing(200, record(), deletion)).toEqual({ is: 'done', value: null })
  })
})

test('a correction can be approved once the country has taken the request', async () => {
  const request = { id: 'q', transactionId: 'c1', type: 'REQUEST_CORRECTION', status: 'Requested' }
  const decided = (status: string) => ({ ...request, id: 'q2', originalActionId: 'q', status })
  const found = (...actions: object[]) =>
    core({ status: 200, body: record(...actions) }).made.correction('e1', 'c1', stop)
  expect(await found(request)).toEqual({ is: 'done', value: null })
  expect(await found(request, decided('Accepted'))).toEqual({ is: 'done', value: 'q2' })
  expect(await found(request, decided('Rejected'))).toMatchObject({ is: 'refused', refusal: { status: 409 } })
  expect(await found(asked)).toMatchObject({ is: 'refused', refusal: { status: 409 } })
})

test('the record that a transaction began is what Core says of it', async () => {
  const begun = (status: number, body: unknown) => core({ status, body }).made.begun('r1.record', stop)
  const submissions = [{ type: 'CREATE', eventId: 'e1' }]
  expect(await begun(200, { transactionId: 'r1.record', submissions })).toEqual({ is: 'done', value: 'e1' })
  expect(await begun(404, error(404))).toEqual({ is: 'done', value: null })
  expect(await begun(200, { transactionId: 'other', submissions })).toMatchObject({ is: 'silent' })
})

test('an upload is whole when Core says so, whatever path it has', async () => {
  const upload = { id: 'u', path: 'p.jpg', offset: 3, size: 9, complete: false }
  const { made } = core({ status: 200, body: upload })
  const chunk = new ArrayBuffer(3)
  expect(await made.uploads.append('u', 0, chunk, stop)).toEqual({
    is: 'done',
    value: { id: 'u', offset: 3 },
  })
  const whole = core({ status: 200, body: { ...upload, offset: 9, complete: true } }).made
  expect(await whole.uploads.append('u', 3, chunk, stop)).toMatchObject({ value: { path: 'p.jpg' } })
})
