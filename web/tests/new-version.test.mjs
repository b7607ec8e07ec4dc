import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { closeAll, openDevice, ready, signIn } from './browser.mjs'
import { House } from './house.mjs'
import { fillInBirth, handIn, item, openOutbox, surname } from './registrar.mjs'

// A debug build of Core serves the files of this folder as they are at that moment.
const worker = fileURLToPath(new URL('../dist/sw.js', import.meta.url))
/** With its compressed forms, one of which is what a browser gets. */
async function serve(text) {
  await writeFile(worker, text)
  await writeFile(`${worker}.gz`, gzipSync(text))
  await writeFile(`${worker}.br`, brotliCompressSync(text))
}

let house
let as
before(async () => {
  house = await House.start()
  as = await readFile(worker)
})
after(async () => {
  await closeAll()
  if (as) await serve(as)
  await house?.stop()
})

test('a new version is taken when the person wants it, and finds the outbox as it was', async () => {
  const { context, page } = await openDevice()
  await signIn(page, house, 'a.sorel')
  await ready(page)
  await house.country.kill()
  const name = surname('Neuve')
  await fillInBirth(page, { firstname: 'Zoe', surname: name })
  await handIn(page, 'Declare')
  await openOutbox(page)
  const declaration = item(page, name, 'Declaration')
  await declaration
    .getByText(/Received by Core/)
    .first()
    .waitFor()
  await serve(Buffer.concat([as, Buffer.from('\n// another version\n')]))
  await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()))
  await page.getByText('A new version is ready').waitFor()
  // Nothing is replaced under anybody's hands.
  assert.ok(await declaration.isVisible())
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Use it now' }).click()])
  await declaration
    .getByText(/Received by Core/)
    .first()
    .waitFor()
  await house.country.start()
  await declaration.getByText('Approved').first().waitFor()
  await context.close()
})

test('the first page needs less than 250 kB of compressed script', async () => {
  const { context, page } = await openDevice({ serviceWorkers: 'block' })
  await page.goto(`${house.url}/desk/`)
  await page.getByLabel('Username').waitFor()
  const bytes = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
  )
  assert.ok(bytes > 0 && bytes < 250_000, `${bytes} bytes`)
  await context.close()
})
