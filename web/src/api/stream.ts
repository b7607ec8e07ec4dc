// Reads `GET /stream`. By fetch and not EventSource, which cannot carry a token.

export interface StreamEvent {
  event: string
  data: unknown
}

/** Takes server-sent events apart, whatever pieces they come in. Comments and `retry` are for nobody. */
export async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      rest += decoder.decode(value, { stream: true })
      const blocks = rest.split(/\r\n\r\n|\n\n|\r\r/)
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const event = parse(block)
        if (event) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function parse(block: string): StreamEvent | undefined {
  let event = 'message'
  const data: string[] = []
  for (const line of block.split(/\r\n|\n|\r/)) {
    if (line.startsWith('event:')) event = line.slice(6).trim()
    else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''))
  }
  if (data.length === 0) return undefined
  try {
    return { event, data: JSON.parse(data.join('\n')) }
  } catch {
    return undefined
  }
}

interface StreamOptions {
  send: typeof fetch
  token: () => string | undefined
  heard: (event: StreamEvent) => void
  /** Milliseconds, with a signal that ends the waiting. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>
  random: () => number
}

/** Listens until `signal` ends it; connects again after a while when the line breaks. */
export async function listen(options: StreamOptions, signal: AbortSignal): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    const token = options.token()
    if (token) {
      try {
        const response = await options.send('/stream', {
          headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
          signal,
          cache: 'no-store',
        })
        if (response.ok && response.body && response.headers.get('content-type')?.includes('event-stream')) {
          failures = 0
          // What moved while nobody listened is not told again: look at everything once.
          options.heard({ event: 'resync', data: {} })
          for await (const event of eventsIn(response.body)) options.heard(event)
        }
      } catch {
        // The line broke; below it is waited for.
      }
    }
    failures += 1
    const longest = Math.min(60_000, 1000 * 2 ** Math.min(failures, 6))
    await options.wait(longest * (0.5 + options.random() / 2), signal).catch(() => undefined)
  }
}
