import { describe, expect, test } from 'vitest'
import { optionsOf } from './options'
import { ask, failureOf, type Requesting } from './request'

describe('asking the country’s systems', () => {
  const requesting = (
    answer: (signal: AbortSignal | null | undefined) => Response | Promise<Response>,
    more: Partial<Requesting> = {},
  ) => {
    const sent: { url: string; init: RequestInit; authorization: string | null }[] = []
    const send = (async (url: URL, init: RequestInit) => {
      sent.push({ url: String(url), init, authorization: new Headers(init.headers).get('authorization') })
      return answer(init.signal)
    }) as unknown as typeof fetch
    const around: Requesting = {
      send,
      location: 'https://desk.example/desk/records/7/declare?page=mother',
      token: 'secret',
      connections: async () => ({
        asks: ['https://id.example', 'https://codes.example'],
        introduces: ['https://id.example'],
      }),
      introduction: async () => 'introduction',
      ...more,
    }
    return { sent, around }
  }
  const config = {
    url: 'https://codes.example/person',
    method: 'POST',
    params: { code: { $$field: 'params', $$subfield: ['data', 'code'] } },
    body: { back: '$window.location.href', path: '$window.location.pathname', nid: { $$field: 'nid' } },
    errorValue: { verificationStatus: 'failed' },
  }

  test('fills in answers and where the desk is', async () => {
    const { sent, around } = requesting(() => Response.json({ nid: '1' }))
    const asked = await ask(config, { nid: '007', params: { data: { code: 'c' } } }, around)
    expect(asked).toEqual({ fetched: { loading: false, error: null, data: { nid: '1' } } })
    expect(sent[0]?.url).toBe('https://codes.example/person?code=c')
    expect(JSON.parse(String(sent[0]?.init.body))).toEqual({
      // The page that is open is the desk's own affair.
      back: 'https://desk.example/desk/records/7/declare',
      path: '/desk/records/7/declare',
      nid: '007',
    })
    expect(new Headers(sent[0]?.init.headers).get('content-type')).toBe('application/json')
  })

  test('gives nobody the person’s token but Core, and introduces the person where that was asked for', async () => {
    const { sent, around } = requesting(() => Response.json({}))
    for (const url of [
      'https://codes.example/',
      'https://id.example/',
      '/config/x',
      'https://desk.example/y',
    ])
      await ask({ url }, {}, around)
    expect(sent.map(({ authorization }) => authorization)).toEqual([
      null,
      'Bearer introduction',
      'Bearer secret',
      'Bearer secret',
    ])
    await ask({ url: 'https://id.example/', headers: { Authorization: 'Basic x' } }, {}, around)
    expect(sent.at(-1)?.authorization).toBe('Basic x')
  })

  test('asks nobody whom the operator has not named', async () => {
    const { sent, around } = requesting(() => Response.json({}))
    for (const url of [
      'https://elsewhere.example/',
      'http://codes.example/',
      'https://codes.example:8443/',
    ]) {
      const { failure, fetched } = await ask({ ...config, url }, {}, around)
      expect(failure).toBe('notAllowed')
      expect(fetched.data).toEqual({ verificationStatus: 'failed' })
    }
    expect(sent).toEqual([])
    // Where nobody says whom, the browser's own guard is what counts.
    const { sent: tried, around: unsaid } = requesting(() => Response.json({}), {
      connections: async () => null,
    })
    expect((await ask({ url: 'https://elsewhere.example/' }, {}, unsaid)).failure).toBeUndefined()
    expect(tried[0]?.authorization).toBeNull()
  })

  test('says so when nobody answers, with what the country wants said then', async () => {
    const nobody = () => {
      throw new TypeError('no network')
    }
    const noAnswer = {
      failure: 'noAnswer',
      fetched: {
        loading: false,
        error: { statusCode: 0, message: 'no network' },
        data: { verificationStatus: 'failed' },
      },
    }
    expect(await ask(config, {}, requesting(nobody).around)).toEqual(noAnswer)
    const { around } = requesting(() => Response.json({}), { connections: nobody })
    expect(await ask(config, {}, around)).toEqual(noAnswer)
    expect((await ask({ url: 'http://[' }, {}, around)).failure).toBe('noAnswer')
  })

  test('waits no longer than the country says, for the whole of an answer', async () => {
    const never = (signal: AbortSignal | null | undefined) =>
      new Promise<Response>((_, reject) => {
        const stopped = () => reject(new DOMException('stopped', 'AbortError'))
        if (signal?.aborted) stopped()
        signal?.addEventListener('abort', stopped)
      })
    const { failure, fetched } = await ask({ ...config, timeout: 1 }, {}, requesting(never).around)
    expect(failure).toBe('tooLate')
    expect(fetched.error?.statusCode).toBe(408)
    const stop = new AbortController()
    const asking = ask(config, {}, requesting(never, { signal: stop.signal }).around)
    stop.abort()
    expect((await asking).failure).toBe('noAnswer')
  })

  test('tells an error from an answer that makes no sense, and takes a text for a text', async () => {
    const told = async (answer: Response) => ask(config, {}, requesting(() => answer).around)
    const wrong = await told(new Response('no such person', { status: 404, statusText: 'Not Found' }))
    expect(wrong.failure).toBe('refused')
    expect(wrong.fetched.error).toEqual({ statusCode: 404, message: 'Not Found' })
    const json = { headers: { 'content-type': 'application/json' } }
    expect((await told(new Response('{"a":', json))).failure).toBe('unreadable')
    expect((await told(new Response(`"${'x'.repeat(200_000)}"`, json))).failure).toBe('unreadable')
    expect(
      (await told(new Response('plain', { headers: { 'content-type': 'text/plain' } }))).fetched.data,
    ).toBe('plain')
    expect((await told(new Response(null, { status: 204 }))).fetched.data).toBeNull()
  })

  test('an answer that was kept says why it is none', () => {
    const kept = (statusCode: number) => failureOf({ error: { statusCode, message: '' } })
    expect([kept(0), kept(408), kept(500)]).toEqual(['noAnswer', 'tooLate', 'refused'])
    expect(failureOf({ error: null, data: 1 })).toBeUndefined()
  })
})

test('a list is understood as OpenCRVS’s lists answer, or as options are written', () => {
  const cholera = [{ value: 'A00', label: 'Cholera' }]
  expect(optionsOf({ results: [{ id: 'A00', label: 'Cholera', more: 1 }] })).toEqual(cholera)
  expect(optionsOf([{ value: 'A00', label: 'Cholera' }, { label: 'nothing' }, 'x', null])).toEqual(cholera)
  for (const nonsense of [undefined, null, 'x', {}, { results: 'x' }]) expect(optionsOf(nonsense)).toEqual([])
  const many = Array.from({ length: 1000 }, (_, id) => ({ id, label: 'one' }))
  expect(optionsOf({ results: many }).length).toBe(100)
})
