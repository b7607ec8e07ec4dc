import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const source = join(import.meta.dirname, '..')

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .map((name) => join(source, name))
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))

/** What a test cannot run over another clock, other chance or another network. */
const AMBIENT =
  /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bMath\.random\b|\bcrypto\.(?:randomUUID|getRandomValues)\b|(?<![\w.#])fetch(?:\(|\.bind)/

describe('clock, chance and network', () => {
  it('come in as parameters: only src/app and the service worker take the device’s own', () => {
    const taken = files
      .filter((file) => AMBIENT.test(readFileSync(file, 'utf8')))
      .map((file) => relative(source, file))
      .filter((file) => !file.startsWith(join('app', '')) && file !== 'sw.ts')
    expect(taken).toEqual([])
  })
})
