// Every screen, for whoever sees it: readable by axe on a wide screen and on a phone, in light and in dark.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { closeAll, openDevice, picture, signIn, violations } from './browser.mjs'
import { declareBirth, House, nationalId } from './house.mjs'
import { fillInBirth, handIn, openOutbox, surname } from './registrar.mjs'

let house
before(async () => {
  house = await House.start()
})
after(async () => {
  await closeAll()
  await house?.stop()
})

const looks = [
  { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
]

async function look(page, name, path) {
  await page.goto(`${house.url}/desk${path}`)
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.getByText('Loading…').first().waitFor({ state: 'hidden' })
  const wrong = []
  for (const { viewport, colorScheme } of looks) {
    await page.setViewportSize(viewport)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Colours of both themes stand side by side until everything was drawn once more.
    await page.evaluate(
      () =>
        new Promise((drawn) =>
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn, 100))),
        ),
    )
    for (const violation of await violations(page))
      wrong.push(`${path} at ${viewport.width}, ${colorScheme}: ${violation}`)
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    if (sideways > 0) wrong.push(`${path} at ${viewport.width} is ${sideways} px too wide`)
    await picture(page, `${name}-${viewport.width}`, { dark: colorScheme === 'dark' })
  }
  await page.setViewportSize(looks[0].viewport)
  return wrong
}

test('a registrar’s screens', async () => {
  const { context, page } = await openDevice()
  await signIn(page, house, 'a.sorel')
  const name = surname('Vue')
  await fillInBirth(page, { firstname: 'Lea', surname: name })
  await handIn(page, 'Register')
  await openOutbox(page)
  await page.getByText('Approved').first().waitFor()
  const wrong = []
  for (const [name, path] of [
    ['queue', '/'],
    ['certification', '/queues/pending-certification'],
    ['new-record', '/records/new'],
    ['search', '/search'],
    ['outbox', '/outbox'],
    ['drafts', '/drafts'],
    ['settings', '/settings'],
  ])
    wrong.push(...(await look(page, name, path)))
  assert.deepEqual(wrong, [])
  await context.close()
})

/** Something for an administrator to look at: one registration waits for the national ID, then country config is away. */
async function troubles() {
  const token = await house.token('a.sorel')
  await nationalId(house, { hold: true })
  await declareBirth(house, token, { surname: surname('Attente'), atHome: true, register: true })
  await house.country.kill()
  const unheard = () => declareBirth(house, token, { surname: surname('Panne'), heard: false })
  await Promise.all([unheard(), unheard(), unheard()])
}

test('an administrator’s screens', async () => {
  const { context, page } = await openDevice()
  await signIn(page, house, 's.amarin')
  await troubles()
  const wrong = []
  for (const part of [
    '',
    '/deliveries',
    '/pending',
    '/clients',
    '/users',
    '/users/roles',
    '/places',
    '/audit',
    '/configuration',
  ])
    wrong.push(...(await look(page, `console${part.replaceAll('/', '-')}`, `/console${part}`)))
  assert.deepEqual(wrong, [])
  await context.close()
})
