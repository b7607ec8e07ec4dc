// Certificates: chosen, filled in, checked, printed, and written down in the record.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import decodeQR from 'qr/decode.js'
import { closeAll, openDevice, signIn, violations } from './browser.mjs'
import { count, House, recordsOf, until } from './house.mjs'
import { fillInBirth, handIn, item, openOutbox, surname } from './registrar.mjs'

let house
let context
let page
let token
before(async () => {
  house = await House.start()
  ;({ context, page } = await openDevice())
  // A browser without a screen prints nothing; how often it was asked to is all there is to see.
  await page.addInitScript(() => {
    globalThis.printed = 0
    globalThis.print = () => {
      globalThis.printed += 1
    }
  })
  await signIn(page, house, 'a.sorel')
  token = await house.token('a.sorel')
})
after(async () => {
  await closeAll()
  await house?.stop()
})

/** A birth that is registered, and its number. Children of one name would be taken for one child. */
async function registered(firstname, name) {
  await fillInBirth(page, { firstname, surname: name })
  await handIn(page, 'Register')
  await openOutbox(page)
  await item(page, name, 'Registration').getByText('Approved').first().waitFor()
  const [record] = await recordsOf(house, token, name)
  const step = record.actions.find(({ type, status }) => type === 'REGISTER' && status === 'Accepted')
  return { record, number: step.registrationNumber }
}

async function choose(label, option) {
  await page.getByRole('button', { name: label }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

async function openPrinting(record) {
  await page.goto(`${house.url}/desk/records/${record.id}`)
  await page
    .getByRole('button', { name: /^(Take|Assign)/ })
    .or(page.getByRole('button', { name: 'Print certificate' }))
    .first()
    .waitFor()
  await page.getByRole('button', { name: 'Print certificate' }).click()
}

/** What is drawn on a page of a certificate, as SVG. */
const drawn = async (at = 0) =>
  decodeURIComponent((await page.locator('main img').nth(at).getAttribute('src')).split(',')[1])

/** What the QR code on a page says to whoever holds a camera over it. */
async function scanned(at = 0) {
  const { width, height, pixels } = await page
    .locator('main img')
    .nth(at)
    .evaluate(async (image) => {
      await image.decode()
      const canvas = document.createElement('canvas')
      canvas.width = image.naturalWidth * 2
      canvas.height = image.naturalHeight * 2
      const brush = canvas.getContext('2d')
      brush.fillStyle = '#fff'
      brush.fillRect(0, 0, canvas.width, canvas.height)
      brush.drawImage(image, 0, 0, canvas.width, canvas.height)
      const { data } = brush.getImageData(0, 0, canvas.width, canvas.height)
      let text = ''
      for (let start = 0; start < data.length; start += 8192)
        text += String.fromCharCode(...data.subarray(start, start + 8192))
      return { width: canvas.width, height: canvas.height, pixels: btoa(text) }
    })
  return decodeQR({ width, height, data: new Uint8ClampedArray(Buffer.from(pixels, 'base64')) })
}

/** The sheets that come out of the printer: their sizes in points. */
async function sheets() {
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
  return [...pdf.matchAll(/\/Type \/Page\b[^s][\s\S]*?\/MediaBox \[([^\]]*)\]/g)].map(([, box]) =>
    box
      .split(' ')
      .slice(2)
      .map((length) => Math.round(Number(length))),
  )
}

test('a certificate is answered for, checked, printed and written down', async () => {
  const name = surname('Certif')
  const { record, number } = await registered('Zoé', name)
  await openPrinting(record)
  await page.getByRole('heading', { name: 'Print a certificate' }).waitFor()
  assert.deepEqual(await violations(page), [])
  await choose(/Collected by/, 'Someone else')
  await page.getByLabel('First name').fill('Ida')
  await page.getByLabel('Last name').fill('Holm')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('img', { name: 'Page 1 of 1' }).waitFor()
  assert.deepEqual(await violations(page), [])
  assert.equal(await scanned(), number)
  const checked = await drawn()
  for (const words of [`Zoé ${name}`, number, 'Amélie Sorel', record.trackingId])
    assert.ok(checked.includes(words), words)
  assert.ok(!/Missing|undefined|\[object/.test(checked))
  assert.equal(await page.evaluate(() => globalThis.printed), 0)
  await page.getByRole('button', { name: 'Print and issue' }).click()
  await page.getByText('The certificate was issued').waitFor()
  await until('the print dialog', () => page.evaluate(() => globalThis.printed === 1))
  assert.deepEqual(await sheets(), [[595, 842]])
  assert.equal(await scanned(), number)
  await page.getByRole('button', { name: 'Print once more' }).click()
  assert.equal(await page.evaluate(() => globalThis.printed), 2)
  const printed = await until('Core to have it', async () => {
    const [now] = await recordsOf(house, token, name)
    return count(now, 'PRINT_CERTIFICATE', 'Accepted') === 1 && now
  })
  const step = printed.actions.findLast(({ type }) => type === 'PRINT_CERTIFICATE')
  assert.equal(step.content.templateId, 'birth-certificate')
  const asked = printed.actions.find(({ type, annotation }) => type === 'PRINT_CERTIFICATE' && annotation)
  assert.deepEqual(asked.annotation['collector.name'], { firstname: 'Ida', surname: 'Holm' })
  await page.getByRole('link', { name: 'To the record' }).click()
  await page.getByRole('heading', { level: 1, name: new RegExp(name) }).waitFor()
  await page.getByRole('tab', { name: 'History' }).click()
})

/** A template of two pages as OpenCRVS's countries write them, with all that they call on. */
const twoPages = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="210mm" height="594mm" viewBox="0 0 2100 5940">
<g data-page="1"><rect width="2100" height="2970" fill="#eef"/>
<text x="100" y="300" font-family="Country Sans" font-size="90">{{ $lookup $declaration "child.name.fullname" }}, {{$lookup $declaration 'child.sex'}}</text>
<text x="100" y="500" font-size="70">{{#ifCond ($lookup $declaration "father.name") '!==' undefined }}father{{else}}no father{{/ifCond}}</text>
<text x="100" y="700" font-size="70">{{$intl "option.sex" (lookup $declaration "child.sex")}}|{{$join ", " ($lookup $metadata "updatedAtLocation.name") ($lookup $metadata "updatedAtLocation.district") ($lookup $metadata "updatedAtLocation.province") ($lookup $metadata "updatedAtLocation.country")}}</text>
<text x="100" y="900" font-size="70">{{ theirOwnHelper "x" }}{{#if $review}}DRAFT{{/if}}</text>
<image x="100" y="1000" width="300" height="300" xlink:href="{{ qrCode }}"/></g>
<g data-page="2" transform="translate(0, 2970)"><text x="100" y="300" font-size="90">Second page of {{$lookup $metadata 'legalStatuses.REGISTERED.registrationNumber'}}</text>
<text x="100" y="500" font-size="70">copy {{$lookup $metadata "copiesPrintedForTemplate"}}, collected by {{$lookup ($action "PRINT_CERTIFICATE") "annotation.collector.who"}}</text>
<image x="100" y="700" width="900" height="900" xlink:href="{{$qr ($lookup $metadata 'legalStatuses.REGISTERED.registrationNumber')}}"/></g></svg>`

test('a copy of two pages, in the country’s own font, is printed without a network, and goes out later', async (t) => {
  const label = { id: 'copy', defaultMessage: 'Certified copy', description: '' }
  const files = { '/certificates/copy.svg': twoPages, '/fonts/CountrySans.ttf': 'not really a font' }
  await page.route(`${house.url}/certificates`, async (route) => {
    const usual = await (await route.fetch()).json()
    const fonts = { 'Country Sans': { normal: '/api/countryconfig/fonts/CountrySans.ttf' } }
    const svgUrl = '/api/countryconfig/certificates/copy.svg'
    await route.fulfill({ json: [...usual, { id: 'copy', event: 'birth', label, svgUrl, fonts }] })
  })
  const fetched = new Set()
  for (const [path, body] of Object.entries(files))
    await page.route(`${house.url}${path}`, (route) => {
      fetched.add(path)
      return route.fulfill({ body })
    })
  const name = surname('Copie')
  const { record, number } = await registered('Ivo', name)
  await page.goto(`${house.url}/desk/records/${record.id}`)
  await page.getByRole('button', { name: 'Print certificate' }).waitFor()
  // All that printing needs comes to the device by itself.
  await until('templates and fonts to be fetched', () => fetched.size === 2)
  await context.setOffline(true)
  t.after(() => context.setOffline(false))
  await page.getByRole('button', { name: 'Print certificate' }).click()
  await page.getByText('Certified copy').click()
  await choose(/Collected by/, 'The informant')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('img', { name: 'Page 2 of 2' }).waitFor()
  await page.getByText('This template uses what the desk does not know (theirOwnHelper)').waitFor()
  // What was answered is still there for whoever goes back.
  await page.getByRole('button', { name: 'Back' }).last().click()
  await page
    .getByRole('button', { name: /Collected by/ })
    .getByText('The informant')
    .waitFor()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('img', { name: 'Page 2 of 2' }).waitFor()
  const [first, second] = [await drawn(0), await drawn(1)]
  for (const words of [
    `Ivo ${name}, Female`,
    'no father',
    'Port-Ormeau Registration Office, Port-Ormeau, Ormeau, Talvera',
    'DRAFT',
    'font-family:"Country Sans"',
  ])
    assert.ok(first.includes(words), `${words} in ${first}`)
  for (const words of [number, 'copy 1', 'collected by The informant'])
    assert.ok(second.includes(words), words)
  assert.ok(!first.includes('Second page') && !second.includes('no father'))
  assert.equal(await scanned(1), number)
  await page.getByRole('button', { name: 'Print and issue' }).click()
  await until('the print dialog', () => page.evaluate(() => globalThis.printed === 1))
  assert.ok(!(await drawn(0)).includes('DRAFT'))
  assert.deepEqual(await sheets(), [
    [595, 842],
    [595, 842],
  ])
  await openOutbox(page)
  await item(page, name, 'Certificate')
    .getByText(/^Waiting/)
    .first()
    .waitFor()
  await context.setOffline(false)
  await until('Core to have it', async () => {
    const [now] = await recordsOf(house, token, name)
    return count(now, 'PRINT_CERTIFICATE', 'Accepted') === 1
  })
})

test('who is called away from the review finds it as it was, and is not printed anything', async () => {
  const name = surname('Pause')
  const { record } = await registered('Tilda', name)
  await openPrinting(record)
  await choose(/Collected by/, 'The informant')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('img', { name: 'Page 1 of 1' }).waitFor()
  const before = await drawn()
  await page.getByRole('button', { name: /Your account/ }).click()
  await page.getByRole('menuitem', { name: 'Lock now' }).click()
  await page.getByLabel('PIN', { exact: true }).fill('2580')
  await page.getByRole('img', { name: 'Page 1 of 1' }).waitFor()
  assert.equal(await drawn(), before)
  await page.reload()
  await page.getByRole('img', { name: 'Page 1 of 1' }).waitFor()
  assert.equal(await drawn(), before)
  await page.getByRole('button', { name: 'Print and issue' }).click()
  await page.getByText('The certificate was issued').waitFor()
  await until('the print dialog', () => page.evaluate(() => globalThis.printed === 1))
})
