// Papers, photographs and signatures: made small, refused in words, and sent on from where the network broke.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { closeAll, openDevice, ready, signIn, violations } from './browser.mjs'
import { sign } from './filling.mjs'
import { House, recordsOf, until } from './house.mjs'
import { photo } from './pictures.mjs'
import { fillInBirth, handIn, item, surname } from './registrar.mjs'

let house
let device
before(async () => {
  house = await House.start()
  // A phone: it has a camera of its own, which its browser asks.
  device = await openDevice({ hasTouch: true, viewport: { width: 412, height: 860 } })
  await signIn(device.page, house, 'a.sorel')
  await ready(device.page)
})
after(async () => {
  await closeAll()
  await house?.stop()
})

const field = (page, id) => page.locator(`[data-field="${id}"]`)

/** What arrives of files at Core, and what is cut off on the way there. */
async function watchUploads(context) {
  const seen = { begun: [], arrived: [], cut: 0, cutAfter: Number.POSITIVE_INFINITY }
  await context.route('**/attachments/uploads', async (route) => {
    seen.begun.push(route.request().postDataJSON())
    await route.continue()
  })
  await context.route('**/attachments/uploads/*', async (route) => {
    const request = route.request()
    if (seen.arrived.length >= seen.cutAfter) {
      seen.cut += 1
      return route.abort('connectionfailed')
    }
    const size = request.postDataBuffer()?.length ?? 0
    seen.arrived.push({ from: Number(request.headers()['upload-offset']), size })
    return route.continue()
  })
  return seen
}

test('a photograph is made small, and an upload goes on where the network broke', async () => {
  const { page, context } = device
  const uploads = await watchUploads(context)
  const name = surname('Papier')
  await fillInBirth(page, { firstname: 'Rita', surname: name })
  await page.goto(`${page.url().split('?')[0]}?page=documents`)
  const notice = field(page, 'documents.birthNotice')
  const [disk, camera] = [
    notice.locator('input[type=file]').nth(0),
    notice.locator('input[type=file]').nth(1),
  ]
  const says = (text) => notice.getByRole('alert').getByText(text).waitFor()

  await disk.setInputFiles({ name: 'song.mp3', mimeType: 'audio/mpeg', buffer: Buffer.alloc(10) })
  await says(/Files of this kind are not taken/)
  await disk.setInputFiles({
    name: 'all.pdf',
    mimeType: 'application/pdf',
    buffer: Buffer.alloc(6 * 1024 * 1024),
  })
  await says('The file is too large. At most 5 MB are taken.')
  await disk.setInputFiles({ name: 'torn.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(100) })
  await says(/cannot be read/)
  await page.getByRole('heading', { level: 1, name }).waitFor()

  const big = photo()
  assert.ok(big.length > 4_000_000, 'a photograph of 4 MB')
  assert.equal(await camera.getAttribute('capture'), 'environment')
  await camera.setInputFiles({ name: 'IMG_0001.png', mimeType: 'image/png', buffer: big })
  await notice.getByText('IMG_0001.jpg').first().waitFor()
  assert.deepEqual(await violations(page), [])

  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(sideways <= 0, `the page with the picture is ${sideways} px too wide`)
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  uploads.cutAfter = 2
  await handIn(page, 'Declare')
  const declaration = item(page, name, 'Declaration')
  await declaration.waitFor()
  await until('the upload to be cut off', () => uploads.cut > 0)
  const first = [...uploads.arrived]
  await page.reload()
  await declaration.waitFor()
  uploads.cutAfter = Number.POSITIVE_INFINITY
  await declaration.getByText('Approved').first().waitFor()

  const [{ size }] = uploads.begun
  assert.ok(size < big.length / 2, `${size} bytes are sent of ${big.length}`)
  assert.ok(first.length > 1 && first.every(({ size }) => size > 0), 'some of it had arrived')
  let whole = 0
  for (const { from, size } of uploads.arrived) {
    assert.equal(from, whole, 'each piece begins where the last one ended')
    whole += size
  }
  assert.equal(whole, size, 'every byte is sent once')
  assert.equal(new Set(uploads.begun.map(({ transactionId }) => transactionId)).size, 1)
  const [record] = await recordsOf(house, await house.token('a.sorel'), name)
  const answer = record.actions.find(({ type }) => type === 'DECLARE').declaration['documents.birthNotice']
  assert.equal(answer.type, 'image/jpeg')
  assert.doesNotMatch(answer.path, /^device:/)
  await context.unrouteAll()
})

test('a signature is drawn with a pointer, or brought by the keyboard alone', async () => {
  const { page } = device
  await fillInBirth(page, { firstname: 'Sana', surname: surname('Signe') })
  const signature = field(page, 'review.signature')
  await sign(signature)
  await signature.getByRole('button', { name: 'Remove' }).click()
  await signature.getByRole('img').waitFor({ state: 'detached' })
  await signature.getByRole('button', { name: 'Upload a signature' }).focus()
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')])
  await chooser.setFiles({ name: 'signature.png', mimeType: 'image/png', buffer: photo(60) })
  await signature.getByRole('img').waitFor()
  assert.deepEqual(await violations(page), [])
})
