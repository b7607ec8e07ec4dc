import type { components } from './schema'

type FieldProblem = NonNullable<components['schemas']['Error']['fields']>[number]

/** Core answered, and refused. `message` is a sentence that a person can act on. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: FieldProblem[] = [],
    readonly details: Record<string, unknown> = {},
    /** Seconds, from `Retry-After`. */
    readonly retryAfter: number | undefined = undefined,
  ) {
    super(message)
  }

  /** Asking again, later, may help: Core is busy, or waits for somebody else. */
  get passes(): boolean {
    return this.status === 429 || this.status >= 500 || this.status === 408
  }
}

/** No answer came: no network, or Core is not there. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  constructor(cause?: unknown) {
    super('No answer from the server', { cause })
  }
}

/** Reads a refusal from an answer that is not a success. Never throws; an answer of a proxy becomes a refusal, too. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const seconds = Number(response.headers.get('retry-after'))
  const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds : undefined
  let body: Partial<components['schemas']['Error']> | undefined
  try {
    body = await response.json()
  } catch {
    // Not Core's: a proxy in between, say.
  }
  return new Refusal(
    response.status,
    body?.code ?? String(response.status),
    typeof body?.message === 'string' ? body.message : `The server answered ${response.status}`,
    body?.fields ?? [],
    (body?.data?.details as Record<string, unknown> | undefined) ?? {},
    retryAfter,
  )
}
