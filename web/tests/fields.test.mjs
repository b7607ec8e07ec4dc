// Fields that look something up elsewhere, and fields in fields.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { closeAll, openDevice, picture, ready, signIn, violations } from './browser.mjs'
import { cameraFlags, filmOfCode } from './camera.mjs'
import { House, until } from './house.mjs'
import { countryWith, eventThatAsks, originOf, Services } from './lookups.mjs'
import { handIn } from './registrar.mjs'

let house
let codes
let identity
let stranger
let country
before(async () => {
  ;[codes, identity, stranger] = await Promise.all([Services.start(), Services.start(), Services.start()])
  const event = eventThatAsks({
    codes: codes.origin,
    identity: identity.origin,
    stranger: stranger.origin,
  })
  house = await House.start({
    through: async (address) => {
      country = await countryWith(address, event)
      return originOf(country)
    },
    core: ['--desk-asks', codes.origin, '--desk-introduces', identity.origin],
  })
  for (const services of [codes, identity, stranger]) services.desk = house.url
})
after(async () => {
  await closeAll()
  await house?.stop()
  for (const services of [codes, identity, stranger]) await services?.stop()
  country?.closeAllConnections()
  country?.close()
})

const onward = (page) => page.getByRole('button', { name: 'Continue', exact: true }).click()

/** Begins a record of the type that asks elsewhere. */
async function begin(page) {
  await page.getByRole('link', { name: 'New record' }).click()
  await page.getByText('Lookup', { exact: true }).click()
  await onward(page)
  await page.getByRole('heading', { name: 'What is looked up' }).waitFor()
}

async function typeElsewhere(page) {
  const box = page.getByRole('combobox', { name: 'Elsewhere' })
  // A list that is open closes when the page scrolls under it, which a browser does to show what is clicked.
  await box.scrollIntoViewIfNeeded()
  await box.click()
  await box.pressSequentially('cholera')
}

/** What stands in a token, unchecked. */
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))

test('a form looks things up at the country’s services, and says what to do when nothing comes', async () => {
  const { context, page } = await openDevice()
  await signIn(page, house, 'a.sorel')
  await begin(page)

  // What is typed may stand in the list under its code alone: the service finds, not the desk.
  const cause = page.getByRole('combobox', { name: 'Cause' })
  await cause.click()
  await page.getByRole('option', { name: 'Another cause' }).waitFor()
  await cause.pressSequentially('a01')
  await page.getByRole('option', { name: 'Typhoid fever' }).click()
  assert.deepEqual(codes.asked.at(-1).query, { terms: 'a01' })

  await page.getByLabel('Number').fill('7')
  const ask = page.getByRole('button', { name: 'Ask for the person' })
  const name = page.getByLabel('Name found')
  codes.mood = 'held'
  await ask.click()
  await page.getByText('The person: asking…').waitFor()
  codes.mood = 'well'
  await until('the name', async () => (await name.inputValue()) === 'Person 7')
  const { path, query, body, authorization } = codes.asked.at(-1)
  assert.deepEqual([path, query, body.number], ['/person', { kind: 'person' }, '7'])
  assert.match(body.at, /^\/desk\/records\/[^/]+\/declare$/)
  assert.equal(authorization, undefined, 'nobody is told who asks unless the operator says so')

  codes.mood = 'wrong'
  await page.getByLabel('Number').fill('8')
  await ask.click()
  const alert = page.getByRole('alert')
  await alert.getByText(`${codes.origin} answered with an error`).waitFor()
  assert.equal(await name.inputValue(), '', 'what was found for another number is gone')
  await picture(page, 'form-lookup-failed')
  codes.mood = 'well'
  await alert.getByRole('button', { name: 'Try again' }).click()
  await until('the other name', async () => (await name.inputValue()) === 'Person 8')

  // Without a network the form says so, and asks by itself once there is one.
  await context.setOffline(true)
  await page.getByLabel('Number').fill('9')
  await ask.click()
  await alert.getByText(/needs a network/).waitFor()
  await context.setOffline(false)
  await until('the name by itself', async () => (await name.inputValue()) === 'Person 9')

  // Whom the operator has not named is not asked, whatever the form says.
  await typeElsewhere(page)
  await page.getByText(`this desk may not ask ${stranger.origin}`).first().waitFor()
  await page.keyboard.press('Tab')
  await page.getByRole('listbox').waitFor({ state: 'detached' })
  await alert.getByText(`this desk may not ask ${stranger.origin}`).waitFor()
  assert.deepEqual(stranger.asked, [])
  assert.deepEqual(await violations(page), [])
  await context.close()
})

test('whoever leaves to prove who they are comes back to the same page, and the form goes on by itself', async () => {
  const { context, page } = await openDevice()
  await signIn(page, house, 'a.sorel')
  await begin(page)
  await page.getByLabel('Number').fill('12')
  await onward(page)
  const link = page.getByRole('link', { name: 'Prove it at the identity system' })
  await context.setOffline(true)
  await page.getByText(/page elsewhere, which needs a network/).waitFor()
  await context.setOffline(false)
  identity.mood = 'held'
  await link.click()
  await page.getByRole('heading', { name: 'Identity' }).waitFor()
  await page.getByRole('link', { name: 'It is me' }).click()

  await page.getByText('Asking the identity system').waitFor()
  // The page is left while it is asked, and come back to: it is asked again, and nothing hangs.
  await page.getByRole('button', { name: 'Back', exact: true }).click()
  assert.equal(await page.getByLabel('Number').inputValue(), '12')
  await onward(page)
  identity.mood = 'well'
  await page.getByText('Verified', { exact: true }).waitFor()
  assert.equal(await page.getByLabel('Proven name').inputValue(), 'Ada Proven')
  assert.equal(new URL(page.url()).searchParams.has('code'), false)

  // The identity system is told who asks, and cannot do anything in their name.
  const [, token] = /^Bearer (.+)$/.exec(identity.asked.at(-1).authorization)
  const { sub, aud, scope } = claimsOf(token)
  assert.deepEqual([aud, scope], [['opencrvs:countryconfig-user'], []])
  assert.equal(sub, claimsOf(await house.token('a.sorel')).sub)
  const tried = await fetch(`${house.url}/drafts`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal(tried.status, 401)

  // Fields in fields: what is asked of a boat is asked only of a boat, and has to be answered.
  await onward(page)
  await page.getByText('A boat', { exact: true }).click()
  await page.getByLabel('Harbour').waitFor()
  await onward(page)
  await page.getByText('Required').first().waitFor()
  await page.getByText('A house', { exact: true }).click()
  await page.getByLabel('Harbour').waitFor({ state: 'detached' })
  await page.getByText('A boat', { exact: true }).click()
  await page.getByLabel('Harbour').fill('Old Harbour')
  await page.getByLabel(/^Berth/).fill('3')
  assert.deepEqual(await violations(page), [])
  await onward(page)
  await page.getByText('Old Harbour').waitFor()
  await handIn(page, 'Declare')
  const bearer = { authorization: `Bearer ${await house.token('a.sorel')}` }
  const declared = await until('the declaration', async () => {
    const found = await fetch(`${house.url}/events/search`, {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: JSON.stringify({
        query: { type: 'and', clauses: [{ eventType: 'lookups' }] },
        limit: 10,
        offset: 0,
      }),
    })
    const { results } = await found.json()
    const [index] = results
    return index?.status === 'DECLARED' && index
  })
  const answers = declared.declaration
  assert.deepEqual(answers.home, { kind: 'BOAT', boat: { harbour: 'Old Harbour', berth: 3 } })
  assert.equal(answers.proven, 'Ada Proven')
  assert.equal(answers.number, '12')
  await context.close()
})

test('whoever was away for an hour comes back to a locked desk, and after the PIN to where they were', async () => {
  const { context, page } = await openDevice()
  await page.clock.install()
  await signIn(page, house, 'a.sorel')
  await begin(page)
  await page.getByLabel('Number').fill('13')
  await onward(page)
  await page.getByRole('link', { name: 'Prove it at the identity system' }).click()
  await page.getByRole('heading', { name: 'Identity' }).waitFor()
  await page.clock.fastForward('01:00:00')
  await page.getByRole('link', { name: 'It is me' }).click()
  const pin = page.getByLabel('PIN', { exact: true })
  await pin.waitFor()
  assert.equal(await page.getByText('Verified', { exact: true }).count(), 0)
  await pin.fill('2580')
  await page.getByText('Verified', { exact: true }).waitFor()
  assert.equal(await page.getByLabel('Proven name').inputValue(), 'Ada Proven')
  await page.getByRole('button', { name: 'Back', exact: true }).click()
  assert.equal(await page.getByLabel('Number').inputValue(), '13')
  await context.close()
})

test('a desk that is open learns whom it may ask from now on', async () => {
  const { context, page } = await openDevice()
  await signIn(page, house, 'a.sorel')
  await ready(page)
  await house.core.kill()
  house.core.args.push('--desk-asks', stranger.origin)
  await house.core.start()
  await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()))
  await page.getByText('A new version is ready').waitFor()
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Use it now' }).click()])
  await begin(page)
  await typeElsewhere(page)
  await page.getByRole('option', { name: 'Cholera' }).click()
  assert.deepEqual(stranger.asked.at(-1).query, { terms: 'cholera' })
  await context.close()
})

test('a code is read with the camera, and a picture taken where the device has no application for it', async () => {
  const film = await filmOfCode(JSON.stringify({ name: 'Amina Phiri' }))
  try {
    const { context, page } = await openDevice({ flags: cameraFlags(film) })
    await signIn(page, house, 'a.sorel')
    await begin(page)
    await page.getByRole('button', { name: 'Scan the card' }).click()
    await page.getByText('The code was read.').waitFor()
    assert.equal(await page.getByLabel('Name on the card').inputValue(), 'Amina Phiri')
    const isOn = () =>
      page.evaluate(() => [...document.querySelectorAll('video')].some((video) => video.srcObject?.active))
    assert.equal(await isOn(), false, 'the camera is let go of')

    const dialog = page.getByRole('dialog')
    const press = (name) => dialog.getByRole('button', { name, exact: true }).click()
    await page.getByRole('button', { name: 'Take a picture · Paper' }).click()
    await press('Take a picture')
    await dialog.getByRole('img', { name: 'The picture that was taken' }).waitFor()
    assert.deepEqual(await violations(page), [], 'on the picture')
    await press('Take it again')
    await press('Take a picture')
    await press('Use this picture')
    await dialog.waitFor({ state: 'hidden' })
    const paper = page.locator('[data-field=paper]')
    await paper.getByText('Picture.jpg').waitFor()
    const shown = await paper.locator('img').evaluate((img) => img.decode().then(() => img.naturalWidth))
    assert.ok(shown > 0, 'what was taken is a picture')
    await paper.getByRole('button', { name: /^Remove/ }).click()

    // Esc leaves everything as it was.
    await page.getByRole('button', { name: 'Take a picture · Paper' }).click()
    await dialog.getByRole('button', { name: 'Take a picture', exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Choose a file · Paper' }).waitFor()
    await context.close()
  } finally {
    await film.remove()
  }
})

test('a camera that may not be used is said to be so, with what to do instead', async () => {
  const { context, page } = await openDevice({
    flags: ['--use-fake-device-for-media-stream', '--deny-permission-prompts'],
  })
  await signIn(page, house, 'a.sorel')
  await begin(page)
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Take a picture · Paper' }).click()
  await dialog.getByText(/camera cannot be used.*choose a file/).waitFor()
  assert.deepEqual(await violations(page), [], 'without a camera')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Scan the card' }).click()
  await dialog.getByText(/camera cannot be used.*from a picture/).waitFor()
  await context.close()
})
