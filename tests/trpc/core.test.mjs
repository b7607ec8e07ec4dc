// What a country config written for OpenCRVS does, done to Core by the client library that it
// uses: @trpc/client with httpBatchLink and superjson.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { TRPCClientError, createTRPCClient, httpBatchLink } from '@trpc/client'
import superjson from 'superjson'
import { Core } from './core.mjs'
import { CountryConfig } from './country-config.mjs'

let country, core, registrar, token

/** A client as OpenCRVS's toolkit makes it; notes the HTTP requests it sends in `sent`. */
function clientWith(authorization, sent = []) {
  return createTRPCClient({
    links: [
      httpBatchLink({
        url: `${core.url}/events`,
        transformer: superjson,
        headers: () => (authorization ? { Authorization: authorization } : {}),
        async fetch(url, options) {
          const response = await fetch(url, options)
          sent.push({ url: new URL(url), method: options.method, status: response.status })
          return response
        },
      }),
    ],
  })
}

async function post(path, body) {
  const response = await fetch(`${core.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`)
  return response.json()
}

/** Signs in as people do: a password, then the code that country config was asked to deliver. */
async function signIn(username) {
  const earlier = new Set(country.triggers)
  const { nonce } = await post('/auth/authenticate', { username, password: 'demo-only' })
  const { body } = await country.trigger(
    (trigger) => trigger.path === '/triggers/user/2fa' && !earlier.has(trigger),
  )
  return (await post('/auth/verifyCode', { nonce, code: body.code })).token
}

function daysAgo(days) {
  return new Date(Date.now() - days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10)
}

// A child of another’s name each time: children too much alike are possible duplicates, and are
// not registered before somebody has looked at them.
const firstnames = [
  'Amandine', 'Bastien', 'Corentin', 'Delphine', 'Edouard', 'Fabrice', 'Ghislaine', 'Hippolyte',
  'Isabeau', 'Jocelyn', 'Killian', 'Ludivine', 'Maximilien', 'Noémie', 'Ombeline', 'Perceval',
][Symbol.iterator]()

async function declaration(surname) {
  const sample = new URL('../../crates/country/samples/birth.json', import.meta.url)
  return {
    ...JSON.parse(await readFile(sample, 'utf8')),
    'child.name': { firstname: firstnames.next().value, surname },
    'child.dob': daysAgo(5),
  }
}

/** A record of a birth, created by and assigned to the registrar. */
function create() {
  return registrar.event.create.mutate({ type: 'birth', transactionId: randomUUID() })
}

/** The same, declared, and still the registrar's. */
async function declared(surname) {
  const { id } = await create()
  return registrar.event.actions.declare.request.mutate({
    eventId: id,
    transactionId: randomUUID(),
    declaration: await declaration(surname),
    annotation: undefined,
    keepAssignmentIfAccepted: true,
  })
}

function register(eventId, transactionId = randomUUID()) {
  const input = { eventId, transactionId, declaration: {} }
  return registrar.event.actions.register.request.mutate(input)
}

function triggerOf(action, eventId) {
  const path = `/trigger/events/birth/actions/${action}`
  return country.trigger((trigger) => trigger.path === path && trigger.body.id === eventId)
}

function newest(document, type) {
  return document.actions.findLast((action) => action.type === type)
}

function refused(code, httpStatus, message) {
  return (error) => {
    assert.ok(error instanceof TRPCClientError, String(error))
    assert.equal(error.data?.code, code, error.message)
    assert.equal(error.data.httpStatus, httpStatus)
    if (message) assert.match(error.message, message)
    return true
  }
}

before(async () => {
  country = await CountryConfig.start()
  core = await Core.start(country.url)
  token = await signIn('a.sorel')
  registrar = clientWith(`Bearer ${token}`)
})

after(async () => {
  const status = await core?.stop()
  await country?.stop()
  assert.equal(status, 0, 'Core stops in good order when asked to')
})

test('a created record is its maker’s, once per transaction', async () => {
  const input = { type: 'birth', transactionId: randomUUID() }
  const record = await registrar.event.create.mutate(input)
  assert.match(record.trackingId, /^[0-9A-Z]{6}$/)
  assert.equal(record.actions[0].type, 'CREATE')
  assert.equal(newest(record, 'ASSIGN').assignedTo, record.actions[0].createdBy)
  const again = await registrar.event.create.mutate(input)
  assert.equal(again.id, record.id)
})

test('a declaration is handed to the country, which accepts it', async () => {
  const record = await declared('Handover')
  assert.equal(newest(record, 'DECLARE').status, 'Accepted')

  const trigger = await triggerOf('DECLARE', record.id)
  const handed = trigger.body.actions.at(-1)
  assert.deepEqual([handed.type, handed.status], ['DECLARE', 'Requested'])
  assert.equal(handed.declaration['child.name'].surname, 'Handover')
  assert.match(trigger.headers.authorization, /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/)
  assert.equal(trigger.headers['idempotency-key'], trigger.headers['webhook-id'])
  assert.equal(trigger.headers['x-delivery-attempt'], '1')
})

test('a registration carries the number the country gave it', async () => {
  const { id } = await declared('Number')
  const record = await register(id)
  const accepted = newest(record, 'REGISTER')
  assert.equal(accepted.status, 'Accepted')
  assert.match(accepted.registrationNumber, /^TRPC\d{8}$/)
  assert.equal(newest(record, 'UNASSIGN')?.status, 'Accepted')
})

test('reading a record answers it with the reading as its last action', async () => {
  const { id } = await create()
  const record = await registrar.event.get.query({ eventId: id })
  assert.equal(record.id, id)
  assert.equal(record.actions.at(-1).type, 'READ')
})

test('a search finds a record by what was declared', async () => {
  const { id } = await declared('Findable')
  const found = await registrar.event.search.query({
    query: {
      type: 'and',
      clauses: [
        { eventType: 'birth', status: { type: 'exact', term: 'DECLARED' } },
      ],
    },
    limit: 50,
    offset: 0,
    sort: [{ field: 'updatedAt', direction: 'desc' }],
  })
  const index = found.results.find((result) => result.id === id)
  assert.equal(index.status, 'DECLARED')
  assert.equal(index.declaration['child.name'].surname, 'Findable')
  assert.ok(found.total >= found.results.length)
})

test('queues are listed as the country configured them, and counted', async () => {
  const queues = await registrar.workqueue.config.list.query()
  const { slug } = queues.find((queue) => queue.slug === 'pending-registration')
  const query = { type: 'and', clauses: [{ eventType: 'birth', status: { type: 'exact', term: 'DECLARED' } }] }
  const before = await registrar.workqueue.count.query([{ slug, query }])
  await declared('Counted')
  const after = await registrar.workqueue.count.query([{ slug, query }])
  assert.equal(after[slug], before[slug] + 1)
})

test('calls made together travel in one request', async () => {
  const { id } = await create()
  const sent = []
  const client = clientWith(`Bearer ${token}`, sent)
  const [record, queues] = await Promise.all([
    client.event.get.query({ eventId: id }),
    client.workqueue.config.list.query(),
  ])
  assert.equal(record.id, id)
  assert.ok(queues.length > 0)
  assert.deepEqual(
    sent.map(({ url, method, status }) => [url.pathname, method, status]),
    [['/events/event.get,workqueue.config.list', 'GET', 200]],
  )
})

test('a batch with mixed outcomes answers 207, and each call gets its own', async () => {
  const { id } = await create()
  const sent = []
  const client = clientWith(`Bearer ${token}`, sent)
  const unknown = randomUUID()
  const [found, missing] = await Promise.allSettled([
    client.event.get.query({ eventId: id }),
    client.event.get.query({ eventId: unknown }),
  ])
  assert.equal(found.value?.id, id)
  refused('NOT_FOUND', 404, new RegExp(`Event not found with ID: ${unknown}`))(missing.reason)
  assert.deepEqual(sent.map(({ status }) => status), [207])
})

test('nobody is let in without a token', async () => {
  await assert.rejects(
    clientWith(undefined).event.get.query({ eventId: randomUUID() }),
    refused('UNAUTHORIZED', 401, /Authorization token is missing/),
  )
})

test('an unknown procedure and invalid input are told apart', async () => {
  await assert.rejects(registrar.event.nonsense.query(), refused('NOT_FOUND', 404))
  await assert.rejects(
    registrar.event.create.mutate({ type: 'birth' }),
    refused('BAD_REQUEST', 400, /"path":\s*\[\s*"transactionId"\s*\]/),
  )
})

test('what the country has not decided yet is accepted later, with the action’s own token', async () => {
  const { id } = await declared('Later')
  country.answerNext('REGISTER', [202])
  const waiting = await register(id)
  const requested = newest(waiting, 'REGISTER')
  assert.equal(requested.status, 'Requested')

  const { headers } = await triggerOf('REGISTER', id)
  const integration = clientWith(headers.authorization)
  const decision = {
    transactionId: randomUUID(),
    eventId: id,
    actionId: requested.id,
    registrationNumber: 'LATER0000001',
  }
  const { accept, reject } = integration.event.actions.register
  const accepted = await accept.mutate(decision)
  const resolution = newest(accepted, 'REGISTER')
  assert.equal(resolution.status, 'Accepted')
  assert.equal(resolution.originalActionId, requested.id)
  assert.equal(resolution.registrationNumber, 'LATER0000001')

  // Deciding the same again changes nothing; deciding otherwise is a conflict that says so.
  const again = await accept.mutate(decision)
  assert.equal(again.actions.filter((action) => action.type === 'REGISTER').length, 2)
  await assert.rejects(
    reject.mutate({ transactionId: randomUUID(), eventId: id, actionId: requested.id }),
    refused('CONFLICT', 409),
  )
})

test('an action’s token opens no other record', async () => {
  const other = await create()
  const { id } = await declared('Narrow')
  country.answerNext('REGISTER', [202])
  await register(id)
  const { headers } = await triggerOf('REGISTER', id)
  await assert.rejects(
    clientWith(headers.authorization).event.get.query({ eventId: other.id }),
    refused('FORBIDDEN', 403),
  )
})

test('what the country refuses later goes back with its reason', async () => {
  const { id } = await declared('Refused')
  country.answerNext('REGISTER', [202])
  const requested = newest(await register(id), 'REGISTER')
  const { headers } = await triggerOf('REGISTER', id)
  const { reject } = clientWith(headers.authorization).event.actions.register
  await reject.mutate({
    transactionId: randomUUID(),
    eventId: id,
    actionId: requested.id,
    reason: 'Unknown to the population register',
  })
  const record = await registrar.event.get.query({ eventId: id })
  const rejected = newest(record, 'REGISTER')
  assert.equal(rejected.status, 'Rejected')
  assert.equal(rejected.content.reason, 'Unknown to the population register')
})

test('a country config that fails is asked again until it answers', async () => {
  const { id } = await declared('Again')
  country.answerNext('REGISTER', [500, { message: 'down' }], [400, { reason: 'no' }])
  const record = await register(id)
  assert.equal(newest(record, 'REGISTER').status, 'Accepted')
  const attempts = country.triggers.filter(
    ({ path, body }) => path.endsWith('/REGISTER') && body.id === id,
  )
  assert.deepEqual(
    attempts.map(({ headers }) => headers['x-delivery-attempt']),
    ['1', '2', '3'],
  )
  assert.equal(new Set(attempts.map(({ headers }) => headers['webhook-id'])).size, 1)
})
