// Finding a record again: by its numbers, by what people remember of a name, by what the country asks for.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { closeAll, openDevice, signIn, violations } from './browser.mjs'
import { House, recordsOf, until } from './house.mjs'
import { fillInBirth, handIn, item, openOutbox, surname } from './registrar.mjs'

let house
let context
let page
let token
let first
const family = surname('Quist')

before(async () => {
  house = await House.start()
  ;({ context, page } = await openDevice())
  await signIn(page, house, 'a.sorel')
  token = await house.token('a.sorel')
  await fillInBirth(page, { firstname: 'Oriane', surname: family })
  await handIn(page, 'Register')
  await openOutbox(page)
  await item(page, family, 'Registration').getByText('Approved').first().waitFor()
  ;[first] = await recordsOf(house, token, family)
  for (const [firstname, name] of [
    ['Даша', 'Иванова'],
    ['محمد', 'العربي'],
    ['Łukasz', 'Źródłowski'],
    ['José', 'Nuñez'],
  ])
    await declare(firstname, name, /^[\p{Script=Latin}]+$/u.test(firstname) ? 'declare' : 'notify')
  for (let n = 0; n < 22; n += 1) await declare(`Enfant ${'abcdefghijklmnopqrstuv'[n]}`, 'Nombreux')
})
after(async () => {
  await closeAll()
  await house?.stop()
})

async function core(path, body) {
  const response = await fetch(`${house.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  assert.ok(response.ok, `${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

/** Another birth like the first, of a child with another name. */
async function declare(firstname, name, how = 'declare') {
  const { declaration, annotation = {} } = first.actions.find(({ type }) => type === 'DECLARE')
  const event = await core('/events', { type: 'birth', transactionId: randomUUID() })
  await core(`/events/${event.id}/actions/${how}`, {
    transactionId: randomUUID(),
    declaration: { ...declaration, 'child.name': { firstname, surname: name } },
    annotation,
  })
}

const box = () => page.getByRole('searchbox')

/** Types and presses Enter, as people do; gives what is found once it is there. */
async function find(text) {
  await box().fill(text)
  await box().press('Enter')
  await until(`an answer to ${text}`, () => new URL(page.url()).searchParams.get('q') === text)
  await page.getByText('Loading…').first().waitFor({ state: 'hidden' })
  return page.locator('main')
}

test('a record is found by its numbers, and by what is remembered of a name', async () => {
  await page.getByRole('link', { name: 'Search', exact: true }).click()
  await page.getByText('Look for a record').waitFor()
  assert.deepEqual(await violations(page), [])
  const registered = first.actions.find(({ type, status }) => type === 'REGISTER' && status === 'Accepted')
  for (const [text, name] of [
    [first.trackingId, `Oriane ${family}`],
    [first.trackingId.toLowerCase(), `Oriane ${family}`],
    [registered.registrationNumber, `Oriane ${family}`],
    [`oriane ${family.slice(0, 5)}`, `Oriane ${family}`],
    ['Иванова', 'Даша Иванова'],
    ['محمد', 'محمد العربي'],
    ['lukasz zrodlowski', 'Łukasz Źródłowski'],
    ['nunez', 'José Nuñez'],
  ]) {
    const found = await find(text)
    await found.getByText('1 record found').waitFor()
    await found.getByRole('link', { name }).first().waitFor()
    // Whoever has mistyped goes on typing.
    assert.ok(await box().evaluate((field) => field === document.activeElement), `the cursor, after ${text}`)
  }
  assert.deepEqual(await violations(page), [])
})

test('a misspelt name finds those that are nearly so written, and nobody is said to be nobody', async () => {
  const found = await find('Nunes')
  await found.getByText('No record fits').waitFor()
  await found.getByRole('heading', { name: 'Names that are nearly so written' }).waitFor()
  await found.getByRole('link', { name: 'José Nuñez' }).first().waitFor()
  assert.deepEqual(await violations(page), [])
  await find('Zzzznobody')
  await found.getByText('No record fits').waitFor()
})

test('many are shown page by page, by the keyboard too, and going back shows what was asked before', async () => {
  const found = await find('Nombreux')
  await found.getByText('22 records found').waitFor()
  await found.getByText('1–20 of 22').waitFor()
  const onward = page.getByRole('button', { name: 'Next page' })
  await onward.focus()
  await page.keyboard.press('Enter')
  await found.getByText('21–22 of 22').waitFor()
  assert.equal(await onward.isDisabled(), true)
  await page.goBack()
  await found.getByText('1–20 of 22').waitFor()
  await page.goBack()
  await until('the search before', async () => (await box().inputValue()) === 'Zzzznobody')
  await found.getByText('No record fits').waitFor()
})

test('advanced search asks what the country configures: days, choices and places', async () => {
  await page.goto(`${house.url}/desk/search`)
  await page.getByText('Advanced search').click()
  await page.getByRole('button', { name: /Event$/ }).click()
  await page.getByRole('option', { name: 'Birth', exact: true }).click()
  await page.getByRole('heading', { name: 'Child' }).waitFor()
  assert.deepEqual(await violations(page), [])
  const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
  await page.getByLabel('Date of birth: from').first().fill(day(5))
  await page.getByLabel('Date of birth: to').first().fill(day(1))
  await page.getByLabel(/^Child’s name/).fill('Orianne')
  const go = page.getByRole('button', { name: 'Search', exact: true }).last()
  await go.click()
  const found = page.locator('main')
  await found.getByText('1 record found').waitFor()
  await found
    .getByRole('link', { name: `Oriane ${family}` })
    .first()
    .waitFor()
  // Another time, from the address, as from a bookmark.
  await page.reload()
  await found.getByText('1 record found').waitFor()
  assert.equal(await page.getByLabel('Date of birth: from').first().inputValue(), day(5))
  await page.getByLabel('Date of birth: to').first().fill(day(4))
  await go.click()
  await found.getByText('No record fits').waitFor()
  await page.getByRole('button', { name: 'Clear' }).click()
  const place = page
    .getByRole('combobox', { name: /^Place of registration/ })
    .or(page.getByRole('combobox').first())
    .first()
  await place.click()
  await place.pressSequentially('Port-Ormeau Reg')
  await page
    .getByRole('option', { name: /Port-Ormeau Registration Office/ })
    .first()
    .waitFor()
  await place.press('ArrowDown')
  await place.press('Enter')
  await go.click()
  await found.getByText('1 record found').waitFor()
})

test('without a network, what is on the device is searched', async (t) => {
  await page.goto(`${house.url}/desk/records/${first.id}`)
  await page.getByRole('heading', { level: 1, name: new RegExp(family) }).waitFor()
  await page.getByRole('link', { name: 'Search', exact: true }).click()
  await context.setOffline(true)
  t.after(() => context.setOffline(false))
  const found = await find(`oriane ${family.slice(0, 6)}`)
  await found.getByText('Searching needs the network.').waitFor()
  await found
    .getByRole('link', { name: `Oriane ${family}` })
    .first()
    .waitFor()
})
