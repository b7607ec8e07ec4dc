import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { closeAll, openDevice, picture, ready, signIn, unlock, violations } from './browser.mjs'
import { House } from './house.mjs'

let house
before(async () => {
  house = await House.start()
})
after(async () => {
  await closeAll()
  await house?.stop()
})

test('a registrar signs in with a code that country config delivered, and chooses a PIN', async () => {
  const device = await openDevice()
  const { page } = device
  await page.goto(`${house.url}/desk/`)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  assert.deepEqual(await violations(page), [])
  await picture(page, 'sign-in')
  await signIn(page, house, 'a.sorel')
  await page.getByRole('heading', { level: 1 }).waitFor()
  assert.deepEqual(await violations(page), [])
  await device.context.close()
})

test('after the first sign-in the desk opens without a network, by the PIN', async () => {
  const first = await openDevice()
  await signIn(first.page, house, 'b.tessier')
  await ready(first.page)
  // The configuration has to be on the device before the network goes.
  await first.page.getByRole('heading', { level: 1 }).waitFor()
  await first.context.close()
  await house.core.kill()
  try {
    const second = await openDevice({ folder: first.folder })
    await unlock(second.page, house)
    await second.page.getByRole('heading', { level: 1 }).waitFor()
    await second.context.close()
  } finally {
    await house.core.start()
  }
})

test('the desk speaks French, and stays so', async () => {
  const { context, page } = await openDevice()
  await page.goto(`${house.url}/desk/`)
  await page.getByRole('button', { name: /English/ }).click()
  await page.getByRole('menuitem', { name: /français/i }).click()
  await page.getByRole('heading', { name: 'Se connecter' }).waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'fr')
  await page.reload()
  await page.getByRole('heading', { name: 'Se connecter' }).waitFor()
  await context.close()
})
