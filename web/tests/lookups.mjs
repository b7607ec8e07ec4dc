// A country whose form looks things up elsewhere: the reference country, with one more type of event that has every
// field which calls out, and the services of the country's that these call.
import { createServer } from 'node:http'

const text = (id, defaultMessage) => ({ id: `lookups.${id}`, defaultMessage, description: id })
const from = (field, ...subfield) => ({ $$field: field, $$subfield: subfield })
/** A conditional of the country's that holds when a field says this. */
const says = (field, properties) => ({
  type: 'object',
  properties: { $form: { type: 'object', properties: { [field]: properties }, required: [field] } },
  required: ['$form'],
})

/** The one more type of event. `codes`, `identity` and `stranger` are origins. */
export function eventThatAsks({ codes, identity, stranger }) {
  const field = (id, type, label, more = {}) => ({
    id,
    type,
    label: text(`field.${id}`, label),
    required: false,
    conditionals: [],
    validation: [],
    ...more,
  })
  const review = { title: text('review', 'Everything once more'), fields: [] }
  const action = (type, label) => ({ type, label: text(type, label), flags: [] })
  const person = {
    url: `${codes}/person`,
    method: 'POST',
    body: { number: from('number'), at: '$window.location.pathname' },
    params: { kind: 'person' },
    timeout: 20_000,
    errorValue: { name: '' },
  }
  const pages = [
    {
      id: 'found',
      type: 'FORM',
      title: text('found', 'What is looked up'),
      fields: [
        field('cause', 'AUTOCOMPLETE', 'Cause', {
          configuration: {
            url: `${codes}/causes?terms=`,
            method: 'GET',
            defaultOptions: [{ label: 'Another cause', value: 'OTHER' }],
          },
        }),
        field('number', 'TEXT', 'Number'),
        field('ask', 'BUTTON', 'Person', { configuration: { text: text('ask', 'Ask for the person') } }),
        field('person', 'HTTP', 'The person', { configuration: { ...person, trigger: from('ask') } }),
        field('name', 'TEXT', 'Name found', {
          parent: from('person'),
          value: from('person', 'data', 'name'),
        }),
        field('elsewhere', 'AUTOCOMPLETE', 'Elsewhere', {
          configuration: { url: `${stranger}/causes?terms=` },
        }),
        field('card', 'QR_READER', 'Scan the card'),
        field('holder', 'TEXT', 'Name on the card', {
          parent: from('card'),
          value: from('card', 'data', 'name'),
        }),
        field('paper', 'FILE', 'Paper', { configuration: { maxFileSize: 5_000_000 } }),
      ],
    },
    {
      id: 'identity',
      type: 'FORM',
      title: text('identity', 'Who it is'),
      fields: [
        field('params', 'QUERY_PARAM_READER', '', { configuration: { pickParams: ['code', 'state'] } }),
        field('proof', 'HTTP', 'Proof of identity', {
          configuration: {
            trigger: from('params'),
            url: `${identity}/userinfo`,
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: { clientId: 'desk', redirectUri: '$window.location.href' },
            params: { code: from('params', 'data', 'code'), state: from('params', 'data', 'state') },
            errorValue: { verificationStatus: 'failed' },
            timeout: 20_000,
          },
        }),
        field('waiting', 'LOADER', '', {
          parent: from('proof'),
          conditionals: [
            {
              type: 'SHOW',
              conditional: says('proof', {
                type: 'object',
                properties: { loading: { const: true } },
                required: ['loading'],
              }),
            },
          ],
          configuration: { text: text('waiting', 'Asking the identity system') },
        }),
        field('leave', 'LINK_BUTTON', 'Prove who you are', {
          configuration: {
            url: `${identity}/authorize?client_id=desk&state=s1`,
            text: text('leave', 'Prove it at the identity system'),
            icon: 'Fingerprint',
          },
        }),
        field('verified', 'VERIFICATION_STATUS', 'Identity', {
          parent: from('proof'),
          value: from('proof', 'data', 'verificationStatus'),
          configuration: {
            status: text('status', '{value, select, verified {Verified} other {Not verified}}'),
            description: text('verified', 'What the identity system says.'),
          },
        }),
        field('proven', 'TEXT', 'Proven name', {
          parent: from('proof'),
          value: from('proof', 'data', 'name'),
        }),
      ],
    },
    {
      id: 'home',
      type: 'FORM',
      title: text('home', 'Where they live'),
      fields: [
        field('home', 'FIELD_GROUP', 'Home', {
          fields: [
            field('kind', 'RADIO_GROUP', 'Kind of home', {
              required: true,
              options: [
                { value: 'HOUSE', label: text('house', 'A house') },
                { value: 'BOAT', label: text('boat', 'A boat') },
              ],
            }),
            field('boat', 'FIELD_GROUP', 'The boat', {
              conditionals: [
                {
                  type: 'SHOW',
                  conditional: says('home', {
                    type: 'object',
                    properties: { kind: { const: 'BOAT' } },
                    required: ['kind'],
                  }),
                },
              ],
              fields: [
                field('harbour', 'TEXT', 'Harbour', { required: true }),
                field('berth', 'NUMBER', 'Berth'),
              ],
            }),
          ],
        }),
      ],
    },
  ]
  return {
    id: 'lookups',
    label: text('event', 'Lookup'),
    title: text('title', '{number}'),
    fallbackTitle: text('untitled', 'Not numbered'),
    summary: { fields: [] },
    flags: [],
    declaration: { label: text('form', 'Lookup'), pages },
    actions: [
      { ...action('READ', 'Read'), review },
      { ...action('DECLARE', 'Declare'), review },
      action('REJECT', 'Reject'),
      action('REGISTER', 'Register'),
    ],
    advancedSearch: [],
  }
}

const bodyOf = async (request) => {
  const parts = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts)
}

const listening = (handle) =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      handle(request, response).catch((error) => response.destroy(error))
    })
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })

export const originOf = (server) => `http://127.0.0.1:${server.address().port}`

/** Passes everything on to the reference country, but for what belongs to its one more type of event. */
export function countryWith(country, event) {
  return listening(async (request, response) => {
    const body = await bodyOf(request)
    if (request.url.startsWith(`/trigger/events/${event.id}/`)) {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      return
    }
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
    const answer = await fetch(`${country}${request.url}`, {
      method: request.method,
      headers,
      ...(body.length > 0 ? { body } : {}),
    })
    const kind = answer.headers.get('content-type')
    const said = Buffer.from(await answer.arrayBuffer())
    const isEvents = request.url === '/config/events' && answer.ok
    response.writeHead(answer.status, kind ? { 'content-type': kind } : {})
    response.end(isEvents ? JSON.stringify([...JSON.parse(said), event]) : said)
  })
}

const CAUSES = [
  { id: 'A00', label: 'Cholera' },
  { id: 'A01', label: 'Typhoid fever' },
  { id: 'J10', label: 'Influenza' },
]

/** Services of the country's, which answer browsers of this desk alone (CORS). */
export class Services {
  /** What was asked, the latest last: `{path, query, body, authorization}`. */
  asked = []
  /** 'well', 'wrong' (an error), 'held' (no answer until it is anything else). */
  mood = 'well'

  static async start() {
    const services = new Services()
    services.server = await listening((request, response) => services.#answer(request, response))
    services.origin = originOf(services.server)
    return services
  }

  async stop() {
    this.server?.closeAllConnections()
    await new Promise((resolve) => this.server?.close(resolve))
  }

  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.origin)
    const body = await bodyOf(request)
    const allowed = {
      'access-control-allow-origin': this.desk,
      'access-control-allow-headers': 'content-type, authorization',
      'access-control-allow-methods': 'GET, POST',
    }
    if (request.method === 'OPTIONS') {
      response.writeHead(204, allowed).end()
      return
    }
    if (pathname === '/authorize') {
      const back = new URL(searchParams.get('redirect_uri'))
      this.back = back.href
      back.searchParams.set('code', 'c0de')
      back.searchParams.set('state', searchParams.get('state'))
      const page = `<!doctype html><title>Identity</title><h1>Identity</h1><a href="${back.href.replaceAll('&', '&amp;')}">It is me</a>`
      response.writeHead(200, { 'content-type': 'text/html' }).end(page)
      return
    }
    this.asked.push({
      path: pathname,
      query: Object.fromEntries(searchParams),
      body: body.length > 0 ? JSON.parse(body) : undefined,
      authorization: request.headers.authorization,
    })
    while (this.mood === 'held') await new Promise((resolve) => setTimeout(resolve, 20))
    const say = (status, what) =>
      response.writeHead(status, { ...allowed, 'content-type': 'application/json' }).end(JSON.stringify(what))
    if (this.mood === 'wrong') return say(500, { message: 'not today' })
    if (pathname === '/causes') {
      const terms = searchParams.get('terms').toLowerCase()
      // By its code, too: what is typed need not stand in the label.
      return say(200, {
        results: CAUSES.filter(({ id, label }) => `${id} ${label}`.toLowerCase().includes(terms)),
      })
    }
    if (pathname === '/person') return say(200, { name: `Person ${JSON.parse(body).number}` })
    if (pathname === '/userinfo') {
      const isRight = searchParams.get('code') === 'c0de' && JSON.parse(body).redirectUri === this.back
      return isRight
        ? say(200, { verificationStatus: 'verified', name: 'Ada Proven' })
        : say(400, { message: 'no such code' })
    }
    return say(404, {})
  }
}
