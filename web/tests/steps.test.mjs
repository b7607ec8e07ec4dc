// The six steps of the demo, by clicking.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { closeAll, openDevice, picture, ready, signIn, violations } from './browser.mjs'
import { count, House, nationalId, recordsOf, until } from './house.mjs'
import { fillInBirth, handIn, item, openOutbox, surname } from './registrar.mjs'

let house
let page
let token

// One registrar signs in with a code that country config delivered (the first step), and stays for all of them.
before(async () => {
  house = await House.start()
  ;({ page } = await openDevice())
  await signIn(page, house, 'a.sorel')
  await ready(page)
  token = await house.token('a.sorel')
})
after(async () => {
  await closeAll()
  await house?.stop()
})

/** Whoever does not see the page is told, wherever they are. */
const isSaid = (name, action, words) =>
  page
    .getByRole('status')
    .filter({ hasText: new RegExp(`${name}, ${action}: ${words}`) })
    .waitFor()
const stands = (name, action, words) => item(page, name, action).getByText(words).first().waitFor()

test('a birth is declared and registered at once, with its number', async () => {
  const name = surname('Karsenti')
  await fillInBirth(page, { firstname: 'Mael', surname: name })
  assert.deepEqual(await violations(page), [], 'on the review')
  await picture(page, 'review')
  await handIn(page, 'Register')
  await openOutbox(page)
  await stands(name, 'Registration', 'Approved')
  await stands(name, 'Declaration', 'Approved')
  assert.deepEqual(await violations(page), [], 'on the outbox')
  const [record] = await recordsOf(house, token, name)
  assert.equal(count(record, 'REGISTER', 'Accepted'), 1)
  const { registrationNumber } = record.actions.find(
    ({ type, status }) => type === 'REGISTER' && status === 'Accepted',
  )
  await page.goto(`${house.url}/desk/records/${record.id}`)
  await page.getByText(registrationNumber).first().waitFor()
  assert.deepEqual(await violations(page), [], 'on the record')
  await picture(page, 'record')
})

test('another waits in external validation while country config is killed and restarted', async () => {
  await nationalId(house, { hold: true })
  const name = surname('Valdane')
  await fillInBirth(page, { firstname: 'Noe', surname: name, atHome: true })
  await handIn(page, 'Register')
  await openOutbox(page)
  await stands(name, 'Registration', 'Received, in external validation')
  await page.getByRole('link', { name: /^In external validation/ }).click()
  await page.getByText(name).first().waitFor()
  await page.getByText(/^Registration, asked for .*(second|minute|now)/).waitFor()
  assert.deepEqual(await violations(page), [], 'on a workqueue')
  await picture(page, 'in-external-validation')
  await house.country.kill()
  await house.country.start()
  await nationalId(house)
  await openOutbox(page)
  await stands(name, 'Registration', 'Approved')
})

test('a third is refused, and says why', async () => {
  await fillInBirth(page, { firstname: 'Ilan', surname: 'Refused', atHome: true })
  await handIn(page, 'Register')
  await openOutbox(page)
  await stands('Ilan Refused', 'Registration', /^Refused: ./)
  await isSaid('Ilan Refused', 'Registration', 'Refused: .')
  await picture(page, 'outbox-refused')
})

test('country config is down: the item says so, and clears by itself', async () => {
  await house.country.kill()
  const name = surname('Ostrell')
  try {
    await fillInBirth(page, { firstname: 'Lina', surname: name })
    await handIn(page, 'Declare')
    await openOutbox(page)
    await stands(name, 'Declaration', /Received by Core, waiting for the country’s systems/)
    await isSaid(name, 'Declaration', 'Received by Core, waiting for the country’s systems')
    assert.equal(await page.evaluate(() => scrollY), 0, 'a page begins at its top')
    await picture(page, 'outbox-waiting')
    await picture(page, 'outbox-waiting-dark', { dark: true })
  } finally {
    await house.country.start()
  }
  await page.getByRole('link', { name: 'Search' }).first().click()
  await isSaid(name, 'Declaration', 'Approved')
  await openOutbox(page)
  await stands(name, 'Declaration', 'Approved')
})

test('Core is killed while it is being told: nothing lost, nothing twice', async () => {
  await nationalId(house, { delayMs: 4000 })
  const name = surname('Maren')
  // Of a child born in hospital country config asks while Core waits for its answer.
  await fillInBirth(page, { firstname: 'Alba', surname: name })
  await handIn(page, 'Register')
  await openOutbox(page)
  await until('the registration to be on its way', async () => {
    const text = await item(page, name, 'Registration').textContent()
    return /Core is being told|Received by Core/.test(text)
  })
  await house.core.kill()
  await house.core.start()
  await nationalId(house)
  await stands(name, 'Registration', 'Approved')
  const records = await recordsOf(house, token, name)
  assert.equal(records.length, 1)
  assert.equal(count(records[0], 'DECLARE', 'Accepted'), 1)
  assert.equal(count(records[0], 'REGISTER', 'Accepted'), 1)
})
