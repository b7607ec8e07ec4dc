// An account over its life: set up, locked, forgotten, recovered, signed out.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { closeAll, openDevice, signIn, violations } from './browser.mjs'
import { House, until } from './house.mjs'
import { fillInBirth, handIn, item, surname } from './registrar.mjs'

let house
let admin
before(async () => {
  house = await House.start()
  admin = await house.token('s.amarin')
})
after(async () => {
  await closeAll()
  await house?.stop()
})

const inbox = async () => (await fetch(`${house.inbox}/inbox`)).json()

/** The newest message to somebody. */
const messageTo = (to, since, fits = () => true) =>
  until(`a message to ${to}`, async () =>
    (await inbox()).find((message) => message.to === to && message.at >= since && fits(message.text)),
  )

const core = async (path, body) => {
  const response = await fetch(`${house.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`)
  return response.json()
}

/** Somebody new, as an administrator makes their account. */
async function invite(firstname, surname, mobile) {
  const since = new Date().toISOString()
  const office = (await core('/locations')).find?.(({ locationType }) => locationType === 'CRVS_OFFICE')
  const user = await core('/users', {
    name: { firstname, surname },
    role: 'LOCAL_REGISTRAR',
    primaryOfficeId: office.id,
    mobile,
    email: `${surname.toLowerCase()}@talvera.example`,
  })
  const message = await messageTo(mobile, since)
  return { user, message }
}

const chosen = 'A sentence of mine, 1 of many'

async function choose(page, label, option) {
  await page.getByRole('button', { name: label }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

const next = (page) => page.getByRole('button', { name: 'Next', exact: true }).click()

/** Up to the page that asks for what comes after the password. */
async function begin(page, username, password) {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await next(page)
}

async function lockNow(page) {
  await page.getByRole('button', { name: /Your account/ }).click()
  await page.getByRole('menuitem', { name: 'Lock now' }).click()
  await page.getByLabel('PIN', { exact: true }).waitFor()
}

const answers = {
  'What city were you born in?': 'Ormeau',
  'What is your favourite film?': 'La Strada',
  'What is your favourite food?': 'Soup',
}

test('somebody new sets up their account, forgets all of it, and comes back in', async () => {
  const mobile = '0711111111'
  const { message } = await invite('Noé', 'Brun', mobile)
  const [, username, password] = /username is (\S+), your first password (\S+)\./.exec(message.text)
  const { context, page } = await openDevice()
  await page.goto(`${house.url}/desk/`)
  await begin(page, username, password)
  await page.getByRole('heading', { name: 'Set up your account' }).waitFor()
  assert.deepEqual(await violations(page), [])

  // What is missing is said where it is missing, and one is led to the first of it.
  await page.getByRole('button', { name: 'Finish' }).click()
  await page.getByText('Choose a question and answer it.').nth(2).waitFor()
  const first = page.getByLabel('New password')
  await until('the first field with a problem to have the focus', () =>
    first.evaluate((field) => field === document.activeElement),
  )
  assert.deepEqual(await violations(page), [])
  await first.fill(chosen)
  await page.getByLabel('The same again').fill('Something else, 1')
  await page.getByText('These two are not the same.').waitFor()
  await page.getByLabel('The same again').fill(chosen)
  for (const [at, [question, answer]] of Object.entries(answers).entries()) {
    await choose(page, new RegExp(`Question ${at + 1}`), question)
    await page.getByLabel('Your answer').nth(at).fill(answer)
  }
  // A question that is answered is not offered once more.
  await page.getByRole('button', { name: /Question 3/ }).click()
  await page.getByRole('option', { name: 'What is your favourite food?' }).waitFor()
  assert.equal(await page.getByRole('option', { name: 'What is your favourite film?' }).count(), 0)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Finish' }).click()
  await page.getByText('Your account is ready. Sign in with your new password.').waitFor()
  assert.equal(await page.getByLabel('Username').inputValue(), username)

  // The first password is good for nothing any more.
  await begin(page, username, password)
  await page.getByText('Username or password is wrong.').waitFor()

  // The password is forgotten. The number is written as people write numbers.
  await page.getByRole('button', { name: 'I cannot sign in' }).click()
  await page.getByLabel('Your phone number or e-mail address').fill('07 11 11-11.11')
  let since = new Date().toISOString()
  await next(page)
  await page.getByLabel('Six digits').fill(await wrong(since))
  await next(page)
  await page.getByText('That code is wrong or too old.').waitFor()
  since = new Date().toISOString()
  await page.getByRole('button', { name: 'Send another code' }).click()
  await page.getByText('Another code is on its way').waitFor()
  await page.getByLabel('Six digits').fill(await house.code(since))
  await next(page)
  await page.getByText('Answer your question').waitFor()
  await page.getByRole('textbox').fill('I do not know')
  await next(page)
  await page.getByText('That is not the answer. Here is another question.').waitFor()
  assert.deepEqual(await violations(page), [])
  await answer(page)
  const another = 'Another sentence, 2 of many'
  await page.getByLabel('New password').fill(another)
  await page.getByLabel('The same again').fill(another)
  await next(page)
  await page.getByText('Your password is changed. Sign in with it.').waitFor()

  // The username is forgotten.
  await page.getByRole('button', { name: 'I cannot sign in' }).click()
  await page.getByText('My username', { exact: true }).click()
  await page.getByLabel('Your phone number or e-mail address').fill(mobile)
  since = new Date().toISOString()
  await next(page)
  await page.getByText('Answer your question').waitFor()
  await answer(page)
  await page.getByText('Your username is on its way to you.').waitFor()
  const reminder = await messageTo(mobile, since)
  assert.match(reminder.text, new RegExp(username))
  await signIn(page, house, username, { password: another })
  await page.getByRole('heading', { level: 1 }).waitFor()
  await context.close()
})

/** Six digits that are not the code that was sent since then. */
async function wrong(since) {
  const code = await house.code(since)
  return code === '000000' ? '000001' : '000000'
}

async function answer(page) {
  for (const [question, text] of Object.entries(answers)) {
    const field = page.getByLabel(question)
    if (await field.isVisible()) await field.fill(text)
  }
  await next(page)
}

test('too many wrong answers end a recovery, and it says so', async () => {
  const { context, page } = await openDevice()
  await page.goto(`${house.url}/desk/`)
  await page.getByRole('button', { name: 'I cannot sign in' }).click()
  // Nobody has this number; the desk does not tell.
  await page.getByLabel('Your phone number or e-mail address').fill('0799999999')
  await page.getByText('My username', { exact: true }).click()
  await next(page)
  const over = page.getByText('There were too many wrong answers, or it took too long. Begin again.')
  const field = page.getByRole('textbox')
  await until('the recovery to end', async () => {
    if (await over.isVisible()) return true
    if (await page.getByText('Answer your question').isVisible()) {
      await field.fill('no')
      await next(page)
      await page.waitForFunction(() => !document.querySelector('button[aria-busy=true], [data-pending]'))
    }
    return false
  })
  await page.getByLabel('Your phone number or e-mail address').waitFor()
  assert.equal(await page.getByText('UNAUTHORIZED').count(), 0)
  assert.deepEqual(await violations(page), [])
  await context.close()
})

test('after too many wrong codes, signing in begins again with the password', async () => {
  const { context, page } = await openDevice()
  await page.goto(`${house.url}/desk/`)
  const since = new Date().toISOString()
  await begin(page, 'p.brenner', 'demo-only')
  // Where the code went is the country's to say: both are named.
  await page.getByText('0700000003 or p.brenner@talvera.example').waitFor()
  const digits = await wrong(since)
  for (let tries = 0; tries < 5; tries += 1) {
    await page.getByLabel('Six digits').fill(digits)
    const answered = page.waitForResponse(/verifyCode/)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await answered
    await page.getByText('That code is wrong or too old.').waitFor()
  }
  await page.getByRole('button', { name: 'Send another code' }).click()
  await page.getByText('Begin again with your password.').waitFor()
  assert.equal(await page.getByLabel('Username').inputValue(), 'p.brenner')
  await context.close()
})

test('too many tries have to wait, and it says how long', async () => {
  const { context, page } = await openDevice()
  await page.goto(`${house.url}/desk/`)
  const wait = page.getByText(/Too many tries\. Wait \d+ seconds?/)
  for (let tries = 0; tries < 30 && !(await wait.isVisible()); tries += 1) {
    const answered = page.waitForResponse(/authenticate/)
    await begin(page, 'i.vautrin', 'not this')
    await answered
    await page.getByText(/Username or password is wrong|Too many tries/).waitFor()
  }
  await wait.waitFor()
  await context.close()
})

test('the desk locks itself when nobody touches it, and opens where it was, with all that was entered', async () => {
  const { context, page } = await openDevice()
  await page.clock.install()
  await signIn(page, house, 'a.sorel')
  await page.getByRole('link', { name: 'New record' }).click()
  await page.getByText('Birth', { exact: true }).click()
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await page.getByLabel('First name').fill('Zélie')
  const place = page.url()
  await page.clock.fastForward('04:30')
  assert.equal(await page.getByLabel('First name').inputValue(), 'Zélie')
  await page.clock.fastForward('01:00')
  const pin = page.getByLabel('PIN', { exact: true })
  await pin.waitFor()
  assert.equal(await page.getByLabel('First name').count(), 0)
  assert.deepEqual(await violations(page), [])
  await pin.fill('1111')
  await page.getByText('Wrong PIN. 4 tries left').waitFor()
  await pin.fill('2580')
  await page.getByLabel('First name').waitFor()
  assert.equal(page.url(), place)
  assert.equal(await page.getByLabel('First name').inputValue(), 'Zélie')
  await context.close()
})

test('a forgotten PIN is replaced by signing in again', async () => {
  const { context, page } = await openDevice()
  await signIn(page, house, 'r.coste')
  await lockNow(page)
  await page.getByRole('button', { name: 'I forgot my PIN' }).click()
  const dialog = page.getByRole('dialog', { name: 'Forgotten your PIN?' })
  await dialog.waitFor()
  assert.deepEqual(await violations(page), [])
  await page.keyboard.press('Escape')
  await page.getByLabel('PIN', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'I forgot my PIN' }).click()
  await dialog.getByRole('button', { name: 'Sign out' }).click()
  await signIn(page, house, 'r.coste', { pin: '7391' })
  await lockNow(page)
  await page.getByLabel('PIN', { exact: true }).fill('7391')
  await page.locator('#content').waitFor()

  // Guessing ends, too, and the desk says why it is shut.
  await lockNow(page)
  for (let left = 4; left >= 1; left -= 1) {
    await page.getByLabel('PIN', { exact: true }).fill('1111')
    await page.getByText(new RegExp(`${left} (try|tries) left`)).waitFor()
  }
  await page.getByLabel('PIN', { exact: true }).fill('1111')
  await page.getByText('Too many wrong PINs.').waitFor()
  await signIn(page, house, 'r.coste', { pin: '4826' })
  await context.close()
})

test('signing out without a network says that nobody gets in again, and what is still in the outbox', async () => {
  const { context, page } = await openDevice()
  await signIn(page, house, 'a.sorel')
  const name = surname('Reste')
  await fillInBirth(page, { firstname: 'Lou', surname: name })
  await context.setOffline(true)
  await handIn(page, 'Register')
  await item(page, name).first().waitFor()
  await page.getByRole('button', { name: /Your account/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  const dialog = page.getByRole('dialog', { name: 'Sign out?' })
  await dialog.getByText(/^2 items in your outbox have not arrived yet/).waitFor()
  await dialog.getByText('There is no network now.').waitFor()
  assert.deepEqual(await violations(page), [])
  await dialog.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('2 wait to be sent').waitFor()
  // Somebody else begins at their own start, and not on a page of a colleague's.
  await context.setOffline(false)
  await signIn(page, house, 'b.tessier')
  await until(
    'the start of the desk',
    () => new URL(page.url()).pathname === '/desk/' || /queues/.test(page.url()),
  )
  await context.close()
})

test('a session that has ended loses nothing of a form, and signing in again leads back to it', async () => {
  const { context, page } = await openDevice()
  await signIn(page, house, 'a.sorel')
  await page.getByRole('link', { name: 'New record' }).click()
  await page.getByText('Birth', { exact: true }).click()
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await page.getByLabel('First name').fill('Ombeline')
  // Core takes no token any more, until there is another.
  await page.route('**/*', (route) => {
    const { authorization } = route.request().headers()
    return authorization
      ? route.fulfill({ status: 401, json: { code: 'UNAUTHORIZED', message: 'UNAUTHORIZED' } })
      : route.fallback()
  })
  await page.reload()
  const again = page.getByRole('button', { name: 'Sign in again' })
  await again.waitFor()
  assert.equal(await page.getByLabel('First name').inputValue(), 'Ombeline')
  await page.getByLabel('Last name').fill('Ferrand')
  assert.deepEqual(await violations(page), [])
  const place = page.url()
  await again.click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.getByRole('button', { name: 'Back' }).click()
  await page.getByLabel('Last name').waitFor()
  await page.unroute('**/*')
  await again.click()
  assert.equal(await page.getByLabel('Username').inputValue(), 'a.sorel')
  await page.getByLabel('Password', { exact: true }).fill('demo-only')
  const since = new Date().toISOString()
  await next(page)
  await page.getByLabel('Six digits').fill(await house.code(since))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('First name').waitFor()
  assert.equal(page.url(), place)
  assert.equal(await page.getByLabel('First name').inputValue(), 'Ombeline')
  assert.equal(await page.getByLabel('Last name').inputValue(), 'Ferrand')
  await context.close()
})

test('the language is changed in the settings, and so is the password', async () => {
  const { context, page } = await openDevice()
  await signIn(page, house, 'b.tessier')
  await page.goto(`${house.url}/desk/settings`)
  await choose(page, /Language/, 'Français')
  await page.getByRole('heading', { name: 'Réglages' }).waitFor()
  await page.getByLabel('Mot de passe actuel').fill('not mine')
  await page.getByLabel('Nouveau mot de passe').fill(chosen)
  await page.getByLabel('Encore une fois').last().fill(chosen)
  await page.getByRole('button', { name: 'Enregistrer' }).last().click()
  await page.getByText('Le mot de passe actuel est faux.').waitFor()
  assert.deepEqual(await violations(page), [])
  await context.close()
})
