// Core, a country config and the outside world, as real processes on ports of their own, so that a test
// can kill each of them.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const binary = process.env.COUNTERSIGN_BINARY
if (!binary) throw new Error('COUNTERSIGN_BINARY must name the program; scripts/web.sh browser does so')

export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

/** Waits for a condition, however long the machine takes; says what it waited for when it gives up. */
export async function until(what, look, { within = 60_000, every = 100 } = {}) {
  const end = Date.now() + within
  let last
  for (;;) {
    try {
      const found = await look()
      if (found) return found
    } catch (error) {
      last = error
    }
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`, { cause: last })
    await pause(every)
  }
}

/** One program of ours, running. */
export class Part {
  constructor(name, args, ready) {
    Object.assign(this, { name, args, ready, said: [] })
  }

  async start() {
    this.child = spawn(binary, this.args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const child = this.child
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        this.said.push(String(text))
        if (this.said.length > 400) this.said.shift()
      })
    await until(`${this.name} to answer`, async () => {
      if (child.exitCode !== null) throw new Error(`${this.name} ended: ${this.said.join('').slice(-2000)}`)
      return (await fetch(this.ready)).ok
    })
  }

  /** As a power cut does. */
  async kill(signal = 'SIGKILL') {
    const { child } = this
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const over = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await over
  }
}

/** Brings the country's places and people into Core; they can sign in at once. */
export const seed = (about) =>
  new Promise((resolve, reject) => {
    const seeding = spawn(binary, ['seed', '--activate-users', ...about])
    let said = ''
    seeding.stderr.on('data', (text) => (said += text))
    seeding.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`seeding failed: ${said}`))))
  })

/** Everything that a desk needs around it. */
export class House {
  /**
   * `through` is given the country config's address and gives the one that Core is told instead; `core` are
   * further options of Core's.
   */
  static async start({ through = async (country) => country, core: options = [] } = {}) {
    const house = new House()
    house.folder = await mkdtemp(join(tmpdir(), 'countersign-desk-'))
    const [core, country, outside, mail] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
    const url = (port) => `http://127.0.0.1:${port}`
    const data = (name) => join(house.folder, name)
    house.url = url(core)
    house.inbox = url(outside)
    house.countryUrl = url(country)
    house.standins = new Part(
      'the stand-ins',
      [
        'standins',
        '--listen',
        `127.0.0.1:${outside}`,
        '--smtp',
        `127.0.0.1:${mail}`,
        '--data',
        data('standins'),
      ],
      `${url(outside)}/inbox`,
    )
    house.country = new Part(
      'country config',
      [
        'country',
        '--listen',
        `127.0.0.1:${country}`,
        '--core-url',
        url(core),
        '--national-id-url',
        url(outside),
        '--sms-url',
        url(outside),
        '--smtp',
        `127.0.0.1:${mail}`,
        '--data',
        data('country'),
      ],
      `${url(country)}/ping`,
    )
    house.core = new Part(
      'Core',
      [
        'core',
        '--listen',
        `127.0.0.1:${core}`,
        '--country-url',
        await through(url(country)),
        '--data',
        data('core'),
        '--user-wait',
        '2s',
        '--backoff-cap',
        '2s',
        '--development',
        ...options,
      ],
      `${url(core)}/health/ready`,
    )
    await house.standins.start()
    await house.country.start()
    await house.core.start()
    await seed(['--core', url(core), '--country-url', url(country), '--data', data('core')])
    return house
  }

  /** Has country config listen elsewhere, where Core does not look for it. */
  async moveCountry() {
    const from = new URL(this.countryUrl).host
    const to = `127.0.0.1:${await freePort()}`
    const { country } = this
    country.args = country.args.map((argument) => (argument === from ? to : argument))
    country.ready = country.ready.replace(from, to)
    this.countryUrl = `http://${to}`
    await country.start()
  }

  async stop() {
    for (const part of [this.core, this.country, this.standins]) await part?.kill()
    await rm(this.folder, { recursive: true, force: true })
  }

  /** The newest six digits that were sent to anybody since `since` (ISO 8601). */
  code(since) {
    return until('a code in the inbox', async () => {
      const messages = await (await fetch(`${this.inbox}/inbox`)).json()
      for (const message of messages) {
        if (message.at < since) continue
        const found = /(?:^|\s)(\d{6})(?=[\s.,:;]|$)/.exec(message.text)
        if (found) return found[1]
      }
      return undefined
    })
  }

  /** A token, without a browser: to look at what Core has. */
  async token(username, password = 'demo-only') {
    const since = new Date().toISOString()
    const post = async (path, body) =>
      (
        await fetch(`${this.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).json()
    const { nonce } = await post('/auth/authenticate', { username, password })
    const { token } = await post('/auth/verifyCode', { nonce, code: await this.code(since) })
    return token
  }
}

/** Turns the knobs of the national ID stand-in: `{hold}`, `{delayMs}`, or nothing for as usual. */
export const nationalId = (house, knobs = {}) =>
  fetch(`${house.inbox}/national-id/knobs`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(knobs),
  })

/** Asks Core something over REST, as the desk does. What it answers with a status of `accept` is no error. */
export async function ask(house, token, path, body, { accept = [] } = {}) {
  const response = await fetch(`${house.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok && !accept.includes(response.status))
    throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json()
}

/**
 * Declares a birth without a browser, and registers it if that is wanted; gives the record. Of a child born at home
 * the national ID system is asked; `heard` is false where country config is not to answer for now.
 */
export async function declareBirth(house, token, options) {
  const { firstname = 'Ana', surname, register = false, atHome = false, heard = true } = options
  const { transactionId = `birth-${surname}` } = options
  const { default: answers } = await import('../../crates/country/samples/birth.json', {
    with: { type: 'json' },
  })
  const begun = await ask(house, token, '/events', { type: 'birth', transactionId })
  const { id } = begun
  const born = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10)
  const declaration = {
    ...answers,
    'child.name': { firstname, surname },
    'child.dob': born,
    // Of a name that nobody else’s is like, so that it is thought to be no duplicate.
    'mother.name': { firstname: [...surname].reverse().join(''), surname },
  }
  if (atHome) {
    const home = answers['mother.address']
    const place = { 'child.place': 'HOME', 'child.home': home, 'child.placeId': home.administrativeArea }
    Object.assign(declaration, place, { 'child.facility': undefined })
  }
  const declared = { transactionId, declaration, annotation: {}, keepAssignment: register }
  const accept = heard ? [] : [503]
  const record = await ask(house, token, `/events/${id}/actions/declare`, declared, { accept })
  if (!heard) return begun
  if (!register) return record
  const registered = { transactionId, declaration: {}, annotation: {} }
  return ask(house, token, `/events/${id}/actions/register`, registered)
}

/** The records of Core's that have this surname, as a registrar finds them. */
export async function recordsOf(house, token, surname) {
  const query = { type: 'and', clauses: [{ data: { 'child.name': { type: 'fuzzy', term: surname } } }] }
  const found = await ask(house, token, '/events/search', { query, limit: 10, offset: 0 })
  return Promise.all(found.results.map(({ id }) => ask(house, token, `/events/${id}`)))
}

/** How many actions of a type and status a record has. */
export const count = (record, type, status) =>
  record.actions.filter((action) => action.type === type && action.status === status).length
