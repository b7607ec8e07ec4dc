// Bad networks, crashes, shared devices: what a person handed in is neither lost nor sent twice.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { closeAll, openDevice, ready, signIn, unlock, violations } from './browser.mjs'
import { count, House, recordsOf } from './house.mjs'
import { fillInBirth, handIn, item, openOutbox, surname } from './registrar.mjs'

let house
let token
before(async () => {
  house = await House.start()
  token = await house.token('a.sorel')
})
after(async () => {
  await closeAll()
  await house?.stop()
})

const stands = (page, name, words) => item(page, name, 'Declaration').getByText(words).first().waitFor()

async function atTheDesk(username = 'a.sorel') {
  const device = await openDevice()
  await signIn(device.page, house, username)
  await ready(device.page)
  await device.page.getByRole('heading', { level: 1 }).waitFor()
  return device
}

test('a declaration without a network outlives a reload and a restart of the browser', async () => {
  const { context, page, folder } = await atTheDesk()
  await context.setOffline(true)
  const name = surname('Brume')
  await fillInBirth(page, { firstname: 'Iris', surname: name })
  await page.reload()
  await page.getByText(`Iris ${name}`).first().waitFor()
  await handIn(page, 'Declare')
  await openOutbox(page)
  await stands(page, name, 'Waiting for network')
  assert.deepEqual(await violations(page), [])
  await page.reload()
  await stands(page, name, 'Waiting for network')
  await context.close()

  const again = await openDevice({ folder })
  await unlock(again.page, house, { path: '/desk/outbox' })
  await stands(again.page, name, 'Approved')
  const records = await recordsOf(house, token, name)
  assert.equal(records.length, 1)
  assert.equal(count(records[0], 'DECLARE', 'Accepted'), 1)
  await again.context.close()
})

test('two tabs send an item once', async () => {
  const { context, page } = await atTheDesk()
  const other = await context.newPage()
  await other.goto(`${house.url}/desk/outbox`)
  await other.getByRole('heading', { level: 1, name: 'Outbox' }).waitFor()
  await page.bringToFront()
  await context.setOffline(true)
  const name = surname('Deux')
  await fillInBirth(page, { firstname: 'Ines', surname: name })
  await handIn(page, 'Declare')
  await other.bringToFront()
  await stands(other, name, 'Waiting for network')
  await context.setOffline(false)
  await stands(other, name, 'Approved')
  const records = await recordsOf(house, token, name)
  assert.equal(records.length, 1)
  assert.equal(count(records[0], 'DECLARE', 'Accepted'), 1)
  await context.close()
})

test('two people on one device never see what is the other’s', async () => {
  const { context, page } = await atTheDesk()
  await context.setOffline(true)
  const name = surname('Secret')
  await fillInBirth(page, { firstname: 'Nil', surname: name })
  await handIn(page, 'Declare')
  await page.getByRole('button', { name: /Your account/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page
    .getByRole('dialog')
    .getByText(/has not arrived yet|have not arrived yet/)
    .waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await context.setOffline(false)
  await signIn(page, house, 'b.tessier', { pin: '3691' })
  await openOutbox(page)
  await page.getByText('Nothing waits to be sent').waitFor()
  assert.equal(await page.getByText(name).count(), 0)
  assert.equal((await recordsOf(house, token, name)).length, 0)
  await page.getByRole('button', { name: /Your account/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await signIn(page, house, 'a.sorel')
  await openOutbox(page)
  await stands(page, name, 'Approved')
  await context.close()
})

test('somebody else has taken the record: the item says who, and what to do', async () => {
  const name = surname('Prise')
  const first = await atTheDesk('b.tessier')
  await fillInBirth(first.page, { firstname: 'Eve', surname: name })
  await handIn(first.page, 'Declare')
  await openOutbox(first.page)
  await stands(first.page, name, 'Approved')
  await first.context.close()
  const [record] = await recordsOf(house, token, name)

  const { context, page } = await atTheDesk()
  await page.goto(`${house.url}/desk/records/${record.id}`)
  await page.getByRole('heading', { level: 1, name: new RegExp(name) }).waitFor()
  await context.setOffline(true)
  await page.getByRole('button', { name: /^More/ }).click()
  await page.getByRole('menuitem', { name: 'Archive' }).click()
  const dialog = page.getByRole('dialog')
  const reason = dialog.getByRole('textbox')
  if (await reason.count()) await reason.first().fill('Entered twice')
  await dialog.getByRole('button').last().click()
  await openOutbox(page)
  const archiving = item(page, name, 'Archiving')
  await archiving
    .getByText(/Waiting/)
    .first()
    .waitFor()
  // Meanwhile another registrar of the same office takes it.
  const others = await house.token('b.tessier')
  const taken = await fetch(`${house.url}/events/${record.id}/assign`, {
    method: 'POST',
    headers: { authorization: `Bearer ${others}`, 'content-type': 'application/json' },
    body: JSON.stringify({ transactionId: `taken-${name}` }),
  })
  assert.equal(taken.status, 200)
  await context.setOffline(false)
  await archiving
    .getByText(/holds this record/)
    .first()
    .waitFor()
  assert.deepEqual(await violations(page), [])
  await context.close()
})

test('a full device says so before anything is lost', async () => {
  const { context, page } = await atTheDesk()
  const name = surname('Plein')
  await fillInBirth(page, { firstname: 'Max', surname: name })
  // Chromium counts what is free now and then only, so that its own limit is met at no certain time: what
  // it does then is done to every write here.
  await page.evaluate(() => {
    const { put, add } = IDBObjectStore.prototype
    const full = () => {
      throw new DOMException('No room', 'QuotaExceededError')
    }
    Object.assign(IDBObjectStore.prototype, { put: full, add: full })
    globalThis.makeRoom = () => Object.assign(IDBObjectStore.prototype, { put, add })
  })
  await handIn(page, 'Declare')
  await page.getByText('It was not put into the outbox').waitFor()
  assert.deepEqual(await violations(page), [])
  await page.evaluate(() => globalThis.makeRoom())
  await handIn(page, 'Declare')
  await openOutbox(page)
  await stands(page, name, 'Approved')
  await context.close()
})
