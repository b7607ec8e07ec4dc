// The desk for whoever uses no mouse, enlarges what they read, chooses their own colours, or reads from right to left.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { closeAll, openDevice, signIn } from './browser.mjs'
import { House, until } from './house.mjs'
import { fillInBirth, handIn, item, openOutbox, surname } from './registrar.mjs'

let house
before(async () => {
  house = await House.start()
})
after(async () => {
  await closeAll()
  await house?.stop()
})

/** Whether this has the focus; if not, what has it, and whether that can be seen. */
const focusOn = (wanted) =>
  wanted.evaluate((element) => {
    const at = document.activeElement
    if (!at || at === element || at === document.body) return { isThere: at === element, isSeen: true }
    const { top, bottom, width, height } = at.getBoundingClientRect()
    // The skip link lies over the header.
    const header = at.closest('header, [role=dialog], [href="#content"]')
      ? null
      : document.querySelector('#root header')
    const covered =
      header && getComputedStyle(header).position === 'sticky' ? header.getBoundingClientRect().bottom : 0
    return {
      isThere: false,
      isSeen: width > 0 && height > 0 && bottom > covered && top < innerHeight,
      what: `${at.tagName} “${at.textContent?.trim().slice(0, 60)}”`,
    }
  })

/** Goes on with the Tab key until this has the focus, and finds every stop on the way in sight. */
async function tabTo(page, wanted) {
  await wanted.waitFor()
  for (let presses = 0; presses < 90; presses += 1) {
    const { isThere, isSeen, what } = await focusOn(wanted)
    if (isThere) return
    assert.ok(isSeen, `the focus is out of sight on ${what}`)
    await page.keyboard.press('Tab')
  }
  assert.fail(`the Tab key does not lead to ${wanted}`)
}

const hasFocus = (wanted, what) =>
  until(`${what} to have the focus`, async () => (await focusOn(wanted)).isThere, { every: 20 })

const label = (page, text) => page.getByLabel(text, { exact: true })
const button = (page, name) => page.getByRole('button', { name, exact: true })

async function press(page, wanted, key = 'Enter') {
  await tabTo(page, wanted)
  await page.keyboard.press(key)
}

async function type(page, wanted, text) {
  await tabTo(page, wanted)
  await page.keyboard.type(text)
}

/** Chooses from a list that opens, by the first letters. */
async function choose(page, name, option) {
  await press(page, page.getByRole('button', { name }).and(page.locator('[aria-haspopup]')))
  const wanted = page.getByRole('option', { name: option, exact: true })
  await wanted.waitFor()
  await page.keyboard.type(option)
  await hasFocus(wanted, option)
  await page.keyboard.press('Enter')
  await wanted.waitFor({ state: 'hidden' })
}

async function find(page, name, text) {
  const box = page.getByRole('combobox', { name })
  await tabTo(page, box)
  if ((await box.inputValue()).startsWith(text)) return
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(text)
  await page.getByRole('option', { name: text }).first().waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
}

const onward = (page) => press(page, button(page, 'Continue'))

/** The path of a record that is registered, below /desk. */
let registered

async function registerOne(page) {
  const name = surname('Droite')
  await fillInBirth(page, { firstname: 'Rim', surname: name })
  await handIn(page, 'Register')
  await openOutbox(page)
  const registration = item(page, name, 'Registration')
  await registration.getByText('Approved').first().waitFor()
  const link = await registration.getByRole('link', { name: 'Open the record' }).getAttribute('href')
  return link.replace('/desk', '')
}

/** The next page of the form is there, and reading goes on at it. */
const reads = (page, name) => hasFocus(page.getByRole('region', { name, exact: true }), name)

test('a birth is registered, from signing in to its certificate, by keyboard alone', async () => {
  const { context, page } = await openDevice({ reducedMotion: 'reduce' })
  await page.goto(`${house.url}/desk/`)
  await type(page, label(page, 'Username'), 'a.sorel')
  await type(page, label(page, 'Password'), 'demo-only')
  const since = new Date().toISOString()
  await page.keyboard.press('Enter')
  await type(page, page.getByLabel('Six digits'), await house.code(since))
  await page.keyboard.press('Enter')
  await type(page, label(page, 'PIN'), '2580')
  await type(page, label(page, 'The same again'), '2580')
  await page.keyboard.press('Enter')
  await page.locator('#content').waitFor()

  // The skip link is the first stop, and leads past the navigation.
  await page.reload()
  const title = page.getByRole('heading', { level: 1 })
  await hasFocus(title, 'the page’s title')
  const skip = page.getByRole('link', { name: 'Skip to the content' })
  await skip.focus()
  await page.keyboard.press('Enter')
  await hasFocus(page.locator('#content'), 'the content')

  // A menu opens, closes with Esc, and gives the focus back.
  const account = page.getByRole('button', { name: /Your account/ })
  await account.focus()
  await page.keyboard.press('Enter')
  await hasFocus(page.getByRole('menuitem').first(), 'the first choice')
  await page.keyboard.press('Escape')
  await hasFocus(account, 'the menu’s button')

  await skip.focus()
  await press(page, page.getByRole('link', { name: 'New record' }))
  await hasFocus(page.getByRole('heading', { level: 1, name: 'New record' }), 'the new page’s title')
  await tabTo(page, page.getByRole('radio', { name: 'Birth' }))
  await page.keyboard.press('Space')
  await onward(page)

  // What is missing is said, and the first of it has the focus and says why.
  await onward(page)
  await page.getByRole('alert').first().waitFor()
  const first = page.getByLabel('First name')
  await hasFocus(first, 'the first answer that is missing')
  assert.equal(await first.getAttribute('aria-invalid'), 'true')
  const why = (await first.getAttribute('aria-describedby')) ?? ''
  const told = await Promise.all(why.split(' ').map((id) => page.locator(`[id="${id}"]`).textContent()))
  assert.match(told.join(' '), /Required/)

  const name = surname('Clavier')
  await page.keyboard.type('Nour')
  await type(page, page.getByLabel('Last name'), name)
  await choose(page, /Sex$/, 'Female')
  const born = new Date(Date.now() - 3 * 86_400_000)
  await type(page, label(page, 'Day'), String(born.getUTCDate()))
  await type(page, label(page, 'Month'), String(born.getUTCMonth() + 1))
  await type(page, label(page, 'Year'), String(born.getUTCFullYear()))
  await choose(page, /Place of birth$/, 'Health facility')
  await find(page, 'Health facility', 'Port-Ormeau General')
  await onward(page)
  await reads(page, 'Informant')
  await choose(page, /Relationship$/, 'Mother')
  await type(page, page.getByLabel(/^Phone number/), '0612345678')
  await onward(page)
  await reads(page, 'Mother')
  await type(page, page.getByLabel('First name'), 'Lou')
  await type(page, page.getByLabel('Last name'), name)
  await type(page, label(page, 'Day'), '17')
  await type(page, label(page, 'Month'), '5')
  await type(page, label(page, 'Year'), '1996')
  await choose(page, /Type of ID$/, 'None')
  await find(page, 'Province', 'Ormeau')
  await find(page, 'District', 'Port-Ormeau')
  await onward(page)
  await reads(page, 'Father')
  await press(page, page.getByRole('checkbox', { name: 'Details are not available' }), 'Space')
  await type(page, page.getByLabel('Reason'), 'Not known')
  await onward(page)
  await reads(page, 'Documents')
  await onward(page)
  await reads(page, 'Review')

  // The question keeps the focus inside, Esc takes it back to where it was asked.
  const register = page.locator('#content').getByRole('button', { name: 'Register', exact: true })
  await press(page, register)
  const dialog = page.getByRole('dialog')
  await hasFocus(dialog.getByRole('button', { name: 'Register' }), 'the answer')
  for (let presses = 0; presses < 4; presses += 1) {
    await page.keyboard.press('Tab')
    assert.ok(
      await dialog.evaluate((element) => element.contains(document.activeElement)),
      'out of the dialog',
    )
  }
  await page.keyboard.press('Escape')
  await hasFocus(register, 'what asked')
  await page.keyboard.press('Enter')
  await press(page, dialog.getByRole('button', { name: 'Register' }))

  await hasFocus(page.getByRole('heading', { level: 1, name: 'Outbox' }), 'the outbox’s title')
  await item(page, name, 'Registration').getByText('Approved').first().waitFor()
  await press(page, item(page, name, 'Registration').getByRole('link', { name: 'Open the record' }))
  await hasFocus(page.getByRole('heading', { level: 1, name }), 'the record’s title')

  registered = new URL(page.url()).pathname.replace('/desk', '')

  await tabTo(page, page.getByRole('tab', { name: 'Declaration' }))
  await page.keyboard.press('ArrowRight')
  await page.getByRole('tab', { name: 'History', selected: true }).waitFor()
  const print = button(page, 'Print certificate')
  await skip.focus()
  await press(page, button(page, 'Assign to me'))
  await print.and(page.locator(':enabled')).waitFor()
  await skip.focus()
  await press(page, print)
  await hasFocus(page.getByRole('heading', { level: 1, name: 'Print a certificate' }), 'the title')
  await context.close()
})

const SCREENS = ['/', '/records/new', '/search', '/outbox', '/drafts', '/settings']

/** Which of these pages are not all there by scrolling down. */
async function tooWide(page, paths, when, text = '') {
  const wrong = []
  for (const path of paths) {
    await page.goto(`${house.url}/desk${path}`)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await until(
      `${path} to be read`,
      async () => (await page.locator('#content').getByRole('status').count()) === 0,
    )
    const by = await page.evaluate((size) => {
      document.documentElement.style.fontSize = size
      return document.documentElement.scrollWidth - innerWidth
    }, text)
    if (by > 0) wrong.push(`${path} ${when} is ${by} px too wide`)
  }
  return wrong
}

/** The country's texts in a language that it does not have, in other letters. */
async function speakArabic(context) {
  const letters = [...'ابتثجحخدذرزسشصضطظعغفقكلمنه']
  const write = (text) => {
    let depth = 0
    return [...text]
      .map((letter) => {
        if (letter === '{') depth += 1
        if (letter === '}') depth -= 1
        const at = letter.toLowerCase().charCodeAt(0) - 97
        return depth === 0 ? (letters[at] ?? letter) : letter
      })
      .join('')
  }
  await context.route('**/content/*', async (route) => {
    const { 'if-none-match': _, ...headers } = route.request().headers()
    const response = await route.fetch({ headers })
    const content = await response.json()
    const { messages } = content.languages.find(({ lang }) => lang === 'en')
    content.languages.push({
      lang: 'ar',
      messages: Object.fromEntries(Object.entries(messages).map(([id, text]) => [id, write(text)])),
    })
    await route.fulfill({ response, json: content })
  })
}

test('the page runs the way its language does, and nothing falls off it', async () => {
  // What the service worker keeps would not come from the country of this test.
  const { context, page } = await openDevice({
    serviceWorkers: 'block',
    hasTouch: true,
    viewport: { width: 360, height: 740 },
  })
  await speakArabic(context)
  await signIn(page, house, 'a.sorel')
  registered ??= await registerOne(page)

  await page.goto(`${house.url}/desk/settings`)
  const language = () => page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])
  assert.deepEqual(await language(), ['en', 'ltr'])
  await page.getByRole('button', { name: /Language/ }).click()
  await page.getByRole('option', { name: 'العربية' }).click()
  await until('the page to turn', async () => (await language()).join() === 'ar,rtl')

  const wrong = await tooWide(
    page,
    [...SCREENS, registered, `${registered}/print`, `${registered}/correct`],
    'in Arabic',
  )
  assert.deepEqual(wrong, [])
  await page.goto(`${house.url}/desk${registered}`)
  // What leads on is at the left, and the navigation comes in from the right.
  await page.getByRole('button', { name: 'Menu' }).click()
  const drawer = await page.getByRole('dialog').evaluate((element) => element.getBoundingClientRect().right)
  assert.ok(drawer > 340, 'the navigation is at the end of the line')
  await page.keyboard.press('Escape')
  // Numbers of records stay as they are written.
  const number = page.locator('#content code').first()
  assert.equal(await number.evaluate((element) => getComputedStyle(element).direction), 'ltr')
  await context.close()
})

/** One device for what only looks at screens. */
let looking
async function look() {
  if (!looking) {
    looking = (await openDevice({ reducedMotion: 'reduce' })).page
    await signIn(looking, house, 'a.sorel')
  }
  return looking
}

test('the desk is enlarged four times, its text alone twice, and everything is still there', async () => {
  const page = await look()
  await page.setViewportSize({ width: 320, height: 256 })
  const wrong = await tooWide(page, SCREENS, 'at 400 %')
  // The header goes with the page: there is no room for what stays.
  assert.equal(
    await page
      .locator('#root header')
      .first()
      .evaluate((it) => getComputedStyle(it).position),
    'static',
  )
  await page.setViewportSize({ width: 1280, height: 800 })
  wrong.push(...(await tooWide(page, SCREENS, 'with text at 200 %', '200%')))
  assert.deepEqual(wrong, [])
})

test('whoever wants no motion gets none, and their own colours show what is current', async () => {
  const page = await look()
  await page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' })
  await page.goto(`${house.url}/desk/`)
  await page.getByRole('link', { name: 'Search' }).click()
  const current = page.locator('nav [aria-current=page]')
  await current.waitFor()
  assert.notEqual(await current.evaluate((it) => getComputedStyle(it).outlineStyle), 'none')
  const slow = await page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((element) => {
        const { animationDuration, transitionDuration } = getComputedStyle(element)
        return [animationDuration, transitionDuration].some((duration) => Number.parseFloat(duration) > 0)
      }).length,
  )
  assert.equal(slow, 0)
  await page.emulateMedia({ forcedColors: 'none' })
})

test('a screen reader finds its way: landmarks, headings in order, tables, and what changes is said', async () => {
  const page = await look()
  await page.setViewportSize({ width: 1280, height: 800 })
  const outline = () =>
    page.evaluate(() => {
      const shown = [...document.querySelectorAll('h1, h2, h3, h4')].filter((it) => it.checkVisibility())
      return shown.filter((it) => it.closest('main')).map((it) => Number(it.tagName[1]))
    })
  for (const path of [...SCREENS, '/queues/recent']) {
    await page.goto(`${house.url}/desk${path}`)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    for (const landmark of ['banner', 'main'])
      assert.equal(await page.getByRole(landmark).count(), 1, `${landmark} of ${path}`)
    await page.getByRole('navigation', { name: 'Main navigation' }).waitFor()
    const levels = await outline()
    assert.equal(levels.filter((level) => level === 1).length, 1, `one title on ${path}`)
    for (const [at, level] of levels.entries())
      assert.ok(
        level <= (levels[at - 1] ?? 0) + 1,
        `${path} has no heading between ${levels[at - 1]} and ${level}`,
      )
    assert.equal(
      await page.title(),
      `${await page.getByRole('heading', { level: 1 }).textContent()} · Countersign`,
    )
  }
  // A table stays one where it is drawn as cards.
  await page.getByRole('row').nth(1).waitFor()
  await page.setViewportSize({ width: 360, height: 740 })
  const rows = await page.getByRole('table').ariaSnapshot()
  assert.match(rows, /- table "[^"]+":/)
  assert.match(rows, /- columnheader "Record"/)
  assert.match(rows, /- cell/)
  await page.context().setOffline(true)
  await page.getByRole('status').filter({ hasText: 'No network' }).waitFor()
  await page.context().setOffline(false)
})
