// What is done to a record after it was handed in, by clicking: each act by whoever may do it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { closeAll, openDevice, signIn, violations } from './browser.mjs'
import { count, declareBirth, House, recordsOf, until } from './house.mjs'
import { act, fillInBirth, find, handIn, item, openOutbox, surname } from './registrar.mjs'

let house
let token
/** A registrar and an agent of the same office, each on a device of their own. */
let registrar
let agent
before(async () => {
  house = await House.start()
  registrar = await atTheDesk('a.sorel')
  agent = await atTheDesk('b.tessier')
  token = await house.token('a.sorel')
})
after(async () => {
  await closeAll()
  await house?.stop()
})

async function atTheDesk(username) {
  const device = await openDevice()
  await device.page.clock.install()
  await signIn(device.page, house, username)
  return device
}

const stands = (page, name, action, words) => item(page, name, action).getByText(words).first().waitFor()

async function open(page, record, name) {
  await page.goto(`${house.url}/desk/records/${record.id}`)
  await page.getByRole('heading', { level: 1, name: new RegExp(name) }).waitFor()
}

/** The tags below the record's name say where it stands. */
const isTagged = (page, tag) =>
  page
    .locator('header', { has: page.getByRole('heading', { level: 1 }) })
    .getByText(tag, { exact: true })
    .waitFor()

const withReason = async (page, label, reason) => {
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill(reason)
  await dialog.getByRole('button', { name: label }).click()
}

test('a clerk sends what is known of a birth, and the office finds it incomplete in its queue', async () => {
  const name = surname('Avis')
  const { page, context } = await atTheDesk('r.coste')
  await page.getByRole('link', { name: 'New record' }).click()
  await page.getByText('Birth', { exact: true }).click()
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await page.getByLabel('First name').fill('Tia')
  await page.getByLabel('Last name').fill(name)
  await page.getByRole('button', { name: /Place of birth$/ }).click()
  await page.getByRole('option', { name: 'Health facility' }).click()
  await find(page, 'Health facility', 'Port-Ormeau General')
  await page.getByRole('link', { name: 'Review' }).click()
  // It says of which page each missing answer is, and that it can go as it is.
  await page.getByRole('button', { name: 'Mother · Name' }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Declare' }).count(), 0)
  assert.deepEqual(await violations(page), [])
  await handIn(page, 'Send as incomplete')
  await stands(page, name, 'Notification', 'Approved')
  await context.close()

  await registrar.page.getByRole('link', { name: /^Notifications/ }).click()
  await registrar.page.getByRole('link', { name: new RegExp(name) }).click()
  await isTagged(registrar.page, 'Notified')
  await isTagged(registrar.page, 'Incomplete')
  await act(registrar.page, 'Edit')
  await registrar.page.getByRole('link', { name: 'Review' }).click()
  await registrar.page.getByRole('button', { name: 'Send as incomplete' }).waitFor()
})

test('an agent sends a declaration back, and a registrar reads why, edits and declares it anew', async () => {
  const name = surname('Renvoi')
  const record = await declareBirth(house, token, { surname: name })
  await open(agent.page, record, name)
  await act(agent.page, 'Reject')
  await agent.page.getByRole('dialog').getByRole('button', { name: 'Reject' }).click()
  await agent.page.getByText('Say why').waitFor()
  // An old phone ends the page to make room for something else: it comes back as it was.
  await agent.page.getByRole('dialog').getByRole('textbox').fill('The first name is')
  await agent.page.reload()
  const reason = agent.page.getByRole('dialog').getByRole('textbox')
  await reason.waitFor()
  assert.equal(await reason.inputValue(), 'The first name is')
  await withReason(agent.page, 'Reject', 'The first name is misspelt')
  await isTagged(agent.page, 'Sent back')

  const { page } = registrar
  await page.getByRole('link', { name: /^Rejected, to update/ }).click()
  await page.getByRole('link', { name: new RegExp(name) }).click()
  await page.getByText(/^Sent back by .*Tessier/).waitFor()
  await page.getByText('The first name is misspelt').first().waitFor()
  assert.deepEqual(await violations(page), [])
  await act(page, 'Edit')
  await page.getByText('The first name is misspelt').waitFor()
  await page.getByLabel('First name').fill('Annabel')
  await page.getByRole('link', { name: 'Review' }).click()
  await handIn(page, 'Declare')
  await page.getByRole('heading', { level: 1, name: `Annabel ${name}` }).waitFor()
  await until('the edit to be through', async () => {
    const [now] = await recordsOf(house, token, name)
    return count(now, 'EDIT', 'Accepted') === 1 && count(now, 'DECLARE', 'Accepted') === 2
  })
  await page.getByText(/^Sent back by/).waitFor({ state: 'hidden' })
  // The history says what the edit changed, to whoever looks later.
  await page.getByRole('tab', { name: 'History' }).click()
  const changed = page.locator('details', { hasText: 'One answer changed' })
  await changed.locator('summary').click()
  await changed.getByRole('row', { name: new RegExp(`Ana ${name}.*Annabel ${name}`) }).waitFor()
  assert.equal(await changed.count(), 1, 'what is declared anew with it is not said again')
  assert.deepEqual(await violations(page), [])
})

test('a registrar takes a record over from the agent who holds it, and the agent’s unsent item says so', async () => {
  const name = surname('Reprise')
  const record = await declareBirth(house, token, { surname: name })
  await open(agent.page, record, name)
  await act(agent.page, 'Assign to me')
  await agent.page.getByRole('button', { name: 'Assign to me' }).waitFor({ state: 'hidden' })
  await agent.context.setOffline(true)
  await act(agent.page, 'Reject')
  await withReason(agent.page, 'Reject', 'Incomplete')

  const { page } = registrar
  await open(page, record, name)
  await page.getByText(/Tessier.* holds this record/).waitFor()
  await page.getByText('You may take it over').waitFor()
  assert.deepEqual(await violations(page), [])
  await act(page, 'Take over')
  await page.getByText(/holds this record/).waitFor({ state: 'hidden' })

  await agent.context.setOffline(false)
  await openOutbox(agent.page)
  // It went out when nobody could answer: only after a while can Core be sure that it never had it.
  await stands(agent.page, name, 'Sending back', 'It is not known whether this arrived')
  await item(agent.page, name)
    .getByText(/If it has not: Amélie Sorel holds this record/)
    .waitFor()
  await agent.page.clock.fastForward('01:35')
  await stands(agent.page, name, 'Sending back', /^Amélie Sorel holds this record/)
  assert.equal(await item(agent.page, name).getByRole('button', { name: 'Take over' }).count(), 0)
  await item(agent.page, name).getByRole('link', { name: 'Open the record' }).click()
  await agent.page.getByText(/Sorel.* holds this record/).waitFor()
  await agent.page.getByText('You may not take it over').waitFor()
  await act(page, 'Let go')
  await openOutbox(agent.page)
  await item(agent.page, name).getByRole('button', { name: 'Try again' }).click()
  await stands(agent.page, name, 'Sending back', 'Approved')
})

test('an agent asks for a correction; a registrar sees before and after, and refuses or approves it', async () => {
  const name = surname('Rectif')
  const record = await declareBirth(house, token, { surname: name, register: true })
  const ask = async (firstname) => {
    await open(agent.page, record, name)
    await act(agent.page, 'Correct record')
    await agent.page
      .getByRole('link', { name: 'Change · Child’s name' })
      .or(agent.page.getByRole('button', { name: 'Change · Child’s name' }))
      .click()
    await agent.page.getByLabel('First name').fill(firstname)
    await agent.page.getByRole('button', { name: 'Back to all answers' }).click()
    await agent.page.getByRole('button', { name: 'Continue', exact: true }).click()
    await agent.page.getByRole('button', { name: /Reason$/ }).click()
    await agent.page.getByRole('option', { name: 'Clerical error' }).click()
    await agent.page.getByRole('button', { name: 'Continue', exact: true }).click()
    assert.equal(await agent.page.getByRole('button', { name: 'Correct the record' }).count(), 0)
    await agent.page.getByRole('button', { name: 'Ask for the correction' }).click()
    await isTagged(agent.page, 'Correction asked for')
  }
  const { page } = registrar
  await ask('Anouk')
  await page.getByRole('link', { name: /^Corrections/ }).click()
  await page.getByRole('link', { name: new RegExp(name) }).click()
  const review = page.locator('#correction')
  await review.getByRole('row', { name: new RegExp(`Child’s name Ana ${name} Anouk ${name}`) }).waitFor()
  await review.getByText('Clerical error').waitFor()
  assert.deepEqual(await violations(page), [])
  await review.getByRole('button', { name: 'Refuse the correction' }).click()
  await withReason(page, 'Refuse the correction', 'The form says Ana')
  await review.waitFor({ state: 'hidden' })
  await page.getByRole('tab', { name: 'History' }).click()
  await page.getByText('The form says Ana').waitFor()

  await ask('Anaïs')
  await open(page, record, name)
  await review.getByRole('row', { name: new RegExp(`Anaïs ${name}`) }).waitFor()
  await review.getByRole('button', { name: 'Approve the correction' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Approve the correction' }).click()
  await page.getByRole('heading', { level: 1, name: `Anaïs ${name}` }).waitFor()
})

test('a registrar whose scope allows it corrects a record at once', async () => {
  const name = surname('Direct')
  const record = await declareBirth(house, token, { surname: name, register: true })
  const { page } = registrar
  await open(page, record, name)
  await act(page, 'Correct record')
  await page
    .getByRole('link', { name: 'Change · Child’s name' })
    .or(page.getByRole('button', { name: 'Change · Child’s name' }))
    .click()
  await page.getByLabel('First name').fill('Ambre')
  await page.getByRole('button', { name: 'Back to all answers' }).click()
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await page.getByRole('button', { name: /Reason$/ }).click()
  await page.getByRole('option', { name: 'Clerical error' }).click()
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  assert.deepEqual(await violations(page), [])
  await handIn(page, 'Correct the record')
  await page.getByRole('heading', { level: 1, name: `Ambre ${name}` }).waitFor()
  await openOutbox(page)
  await stands(page, name, 'Correction request', 'Approved')
  await stands(page, name, 'Approval of a correction', 'Approved')
  const [now] = await recordsOf(house, token, name)
  assert.equal(count(now, 'APPROVE_CORRECTION', 'Accepted'), 1)
})

test('a record is archived with a reason, and says so to whoever opens it', async () => {
  const name = surname('Archive')
  const record = await declareBirth(house, token, { surname: name })
  const { page } = registrar
  await open(page, record, name)
  await act(page, 'Archive')
  await withReason(page, 'Archive', 'Entered twice')
  await isTagged(page, 'Archived')
  await open(agent.page, record, name)
  await agent.page.getByText(/^Archived by Amélie Sorel/).waitFor()
  await agent.page.getByText('Entered twice').first().waitFor()
  // The protocol knows no way back from the archive.
  assert.deepEqual(
    await agent.page.getByRole('region', { name: 'What can be done' }).getByRole('button').allTextContents(),
    ['Assign to me'],
  )
})

test('an agent escalates a declaration with a question, which stands in its history', async () => {
  const name = surname('Question')
  const record = await declareBirth(house, token, { surname: name })
  const { page } = agent
  await open(page, record, name)
  await act(page, 'Escalate')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Escalate' }).click()
  await dialog
    .getByText(/required/i)
    .first()
    .waitFor()
  await dialog.getByRole('textbox').fill('Is this address in our district?')
  assert.deepEqual(await violations(page), [])
  await dialog.getByRole('button', { name: 'Escalate' }).click()
  await isTagged(page, 'Escalated')
  await page.getByRole('tab', { name: 'History' }).click()
  await page.getByText('Is this address in our district?').waitFor()
  await page.getByRole('link', { name: /^Escalated/ }).click()
  await page.getByRole('link', { name: new RegExp(name) }).waitFor()
})

/** At 360 px each question stands above its two answers, which have the whole width between them. */
async function standsOnAPhone(page) {
  const size = page.viewportSize()
  await page.setViewportSize({ width: 360, height: 740 })
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'Tracking id' }) })
  const [question, first, second] = await Promise.all(
    [row.getByRole('rowheader'), row.getByRole('cell').first(), row.getByRole('cell').last()].map((cell) =>
      cell.boundingBox(),
    ),
  )
  assert.ok(question.y + question.height <= first.y + 1, 'the question is above')
  assert.equal(first.y, second.y)
  assert.ok(second.x + second.width <= 360, 'nothing is off the screen')
  assert.deepEqual(await violations(page), [])
  await page.setViewportSize(size)
}

test('whoever looks after deliveries sees in a record’s history how often the country was told, and its answers', async () => {
  const name = surname('Registre')
  const record = await declareBirth(house, token, { surname: name, register: true })
  const { page, context } = await atTheDesk('n.duroy')
  await open(page, record, name)
  await page.getByRole('tab', { name: 'History' }).click()
  const handed = page.locator('details', { hasText: 'Handed to the country’s systems in one attempt' })
  // Of the declaration and of the registration, both decided long ago.
  await until('both', async () => (await handed.count()) === 2)
  await handed.first().locator('summary').click()
  await handed.first().getByText('accepted').waitFor()
  await handed.first().getByRole('link', { name: 'Open the delivery' }).click()
  await page.getByRole('heading', { level: 1, name: /^Delivery: / }).waitFor()
  await context.close()
  // Others, who did not send it, are told of the decision alone.
  await open(agent.page, record, name)
  await agent.page.getByRole('tab', { name: 'History' }).click()
  await agent.page.getByText('Registration', { exact: true }).first().waitFor()
  assert.equal(await agent.page.locator('details', { hasText: 'Handed to' }).count(), 0)
})

test('two declarations of one birth stand side by side, and a registrar says whether they are the same', async () => {
  const name = surname('Double')
  const first = await declareBirth(house, token, { surname: name })
  const { page } = registrar
  for (const [at, same] of [
    [1, false],
    [2, true],
  ]) {
    const second = await declareBirth(house, token, { surname: name, transactionId: `second-${at}-${name}` })
    await open(page, second, name)
    await page.getByText(/This may be a duplicate/).waitFor()
    await page
      .getByRole('link', { name: 'Compare' })
      .or(page.getByRole('button', { name: 'Compare', exact: true }))
      .first()
      .click()
    await page.getByRole('button', { name: 'Assign to me' }).click()
    await page.getByRole('columnheader', { name: /^The other/ }).waitFor()
    await page.getByText(first.trackingId).first().waitFor()
    if (same) await page.getByRole('radio', { name: first.trackingId }).check({ force: true })
    assert.deepEqual(await violations(page), [])
    if (same) await standsOnAPhone(page)
    await page
      .getByRole('button', { name: same ? `It is a duplicate of ${first.trackingId}` : 'It is no duplicate' })
      .click()
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click()
    await page.getByRole('heading', { level: 1, name: new RegExp(name) }).waitFor()
    await page.getByText(/This may be a duplicate/).waitFor({ state: 'hidden' })
    if (same) {
      await isTagged(page, 'Archived')
      await page.getByText(/^Archived by/).waitFor()
      await page.getByText(`Duplicate of ${first.trackingId}`).first().waitFor()
      await page.getByRole('link', { name: 'Open the other record' }).waitFor()
    } else await isTagged(page, 'Declared')
  }
})

test('a certificate is begun from the action bar', async () => {
  const name = surname('Copie')
  const record = await declareBirth(house, token, { surname: name, register: true })
  const { page } = agent
  await open(page, record, name)
  await act(page, 'Print certificate')
  await page
    .getByRole('heading', { level: 1, name: /Print/ })
    .or(page.getByText('Who collects'))
    .first()
    .waitFor()
  assert.deepEqual(await violations(page), [])
})

test('a queue’s count is that of its list, moves as somebody else acts, and is searched and paged through', async () => {
  const names = Array.from({ length: 22 }, (_, at) => surname(`File${'abcdefghijklmnopqrstuv'[at]}`))
  const records = []
  for (const name of names) records.push(await declareBirth(house, token, { firstname: name, surname: name }))
  const { page } = registrar
  const entry = page.getByRole('link', { name: /^To register/ })
  const counted = async () => Number(/\d+$/.exec((await entry.textContent()) ?? '')?.[0])
  const listed = () =>
    page
      .getByText(/^\d+ records?$/)
      .first()
      .textContent()
      .then(Number.parseInt)
  const agree = (on) =>
    until(`count and list to be ${on}`, async () => (await counted()) === on && (await listed()) === on)
  await entry.click()
  await page.getByRole('heading', { level: 1, name: 'To register' }).waitFor()
  const all = await listed()
  assert.ok(all >= 22)
  await agree(all)

  // A colleague in another browser takes one out of the queue, and the list is drawn anew by itself.
  await open(agent.page, records[21], names[21])
  await act(agent.page, 'Reject')
  await withReason(agent.page, 'Reject', 'No address')
  await agree(all - 1)

  await page.getByRole('button', { name: 'Next page' }).click()
  await page.getByText(/^21–/).first().waitFor()
  assert.match(page.url(), /from=20/)
  await page.getByRole('searchbox', { name: 'Find in this queue' }).fill(names[3])
  await page.getByText('1 record', { exact: true }).waitFor()
  await page.getByRole('link', { name: new RegExp(names[3]) }).waitFor()
  assert.equal(await counted(), all - 1, 'what is looked for narrows the list, not the queue')

  // Taken along, it is there without a network.
  await page.getByRole('button', { name: 'Take along' }).click()
  await page.getByRole('cell', { name: 'Yes', exact: true }).waitFor()
  await registrar.context.setOffline(true)
  try {
    await page.getByRole('link', { name: new RegExp(names[3]) }).click()
    await page.getByRole('heading', { level: 1, name: new RegExp(names[3]) }).waitFor()
    await page.getByText(/The server does not answer/).waitFor()
    assert.deepEqual(await violations(page), [])
  } finally {
    await registrar.context.setOffline(false)
  }
})

test('a declaration that is discarded after Core began its record leaves nothing there', async () => {
  const name = surname('Annule')
  const { page, context } = registrar
  const begun = []
  // The record is begun, and then the network is gone.
  await context.route('**/events/*/assign', (route) => route.abort())
  page.on('response', async (response) => {
    if (response.request().method() === 'POST' && response.url().endsWith('/events'))
      begun.push((await response.json()).id)
  })
  await fillInBirth(page, { firstname: 'Lea', surname: name })
  await handIn(page, 'Declare')
  await openOutbox(page)
  const mine = item(page, name)
  await until('Core to have begun the record', () => begun.length > 0)
  await mine.getByText('Waiting for network').waitFor()

  // Edited, it is a draft again, and goes out under the same record.
  await mine.getByRole('button', { name: 'Edit' }).click()
  await page.getByRole('link', { name: 'Review' }).waitFor()
  await page.getByRole('link', { name: 'Review' }).click()
  await handIn(page, 'Declare')
  await openOutbox(page)
  await mine.getByRole('button', { name: 'Discard…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click()
  await mine.waitFor({ state: 'hidden' })
  await context.unroute('**/events/*/assign')
  assert.equal(new Set(begun).size, 1)
  await until('the record to be gone', async () => {
    await page.clock.fastForward('00:30')
    const response = await fetch(`${house.url}/events/${begun[0]}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    return response.status === 404
  })
})
