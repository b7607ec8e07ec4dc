// The administrator's console over a real Core: what an operator can do, by clicking.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { closeAll, openDevice, picture, signIn, unlock, violations } from './browser.mjs'
import { ask, count, declareBirth, House, nationalId, until } from './house.mjs'
import { surname } from './registrar.mjs'

let house
let page
let registrar
let stand

before(async () => {
  house = await House.start({ core: ['--config-refresh', '1s'] })
  ;({ page } = await openDevice())
  await signIn(page, house, 's.amarin')
  registrar = await house.token('a.sorel')
})
after(async () => {
  await closeAll()
  stand?.close()
  await house?.stop()
})

const go = (path) => page.goto(`${house.url}/desk/console${path}`)
const dialog = () => page.getByRole('dialog')
const press = (name, within = page) => within.getByRole('button', { name, exact: true }).click()
const says = (text, within = page) => within.getByText(text).first().waitFor()

/** Chooses from a list that opens, by its label. */
async function choose(label, option, within = page) {
  await within.getByRole('button', { name: label }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

/** Finds one of many by typing a part of it. */
async function find(label, text, within = page) {
  const box = within.getByRole('combobox', { name: label })
  await box.click()
  await box.fill(text)
  await page.getByRole('option', { name: text }).first().waitFor()
  await box.press('ArrowDown')
  await box.press('Enter')
}

test('an operator approves by hand with a number, and hands back what cannot have it', async () => {
  await nationalId(house, { hold: true })
  const register = () =>
    declareBirth(house, registrar, { surname: surname('Attente'), atHome: true, register: true })
  const records = [await register(), await register()]
  const number = 'B2026-ORM-900001-X'
  const admin = await house.token('s.amarin')
  const { pendingActions } = await ask(house, admin, '/pending-actions')
  const { actionId } = pendingActions.find(({ eventId }) => eventId === records[1].id)
  for (let times = 0; times < 60; times++) await ask(house, admin, `/pending-actions/${actionId}/resend`, {})
  for (const [index, record] of records.entries()) {
    await go('/pending')
    await page.getByRole('link', { name: new RegExp(`Register · ${record.trackingId}`) }).click()
    await press('Approve by hand')
    // Nothing is sent before everything was said.
    await press('Approve by hand', dialog())
    await says('Say why, in up to 1,000 characters.', dialog())
    await says('A registration is approved with its number.', dialog())
    await dialog().getByLabel('Reason').fill('The national ID system is away for weeks')
    await dialog().getByLabel('Registration number').fill(number)
    await press('Approve by hand', dialog())
    await says('Make sure of that first', dialog())
    assert.deepEqual(await violations(page), [], 'on the dialog')
    await dialog().getByText('I have made sure').click()
    await dialog().getByLabel('Registration number').press('Enter')
    if (index === 0) {
      await says('Approved.')
      await says('Register: approved by hand')
      await says('The national ID system is away for weeks')
      const { actions } = await ask(house, registrar, `/events/${record.id}`)
      const registered = actions.find(({ type, status }) => type === 'REGISTER' && status === 'Accepted')
      assert.equal(registered.registrationNumber, number)
      continue
    }
    await says(/number/i, dialog().getByRole('alert'))
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'hidden' })
    await press('Hand back')
    await dialog().getByLabel('Reason').fill('Ask again with the mother’s ID')
    await dialog().getByText('I have made sure').click()
    await press('Hand back', dialog())
    await says('Register: handed back')
    // Whoever asks why it took so long gets to the beginning of a long history, page by page.
    await press('Next page ›')
    await says('Record begun')
    await press('« First page')
    await says('Register: handed back')
    assert.equal(count(await ask(house, registrar, `/events/${record.id}`), 'REGISTER', 'Rejected'), 1)
  }
  await nationalId(house)
})

test('the audit trail is searched by person and by record', async () => {
  const record = await declareBirth(house, registrar, { surname: surname('Trace') })
  await go('/audit')
  const table = page.getByRole('table')
  await find('Person', 'Amélie Sorel')
  await says('Declare: asked for', table)
  assert.equal(await table.getByText('Selim Amarin').count(), 0, 'only what she did')
  await find('What was done', 'Record begun')
  await until('only records begun', async () => (await table.getByText('Declare: asked for').count()) === 0)
  await press('Clear filters')
  await page.getByLabel('Record: tracking ID or ID').fill(record.trackingId.toLowerCase())
  await page.keyboard.press('Enter')
  await until('only that record', async () => {
    const rows = await table.locator('tbody tr').count()
    return rows > 0 && (await table.locator(`tbody a[href$="${record.id}"]`).count()) === rows
  })
  await says('Declare: approved', table)
  assert.deepEqual(await violations(page), [], 'on the audit trail')
  await picture(page, 'console-audit-record')
  await page.getByLabel('Record: tracking ID or ID').fill('B0NOWHERE')
  await page.keyboard.press('Tab')
  await says('Nothing of that kind was done')
})

test('deliveries are stopped, looked at, and resumed', async () => {
  await go('')
  await press('Stop…')
  await press('Stop', dialog())
  await says('Say why', dialog())
  await dialog().getByLabel('Reason').fill('The ministry moves its servers')
  // An order is given now or not at all: without a network it is not kept for later.
  await page.context().setOffline(true)
  await press('Stop', dialog())
  await says('The server does not answer. Nothing is sent later by itself', dialog())
  await page.context().setOffline(false)
  await press('Stop', dialog())
  await says('The ministry moves its servers')
  const record = await declareBirth(house, registrar, { surname: surname('Halte'), heard: false })
  await page.getByRole('link', { name: 'Deliveries', exact: true }).click()
  await says('Stopped by an operator: All deliveries')
  await choose(/State$/, 'Waiting')
  await page.getByRole('link', { name: 'Declare' }).first().click()
  await says(/stopped/i)
  await page.getByText(record.id).waitFor()
  await page.goBack()
  await press('Send all of these…')
  await says('1 delivery', dialog())
  await press('Send them', dialog())
  await says('Say why', dialog())
  await page.keyboard.press('Escape')
  const written = page.waitForEvent('download')
  await press('Export')
  await page.getByRole('menuitem', { name: /CSV/ }).click()
  const lines = (await readFile(await (await written).path(), 'utf8')).trim().split('\n')
  assert.equal(lines.length, 2, 'a heading, and what the filters find')
  assert.match(lines[1], new RegExp(`DECLARE,queued,birth,${record.id}`))
  await press('Resume')
  await press('Resume', dialog())
  await page.getByText('Stopped by an operator').waitFor({ state: 'hidden' })
  await until('the declaration to be told', async () =>
    count(await ask(house, registrar, `/events/${record.id}`), 'DECLARE', 'Accepted'),
  )
})

test('a place is made by keyboard alone, and somebody who works there', async () => {
  await go('/places')
  const { keyboard } = page
  const focused = (name) =>
    until(`${name} to have the focus`, () =>
      page.evaluate((text) => {
        const at = document.activeElement
        const label = at?.labels?.[0]?.textContent ?? at?.getAttribute('aria-label') ?? at?.textContent
        return label?.includes(text)
      }, name),
    )
  await page.getByRole('button', { name: 'New place' }).focus()
  await keyboard.press('Enter')
  await focused('Name')
  await keyboard.press('Enter')
  await says('A place has a name.', dialog())
  await keyboard.type('Quai-Neuf Registration Office')
  await keyboard.press('Tab')
  await keyboard.press('Enter')
  await page.getByRole('option', { name: 'Registration office' }).waitFor()
  await keyboard.type('Regist')
  await keyboard.press('Enter')
  await page.getByRole('listbox').waitFor({ state: 'hidden' })
  await keyboard.press('Tab')
  await keyboard.type('Port-Ormeau')
  await page.getByRole('option', { name: 'Port-Ormeau' }).first().waitFor()
  await keyboard.press('ArrowDown')
  await keyboard.press('Enter')
  await keyboard.press('Tab')
  await focused('The country’s own ID')
  await keyboard.type('quai-neuf')
  assert.deepEqual(await violations(page), [], 'on the dialog')
  await keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Quai-Neuf Registration Office' }).waitFor()
  await says('Nobody.')
  assert.deepEqual(await violations(page), [], 'on the place')

  await page.getByRole('link', { name: 'Users' }).click()
  await page.getByRole('link', { name: 'New user' }).click()
  await page.getByLabel('First names').fill('Ines')
  await page.getByLabel('Last name').fill('Quaiver')
  await choose(/Role$/, 'Registrar')
  await find('Office', 'Quai-Neuf')
  await press('Create and invite')
  await says('Give a mobile number or an e-mail address.')
  await page.getByLabel('Mobile number').fill('12')
  await press('Create and invite')
  await says('This is no number as the country writes them.')
  await page.getByLabel('Mobile number').fill('0798765432')
  await press('Create and invite')
  await page.getByRole('heading', { level: 1, name: 'Ines Quaiver' }).waitFor()
  await says('Quai-Neuf Registration Office, Port-Ormeau, Ormeau')
  await says(/^\d+ rights, explained$/)

  // The office is closed, and nobody new can be sent there.
  await page.getByRole('link', { name: 'Places' }).click()
  await page.getByLabel('Search by name').fill('quai-neuf')
  await page.getByRole('link', { name: 'Quai-Neuf Registration Office' }).click()
  await page.getByRole('link', { name: 'Ines Quaiver' }).waitFor()
  await press('Edit')
  await dialog().getByLabel('No longer used from').fill('2020-01-01')
  await press('Save', dialog())
  await says('It is no longer used: nobody can choose it.')
  await go('/users/new')
  const office = page.getByRole('combobox', { name: 'Office' })
  await office.fill('Quai-Neuf')
  await office.press('Tab')
  await press('Create and invite')
  await until('no office to be chosen', async () => (await office.inputValue()) === '')
})

test('a password is reset, and its owner signs in with the one they are sent', async () => {
  await go('/users')
  await page.getByRole('searchbox', { name: 'Username' }).fill('b.tessier')
  await page.getByRole('link', { name: 'Bako Tessier' }).click()
  const since = new Date().toISOString()
  await press(/^Change/)
  await page.getByRole('menuitem', { name: 'Reset the password' }).click()
  await press('Reset the password', dialog())
  await says('a temporary password is on its way')
  const password = await until('the temporary password', async () => {
    const messages = await (await fetch(`${house.inbox}/inbox`)).json()
    const told = messages.filter(({ at }) => at >= since)
    return told.map(({ text }) => /Sign in once with (\S+) and/.exec(text)?.[1]).find(Boolean)
  })
  const other = await openDevice()
  await other.page.goto(`${house.url}/desk/`)
  await other.page.getByLabel('Username').fill('b.tessier')
  await other.page.getByLabel('Password', { exact: true }).fill(password)
  await other.page.getByRole('button', { name: 'Next' }).click()
  await other.page.getByRole('heading', { name: 'Set up your account' }).waitFor()
  await other.context.close()

  // Shut, with a reason; then open again, waiting for its owner.
  await press(/^Change/)
  await page.getByRole('menuitem', { name: 'Shut the account' }).click()
  await press('Shut the account', dialog())
  await says('Say why', dialog())
  await dialog().getByLabel('Reason').fill('On leave')
  await press('Shut the account', dialog())
  await says('The account is shut: nobody can sign in to it.')
  await press(/^Change/)
  await page.getByRole('menuitem', { name: 'Open the account' }).click()
  await dialog().getByLabel('Reason').fill('Back again')
  await press('Open the account', dialog())
  await says('The account is open.')
  await says('Was invited, and has yet to set up the account.')
})

test('a client’s secret is replaced: both work for a while, then the new one alone', async () => {
  await go('/clients/new')
  await page.getByRole('textbox', { name: 'Name' }).fill('Port hospital')
  await press('Create, and show its secret')
  await says('Choose at least one thing that it may do.')
  await page.getByText('Notify of events').click()
  await press('Create, and show its secret')
  const secretOf = async () => {
    const field = dialog().getByLabel('Client secret', { exact: true })
    await field.waitFor()
    const secret = await field.inputValue()
    await press('I have kept them', dialog())
    await dialog().waitFor({ state: 'hidden' })
    return secret
  }
  const first = await secretOf()
  const clientId = new URL(page.url()).pathname.split('/').pop()
  const works = async (secret) => {
    const parameters = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret }
    const url = `${house.url}/auth/token?${new URLSearchParams(parameters)}`
    return (await fetch(url, { method: 'POST' })).ok
  }
  const rotate = async (overlap) => {
    await press(/^Change/)
    await page.getByRole('menuitem', { name: 'Replace the secret' }).click()
    await choose(/The old one works for another/, overlap, dialog())
    await press('Replace the secret', dialog())
    return secretOf()
  }
  const second = await rotate('Hour')
  assert.deepEqual(await Promise.all([first, second].map(works)), [true, true])
  await says('A replaced secret works until')
  const third = await rotate('No longer: it ends now')
  assert.deepEqual(await Promise.all([first, second, third].map(works)), [false, false, true])
  await press(/^Change/)
  await page.getByRole('menuitem', { name: 'Shut out' }).click()
  await press('Shut out', dialog())
  await says('Core does not let it in')
  assert.equal(await works(third), false)
})

/** Stands between Core and country config, and serves another `/config/events` while `broken` gives one. */
async function between(house) {
  const port = Number(new URL(house.countryUrl).port)
  await house.country.kill()
  await house.moveCountry()
  const stand = { broken: undefined }
  const server = createServer(async (request, response) => {
    try {
      const body = []
      for await (const part of request) body.push(part)
      // Core knows the good one by its tag, and would be told that nothing has changed.
      const { host: _, connection: __, 'if-none-match': ___, ...headers } = request.headers
      const answer = await fetch(`${house.countryUrl}${request.url}`, {
        method: request.method,
        headers,
        ...(body.length > 0 ? { body: Buffer.concat(body) } : {}),
      })
      const changed = request.url.startsWith('/config/events') && stand.broken?.(await answer.clone().json())
      response.writeHead(answer.status, {
        'content-type': answer.headers.get('content-type') ?? 'text/plain',
      })
      response.end(changed ? JSON.stringify(changed) : Buffer.from(await answer.arrayBuffer()))
    } catch {
      response.destroy()
    }
  })
  await new Promise((listening) => server.listen(port, '127.0.0.1', listening))
  stand.close = () => {
    server.closeAllConnections()
    server.close()
  }
  return stand
}

test('a broken configuration is refused, and says what is wrong with it', async () => {
  stand = await between(house)
  const admin = await house.token('s.amarin')
  const refused = async () => (await ask(house, admin, '/configuration/status')).refused
  stand.broken = (events) => [...events, events[0]]
  await until('the broken one to be refused', refused)
  await go('')
  await says('A newer configuration was refused')
  await page.getByRole('link', { name: 'See what is wrong' }).click()
  await says("'birth' is there twice")
  assert.deepEqual(await violations(page), [], 'on the refused configuration')
  await picture(page, 'console-configuration-refused')
  // What was in use goes on being used.
  await declareBirth(house, registrar, { surname: surname('Malgre') })
  stand.broken = undefined
  await until('one that is whole again', async () => (await refused()) === null)
  await page.reload()
  await says('Nothing looks like a mistake')
  await page.getByText('is there twice').waitFor({ state: 'hidden' })
})

test('an order to send many is stopped before its end', async () => {
  // Nothing is delivered, so that there is something to send.
  const admin = await house.token('s.amarin')
  await ask(house, admin, '/deliveries/pause', { reason: 'There is to be something to send' })
  await declareBirth(house, registrar, { surname: surname('Foule'), heard: false })
  // The node that carries out these orders dies among them, and for half a minute nobody else takes them up.
  const given = { filter: { state: ['queued'] }, reason: 'An order of many' }
  const orders = Promise.allSettled(
    Array.from({ length: 100 }, () => ask(house, admin, '/deliveries/sendings', given)),
  )
  await until(
    'some of them to be done, and others not',
    async () => {
      const all = await ask(house, admin, '/deliveries/sendings')
      const many = (state, least) => all.filter((order) => order.state === state).length >= least
      return many('done', 1) && many('underWay', 10)
    },
    { every: 1 },
  )
  await house.core.kill()
  await orders
  house.core.args.push('--node', 'another')
  await house.core.start()
  await go('/deliveries')
  await page.getByRole('link', { name: 'Orders to send' }).click()
  const newest = page.locator('#content li').first()
  await says('Under way', newest)
  await press('Stop', newest)
  await dialog().getByLabel('Reason').fill('Given in error')
  await press('Stop', dialog())
  await says(/stopped by s\.amarin: Given in error/, newest)
  await ask(house, admin, '/deliveries/resume', {})
  assert.deepEqual(await violations(page), [], 'on the orders')
})

test('what is not for a role is not offered, and says so to whoever goes there', async () => {
  const { context, page } = await openDevice()
  await signIn(page, house, 'm.tervo')
  await page.getByRole('link', { name: 'Places' }).first().waitFor()
  assert.equal(await page.getByRole('link', { name: 'Audit' }).count(), 0)
  await unlock(page, house, { path: '/desk/console/audit' })
  await page.getByRole('heading', { level: 1, name: 'Your role does not include this page.' }).waitFor()
  assert.deepEqual(await violations(page), [])
  await context.close()
})
