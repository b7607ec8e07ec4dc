// A country config of a few lines: it serves the reference country's documents, answers triggers
// as each test wants, and remembers what it was sent.
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'

const documents = new URL('../../crates/country/config/', import.meta.url)

export class CountryConfig {
  /** Every trigger that arrived: {path, headers, body}. */
  triggers = []
  /** What the next triggers of an action are answered: [status, body?], by action; then 200. */
  #answers = new Map()
  #numbers = 0
  #waiting = []

  static async start() {
    const country = new CountryConfig()
    country.server = createServer((request, response) => country.#serve(request, response))
    await new Promise((ready) => country.server.listen(0, '127.0.0.1', ready))
    country.url = `http://127.0.0.1:${country.server.address().port}`
    return country
  }

  stop() {
    this.server.closeAllConnections()
    return new Promise((closed) => this.server.close(closed))
  }

  /** Answers the next triggers of this action so, one after the other. */
  answerNext(action, ...answers) {
    this.#answers.set(action, answers)
  }

  /** The first trigger, past or to come, that `wanted` says yes to. */
  async trigger(wanted, patience = 10_000) {
    const deadline = Date.now() + patience
    for (;;) {
      const found = this.triggers.find(wanted)
      if (found) return found
      const left = deadline - Date.now()
      if (left <= 0) throw new Error('the trigger did not arrive')
      await new Promise((resolve) => {
        this.#waiting.push(resolve)
        setTimeout(resolve, left).unref()
      })
    }
  }

  async #serve(request, response) {
    const path = new URL(request.url, this.url).pathname
    const document = path.match(/^\/config\/([a-z]+)$/)?.[1]
    if (document) {
      return reply(response, 200, await readFile(new URL(`${document}.json`, documents)))
    }
    if (path === '/ping') return reply(response, 200, { success: true })
    if (request.method !== 'POST' || !/^\/triggers?\//.test(path)) return reply(response, 404, {})

    let text = ''
    for await (const part of request) text += part
    this.triggers.push({ path, headers: request.headers, body: text ? JSON.parse(text) : undefined })
    this.#waiting.splice(0).forEach((wake) => wake())
    const action = path.match(/^\/trigger\/events\/[^/]+\/actions\/([A-Z_]+)$/)?.[1]
    const planned = this.#answers.get(action)?.shift()
    const accepted = action === 'REGISTER' ? { registrationNumber: this.#number() } : {}
    reply(response, ...(planned ?? [200, accepted]))
  }

  #number() {
    this.#numbers += 1
    return `TRPC${String(this.#numbers).padStart(8, '0')}`
  }
}

function reply(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(Buffer.isBuffer(body) ? body : JSON.stringify(body ?? {}))
}
