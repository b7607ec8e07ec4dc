// What certificates are made of beside the record: templates and fonts of the country's, each kept on the device
// under a key of its own.
import { NoAnswer, refusalOf } from '../api/errors'
import type { PersonalDatabase } from '../device/database'
import { askOrKept, type Kept } from '../records/kept'
import type { Certificate } from './certificate'
import { dataUrl } from './dataUrl'

/** What it takes to read them. */
export interface Reading {
  database: PersonalDatabase
  send: typeof fetch
  now: () => number
  token: string | undefined
}

/** A file, and how it is asked for. */
export interface CountryFile {
  key: string
  ask: (reading: Reading) => Promise<string>
}

/**
 * The address at which Core serves what the country's configuration names by an address of its own. Whatever is in
 * it, it is one of Core's: it is asked with the token of whoever is signed in.
 */
export function atCore(address: string): string {
  const path = address.replace(/^https?:\/\/[^/]+/, '').replace(/^\/?api\/countryconfig/, '')
  // As browsers read addresses: a backslash is a slash, and two of them begin another host.
  const plain = path.replace(/[\t\n\r]/g, '').replace(/^[/\\]+/, '')
  return `/${plain}`
}

async function read({ send, token }: Reading, address: string): Promise<Response> {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  let response: Response
  try {
    response = await send(address, { headers })
  } catch (error) {
    throw new NoAnswer(error)
  }
  if (!response.ok) throw await refusalOf(response)
  return response
}

/** The template of a certificate: SVG, to be filled in. */
export function templateFile({ svgUrl }: Certificate): CountryFile {
  const address = atCore(svgUrl)
  return { key: address, ask: async (reading) => (await read(reading, address)).text() }
}

/** A font, as a data URL. */
export const fontFile = (address: string): CountryFile => ({
  key: `font ${address}`,
  ask: async (reading) => {
    const response = await read(reading, atCore(address))
    return dataUrl(await response.arrayBuffer(), response.headers.get('content-type') ?? 'font/ttf')
  },
})

/** From Core, or as it was kept. @throws NoAnswer, Refusal. */
export const readCountryFile = ({ key, ask }: CountryFile, reading: Reading): Promise<Kept<string>> =>
  askOrKept(reading.database, key, () => ask(reading), reading.now)
