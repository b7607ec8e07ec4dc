import type { Certificate } from './certificate'
import { type CountryFile, fontFile, type Reading, readCountryFile, templateFile } from './countryFiles'

/** What was fetched less than so long ago is not fetched again. */
const FRESH_FOR_MS = 24 * 3_600_000

const filesOf = (certificate: Certificate): CountryFile[] => [
  templateFile(certificate),
  ...Object.values(certificate.fonts ?? {}).flatMap((styles) => Object.values(styles).map(fontFile)),
]

/**
 * Fetches what these certificates need, one file after the other, so that they can be printed without a network
 * later: also those that nobody on this device has looked at yet.
 * @throws NoAnswer, Refusal at the first file that cannot be had.
 */
export async function keepForPrinting(certificates: readonly Certificate[], reading: Reading): Promise<void> {
  const files = new Map(certificates.flatMap(filesOf).map((file) => [file.key, file]))
  for (const file of files.values()) {
    const kept = await reading.database.get('answers', file.key)
    if (kept && Math.abs(reading.now() - kept.fetchedAt) < FRESH_FOR_MS) continue
    await readCountryFile(file, reading)
  }
}
