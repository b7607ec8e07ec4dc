// A real country in place of our own: serves what one was found to serve, from the folder of it that lies
// beside the project where there is one, and says yes to whatever Core sends it.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, House, Part, seed, until } from './house.mjs'

const folder = fileURLToPath(new URL('../../../shared/data/farajaland-2.0.0/', import.meta.url))

/** Why the tests of a real country cannot be run here; `false` where they can. */
export const absent = existsSync(join(folder, 'events.json'))
  ? false
  : 'there is no real country’s configuration in ../shared/data/farajaland-2.0.0'

/** One of the country's documents, such as `events`. */
export const documentOf = async (name) => JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'))

const DOCUMENTS = {
  '/config/events': 'events',
  '/config/workqueues': 'workqueues',
  '/config/roles': 'roles',
  '/config/application': 'application',
  '/config/locations': 'locations',
  '/config/users': 'users',
  '/certificates': 'certificates',
  '/content/client': 'content-client',
  '/content/login': 'content-login',
}

/** The drawings did not come with the configuration: one that uses what the country's use. */
const drawing = (
  name,
) => `<svg xmlns="http://www.w3.org/2000/svg" width="595" height="420" viewBox="0 0 595 420">
<rect x="8" y="8" width="579" height="404" fill="none" stroke="#345"/>
<text x="297" y="60" text-anchor="middle" font-family="Noto Sans" font-size="20">${name}</text>
<text x="40" y="120" font-size="14">{{ $lookup $metadata 'trackingId' }}</text>
<text x="40" y="150" font-size="14">{{ $lookup $declaration 'child.name' }}{{ $lookup $declaration 'deceased.name' }}{{ $lookup $declaration 'applicant.name' }}</text>
<text x="40" y="180" font-size="14">{{ $lookup $metadata 'legalStatuses.REGISTERED.registrationNumber' }}</text>
</svg>`

class Country {
  messages = []
  /** What its answers at a path wait for. */
  holding = new Map()
  decisions = new Map()
  numbers = 0

  async start() {
    this.port ??= await freePort()
    this.url = `http://127.0.0.1:${this.port}`
    const systems = /http:\/\/127\.0\.0\.1:(?:53041|54040)/g
    this.documents = new Map()
    for (const [path, name] of Object.entries(DOCUMENTS)) {
      const text = await readFile(join(folder, `${name}.json`), 'utf8')
      // Its own systems answered there; here they are this one.
      this.documents.set(path, text.replace(systems, this.url))
    }
    this.server = createServer((request, response) => {
      const chunks = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', async () => {
        await this.holding.get(request.url.split('?')[0])
        const body = Buffer.concat(chunks).toString()
        const { status = 200, type = 'application/json', text = '{}' } = this.answer(request, body)
        response.writeHead(status, {
          'content-type': type,
          'access-control-allow-origin': '*',
          'access-control-allow-headers': '*',
        })
        response.end(text)
      })
    })
    await new Promise((done) => this.server.listen(this.port, '127.0.0.1', done))
  }

  /** Lets whoever asks at a path wait until the function that this gives is called. */
  hold(path) {
    const { promise, resolve } = Promise.withResolvers()
    this.holding.set(path, promise)
    return resolve
  }

  async kill() {
    this.server?.closeAllConnections()
    await new Promise((done) => this.server?.close(done))
  }

  answer({ method, url }, body) {
    const { pathname, searchParams } = new URL(url, this.url)
    if (method === 'OPTIONS') return { status: 204, text: '' }
    if (method === 'GET') {
      const text = this.documents.get(pathname)
      if (text) return { text }
      if (pathname === '/ping') return { text: '{"success":true}' }
      const certificate = /^\/certificates\/(.+)\.svg$/.exec(pathname)
      if (certificate) return { type: 'image/svg+xml', text: drawing(certificate[1]) }
      if (pathname === '/causes-of-death') {
        const found = [{ value: 'A00', label: `Cholera (${searchParams.get('terms')})` }]
        return { text: JSON.stringify(found) }
      }
      return { status: 404 }
    }
    const person = /^\/triggers\/user\/(.+)$/.exec(pathname)
    if (person) {
      this.messages.push({ at: new Date().toISOString(), about: person[1], ...JSON.parse(body) })
      return {}
    }
    const action = /^\/trigger\/events\/(.+)\/actions\/(.+)$/.exec(pathname)
    if (action?.[2] === 'REGISTER') {
      this.numbers += 1
      const registrationNumber = `2026B${String(this.numbers).padStart(7, '0')}`
      return { text: JSON.stringify({ registrationNumber }) }
    }
    if (pathname === '/mosip/userinfo')
      return { text: JSON.stringify({ verificationStatus: 'authenticated' }) }
    return {}
  }
}

/** Core with that country, and its people and places in it. */
export class RealHouse extends House {
  static async start() {
    const house = new RealHouse()
    house.folder = await mkdtemp(join(tmpdir(), 'countersign-real-'))
    house.country = new Country()
    await house.country.start()
    const port = await freePort()
    const data = join(house.folder, 'core')
    house.url = `http://127.0.0.1:${port}`
    const about = ['--country-url', house.country.url, '--data', data]
    const listen = ['core', '--listen', `127.0.0.1:${port}`, '--user-wait', '2s', '--development']
    const asks = ['--desk-asks', house.country.url]
    house.core = new Part('Core', [...listen, ...asks, ...about], `${house.url}/health/ready`)
    await house.core.start()
    await seed(['--core', house.url, ...about])
    return house
  }

  /** The newest code that the country was asked to send since `since` (ISO 8601), to whom it concerns. */
  code(since, username = '') {
    return until(`a code for ${username || 'anybody'}`, async () => {
      const sent = this.country.messages.filter(
        ({ at, code, recipient }) => code && at >= since && `${recipient?.email}`.startsWith(username),
      )
      return sent.at(-1)?.code
    })
  }

  /** The same, for one of several people who sign in at once. */
  of(username) {
    const code = (since) => this.code(since, username)
    return { url: this.url, code, token: House.prototype.token }
  }
}
