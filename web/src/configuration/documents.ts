// The country's documents as Core serves them, kept on the device: forms must open without a network.
import { NoAnswer, Refusal, refusalOf } from '../api/errors'
import type { CommonDatabase } from '../device/database'

export interface KeptDocument {
  path: string
  etag: string | null
  body: unknown
  fetchedAt: number
}

interface DocumentsOptions {
  database: CommonDatabase
  send: typeof fetch
  token: () => string | undefined
  now: () => number
}

export class Documents {
  constructor(private readonly options: DocumentsOptions) {}

  /** What the device has, whatever its age. */
  kept(path: string): Promise<KeptDocument | undefined> {
    return this.options.database.get('documents', path)
  }

  /** In place of one that the country does not have. */
  absent(path: string, body: unknown): KeptDocument {
    return { path, etag: null, body, fetchedAt: this.options.now() }
  }

  /**
   * Asks Core, with what is kept as the fallback when nobody answers.
   * @throws NoAnswer when there is neither; Refusal when Core says no.
   */
  async read(path: string): Promise<KeptDocument> {
    const kept = await this.kept(path)
    try {
      return await this.#fetch(path, kept)
    } catch (error) {
      const unreachable = error instanceof NoAnswer || (error instanceof Refusal && error.status >= 500)
      if (kept && unreachable) return kept
      throw error
    }
  }

  async #fetch(path: string, kept: KeptDocument | undefined): Promise<KeptDocument> {
    const headers = new Headers({ accept: 'application/json' })
    const token = this.options.token()
    if (token) headers.set('authorization', `Bearer ${token}`)
    if (kept?.etag) headers.set('if-none-match', kept.etag)
    let response: Response
    try {
      response = await this.options.send(path, { headers, cache: 'no-store' })
    } catch (error) {
      throw new NoAnswer(error)
    }
    const fetchedAt = this.options.now()
    if (response.status === 304 && kept) {
      const seen = { ...kept, fetchedAt }
      await this.options.database.put('documents', seen)
      return seen
    }
    if (!response.ok) throw await refusalOf(response)
    let body: unknown
    try {
      body = await response.json()
    } catch (error) {
      // A hotel's sign-in page answers 200 to everything: that is no answer of Core's.
      throw new NoAnswer(error)
    }
    const document = { path, etag: response.headers.get('etag'), body, fetchedAt }
    await this.options.database.put('documents', document)
    return document
  }
}
