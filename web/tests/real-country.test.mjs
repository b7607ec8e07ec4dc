// The desk with a real country's configuration, found beside the project: every form, action, workqueue and
// certificate of it, in a real browser.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { closeAll, openDevice, signIn } from './browser.mjs'
import { fieldsOf, formOf, holdAgainst } from './coverage.mjs'
import { absent, documentOf, RealHouse } from './farajaland.mjs'
import { declared } from './farajaland-records.mjs'
import { DAYS, explore, faults, fillIn } from './filling.mjs'
import { until } from './house.mjs'
import { act, handIn, item, openOutbox, surname } from './registrar.mjs'

/** Who works side by side: each has a device and nobody else's page stands before theirs. */
const PEOPLE = {
  // Of a district, and those above it.
  registrar: 'k.mweene',
  agent: 'f.katongo',
  province: 'm.owen',
  nation: 'c.lungu',
  // Of a hospital in one of its villages.
  villageRegistrar: 'v.mweene',
  villageAgent: 'v.katongo',
  clerk: 'k.cwalya',
  // Registrars of two other districts.
  second: 'k.mwale',
  third: 'd.sakala',
}

/** Why a field was not on the screen, and which are so. */
const UNSEEN = {
  'each is like the one before it, and comes when one more is asked for':
    /^causeOfDeathDetails\..*\.symptom\.(three|four|five|six|seven|eight)(\.other)?$/,
  'of each further cause of death, which asks for the same as the first':
    /^causeOfDeathDetails\.causeOfDeath([B-E]|Other)\.(symptom|interval|.*other)/,
  'shown while the identity system is asked: of the informant it is looked at':
    /^(mother|father|spouse|collector\.OTHER)\.fetch-loader$/,
  'for whoever declares late': /^(child\.reason|eventDetails\.reasonForLateRegistration)$/,
  'one of several fees, by how late it was declared: what is in time is looked at':
    /^collector\.collect\.payment\.data\.(after|inBetween)/,
  'of a father as informant or with another informant: of the mother it is looked at':
    /^(collector\.identity\.verify\.data\.(father|other|spouse)|requester\.data\.(father|informant\.other))$/,
  'never shown, as the country has it': /^child\.nid$/,
  'for hospital clerks alone': /^(applicant\.isRecommendedByFieldAgent|review\.print-declaration)$/,
  'of an address abroad alone': /^international$/,
}

let house
let events
const devices = {}
const tokens = {}
/** Ids of the fields that were on the screen. */
const seen = new Set()
/** What was done, by what its button says. */
const done = new Set()
/** Tests that failed: what they would have opened is not missed a second time. */
const failed = []

const eventOf = (id) => events.find((event) => event.id === id)
const onward = (page) => page.getByRole('button', { name: /^Continue/ }).click()
const content = (page) => page.locator('#content')
const note = (ids) => {
  for (const id of ids) seen.add(id)
}

/** Each on a device of their own; what is kept for work without a network is looked at elsewhere. */
const signedIn = (...roles) =>
  before(async () => {
    const one = async (role) => {
      const username = PEOPLE[role]
      devices[role] = await openDevice({ serviceWorkers: 'block', reducedMotion: 'reduce' })
      await signIn(devices[role].page, house.of(username), username, { password: 'test' })
      tokens[role] = await house.of(username).token(username, 'test')
    }
    await Promise.all(roles.map(one))
  })
const pageOf = (role) => devices[role].page

/** Nothing on the page may be what only a programmer understands. */
async function sound(page, fields, where, root = content(page)) {
  assert.deepEqual(await faults(root, fields), [], where)
}

/** Goes through the pages of the form that is open, with every answer that can be chosen chosen once. */
async function through(page, fields, wanted) {
  const title = content(page).locator('[aria-current=step]')
  for (;;) {
    const here = await title.textContent()
    if ((await content(page).locator('form').count()) === 0) return
    note(await explore(content(page)))
    note(await fillIn(content(page), fields, wanted))
    await sound(page, fields, here)
    await further(page)
    await until(`the page after ${here}`, async () => (await title.textContent()) !== here)
  }
}

/** To the next page of a form, by whatever the country calls it. */
const further = (page) =>
  content(page)
    .locator('form')
    .getByRole('button', { name: /^(Continue|Verified|Identity matches|Verify)/ })
    .first()
    .click()

async function begin(page, event) {
  await page.getByRole('link', { name: 'New record' }).click()
  await page.getByText(event.label.defaultMessage, { exact: true }).click()
  await onward(page)
  await content(page).locator('form').waitFor()
}

/** Goes to a page of the form that is open, by its title in the list of them. */
const toStep = (page, title) =>
  content(page).getByRole('navigation').getByRole('link', { name: title }).click()

async function open(page, { path, name }, below = '') {
  await page.goto(`${house.url}${path}${below}`)
  await page.getByRole('heading', { level: 1, name }).or(content(page).getByText(name)).first().waitFor()
}

/** Everything that was sent about a record from this device was approved. */
async function allApproved(page, name, what) {
  await openOutbox(page)
  await until(`${what} to be approved`, async () => {
    const items = await page.locator('#content li').filter({ hasText: name }).allInnerTexts()
    return items.length > 0 && items.every((text) => text.includes('Approved'))
  })
}

/** Opens a record, and the form of an action on it; takes the action when `send`. */
async function takes(page, record, what, { send = false, heading = what, wanted = {} } = {}) {
  await open(page, record)
  await act(page, what)
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('heading', { name: heading }).first().waitFor()
  const fields = eventOf('birth').actions.flatMap(formOf)
  note(await explore(dialog))
  note(await fillIn(dialog, fields, wanted))
  const reason = dialog.getByLabel('Reason')
  if ((await reason.count()) && (await reason.inputValue()) === '') await reason.fill('Entered twice')
  await sound(page, fields, what, dialog)
  done.add(what)
  if (!send) return dialog.getByRole('button', { name: /^(Back|Cancel)$/ }).click()
  await dialog.getByRole('button', { name: heading, exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
  await allApproved(page, record.name, what)
}

/** A whole form, declared and registered at once. */
async function registers(page, id, person, chosen) {
  const event = eventOf(id)
  const name = surname('Banda')
  await begin(page, event)
  await through(page, fieldsOf(event), { ...chosen, [person]: ['Thoko', name] })
  await reviewed(page, event)
  await handIn(page, 'Register')
  await page.getByRole('heading', { level: 1, name: 'Outbox' }).waitFor()
  await item(page, name, 'Registration').getByText('Approved').first().waitFor()
  await item(page, name, 'Registration').getByRole('link').first().click()
  await page.getByRole('heading', { level: 1, name: new RegExp(name) }).waitFor()
  return { path: new URL(page.url()).pathname, name, event: id }
}

function forms() {
  signedIn('second')

  test('a birth is filled in page by page, and the country registers it', () =>
    registers(pageOf('second'), 'birth', 'child.name', { 'child.dob': DAYS.lately }))

  test('what cannot be right is said in the country’s words', async () => {
    const page = pageOf('second')
    const event = eventOf('birth')
    const says = (text) => content(page).getByText(text).first().waitFor()
    await begin(page, event)
    await onward(page)
    await content(page).getByLabel('First name').waitFor()
    await onward(page)
    await says(/answers are missing or cannot be right/)
    await says('Required')
    await sound(page, fieldsOf(event), 'a page with problems')
    await fillIn(content(page), fieldsOf(event), { 'child.dob': '2199-01-01', 'child.weightAtBirth': '60' })
    await says('Must be a valid birth date')
    await says('Must be within 0 and 6')
    await toStep(page, /Informant/)
    await content(page)
      .getByLabel(/^Phone number/)
      .fill('123')
    await content(page)
      .getByLabel(/^Email/)
      .fill('nobody')
    await content(page)
      .getByLabel(/^Phone number/)
      .focus()
    await says(/Must be a valid 10 digit number/)
    await content(page).getByRole('button', { name: 'Leave without saving' }).click()
    await page.getByRole('dialog').getByRole('button').last().click()
  })

  test('what an identity system says of a person is waited for, and stands in the form', async () => {
    const page = pageOf('second')
    const event = eventOf('birth')
    await begin(page, event)
    await toStep(page, /Informant/)
    await fillIn(content(page), fieldsOf(event), { 'informant.relation': 'Grandfather' })
    const answers = house.country.hold('/mosip/userinfo')
    const address = new URL(page.url())
    address.searchParams.set('code', 'c')
    address.searchParams.set('state', 's')
    await page.goto(`${address}`)
    const waiting = content(page).locator('[data-field="informant.fetch-loader"]')
    await waiting.getByText('Fetching the person').waitFor()
    note(await explore(content(page)))
    await sound(page, fieldsOf(event), 'while the identity system is asked')
    answers()
    await waiting.waitFor({ state: 'detached' })
    await content(page).locator('[data-field="informant.verified"]').getByText('ID Authenticated').waitFor()
    await sound(page, fieldsOf(event), 'what the identity system said')
  })
}

function longForm() {
  signedIn('third')

  test('a death is filled in page by page, the country registers it, and its certificate is printed', async () => {
    const page = pageOf('third')
    // Each further cause asks for the same as the first, which alone is answered.
    const further = fieldsOf(eventOf('death')).filter(({ id }) => /\.causeOfDeath([B-E]|Other)\./.test(id))
    const record = await registers(page, 'death', 'deceased.name', {
      ...Object.fromEntries(further.map(({ id }) => [id, false])),
      'eventDetails.date': DAYS.lately,
      'eventDetails.causeOfDeathEstablished': true,
      'eventDetails.sourceCauseDeath': 'Medically Certified',
    })
    await prints(page, record, 0, undefined, { explores: true })
  })

  test('a membership of a club is one more event, with its own certificate and correction', async () => {
    const page = pageOf('third')
    const record = await registers(page, 'tennis-club-membership', 'applicant.name', {
      'recommender.search': false,
      'applicant.dob': '1950-01-01',
    })
    await correctedAtOnce(page, record)
    await prints(page, record, 0, 'Informant', { explores: true })
  })
}

function actions() {
  signedIn('registrar', 'agent', 'province', 'nation')

  test('every action on a birth, for whoever may take it', async () => {
    const [agent, registrar, province, nation] = ['agent', 'registrar', 'province', 'nation'].map(pageOf)
    const send = { send: true }
    // A hospital's clerk declares without a browser: nobody has validated it.
    const clerk = await house.of('k.bwalya').token('k.bwalya', 'test')
    const [usual, late] = await Promise.all([
      declared(house, clerk),
      declared(house, clerk, { 'child.dob': DAYS.threeYearsAgo, 'child.reason': 'Lived far away' }),
    ])
    const general = { ...send, wanted: { 'escalate-to': 'Registrar General' } }
    await Promise.all([
      (async () => {
        await takes(agent, usual, 'Reject')
        await takes(agent, usual, 'Archive')
        await takes(agent, usual, 'Validate', send)
      })(),
      (async () => {
        await takes(registrar, late, 'Escalate', send)
        await takes(province, late, 'Provincial registrar feedback', send)
        await takes(registrar, late, 'Escalate', general)
        await takes(nation, late, 'Registrar general feedback', send)
        await takes(province, late, 'Approve', send)
      })(),
    ])
    await takes(registrar, usual, 'Register', send)
    await takes(nation, usual, 'Revoke registration', send)
    await takes(nation, usual, 'Reinstate registration', send)
    await takes(registrar, usual, 'Issue a verifiable credential')
  })

  test('a certificate is printed in advance, issued, and its certified copies with whoever collects them', async () => {
    const page = pageOf('registrar')
    const record = await declared(house, tokens.registrar, {}, { register: true })
    await prints(page, record, 0, 'Print in advance', { issue: true })
    await allApproved(page, record.name, 'printing in advance')
    await takes(page, record, 'Issue certified copy', { send: true })
    for (const [at, collector] of ['Informant', 'someone else'].entries())
      await prints(page, record, at, collector, { explores: at === 0 })
    done.add('Print')
  })
}

function village() {
  signedIn('villageRegistrar', 'villageAgent', 'clerk')

  test('a correction is asked for with all that is asked about it, and the registrar approves it', async () => {
    const [agent, registrar] = [pageOf('villageAgent'), pageOf('villageRegistrar')]
    // The country names a choice by another answer: who the informant is to the child.
    const neighbour = {
      'informant.relation': 'OTHER',
      'informant.other.relation': 'Neighbour',
      'informant.name': { firstname: 'Natasha', surname: 'Sakala' },
      'informant.dob': DAYS.thirtyYearsAgo,
      'informant.nationality': 'FAR',
      'informant.idType': 'NONE',
    }
    const record = await declared(house, tokens.villageRegistrar, neighbour, { register: true })
    await open(agent, record)
    await act(agent, 'Correct')
    const event = eventOf('birth')
    await changes(agent, 'child.name', () => content(agent).getByLabel('First name').fill('Chanda'))
    await sound(agent, [], 'the changes')
    await onward(agent)
    const asked = formOf(event.actions.find(({ type }) => type === 'REQUEST_CORRECTION'))
    await through(agent, asked, {
      'requester.type': 'Informant (Neighbour)',
      'reason.option': 'Clerical',
    })
    await sound(agent, [], 'all of the correction')
    await content(agent).getByRole('button', { name: 'Ask for the correction' }).click()
    await allApproved(agent, record.name, 'asking for a correction')
    await registrar.getByRole('link', { name: /^Pending corrections/ }).click()
    await registrar.getByRole('link', { name: new RegExp(record.name) }).click()
    const review = registrar.locator('#correction')
    await review
      .getByRole('row', { name: new RegExp(`Mutinta ${record.name}.*Chanda ${record.name}`) })
      .waitFor()
    await review.getByText('Informant (Neighbour)').waitFor()
    assert.equal(await review.getByText('Requester', { exact: true }).count(), 1, 'who asks is said once')
    await sound(registrar, [], 'before and after')
    await review.getByRole('button', { name: 'Approve the correction' }).click()
    await registrar.getByRole('dialog').getByRole('button', { name: 'Approve the correction' }).click()
    await registrar.getByRole('heading', { level: 1, name: `Chanda ${record.name}` }).waitFor()
    done.add('Correct')
  })

  test('a clerk notifies of a death with what is known; the registrar finds it and goes on with it', async () => {
    const [clerk, registrar] = [pageOf('clerk'), pageOf('villageRegistrar')]
    const event = eventOf('death')
    const name = surname('Tembo')
    await begin(clerk, event)
    await toStep(clerk, /Deceased/)
    await content(clerk).locator('[data-field="deceased.name"] input').first().fill('Bwalya')
    await content(clerk).locator('[data-field="deceased.name"] input').last().fill(name)
    await toStep(clerk, 'Review')
    await sound(clerk, [], 'an incomplete review')
    await handIn(clerk, 'Send as incomplete')
    await item(clerk, name).getByText('Approved').first().waitFor()
    await registrar.getByRole('link', { name: /^Notifications/ }).click()
    await registrar
      .getByRole('link', { name: new RegExp(name) })
      .first()
      .click()
    await registrar.getByRole('heading', { level: 1, name: new RegExp(name) }).waitFor()
    await sound(registrar, [], 'a notification')
    await act(registrar, 'Edit')
    await toStep(registrar, /Deceased/)
    await until(
      'what is known to stand in the form',
      async () =>
        (await content(registrar).locator('[data-field="deceased.name"] input').last().inputValue()) === name,
    )
  })

  test('a declaration is edited page by page, and what it was stands beside what it is', async () => {
    const page = pageOf('villageAgent')
    const record = await declared(house, tokens.clerk)
    const event = eventOf('birth')
    await open(page, record)
    await act(page, 'Edit')
    await content(page).locator('form').waitFor()
    const steps = content(page).getByRole('navigation').getByRole('link')
    for (let at = 0; at < (await steps.count()) - 1; at += 1) {
      await steps.nth(at).click()
      await sound(page, fieldsOf(event), `page ${at + 1} of an edit`)
    }
    await toStep(page, /Child/)
    await content(page).getByLabel('First name').fill('Luse')
    await toStep(page, 'Review')
    const was = content(page).locator('[data-field="child.name"]')
    await was.locator('del').getByText(`Mutinta ${record.name}`).waitFor()
    await reviewed(page, event)
    await handIn(page, 'Declare')
    await page.getByRole('heading', { level: 1, name: `Luse ${record.name}` }).waitFor()
    await allApproved(page, record.name, 'the edit')
    done.add('Edit')
  })

  test('what is declared twice stands side by side, and the registrar says that it is the same', async () => {
    const page = pageOf('villageRegistrar')
    const first = await declared(house, tokens.clerk)
    const second = await declared(house, tokens.clerk, first.declaration)
    await open(page, second)
    await page.getByText(/This may be a duplicate/).waitFor()
    await page
      .getByRole('link', { name: 'Compare' })
      .or(page.getByRole('button', { name: 'Compare', exact: true }))
      .first()
      .click()
    await page.getByRole('button', { name: 'Assign to me' }).click()
    await page
      .getByRole('columnheader', { name: /^The other/ })
      .first()
      .waitFor()
    await sound(page, [], 'duplicates side by side')
    await content(page)
      .getByRole('button', { name: /^It is a duplicate of/ })
      .click()
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click()
    await page.getByText(/^Archived by/).waitFor()
    await sound(page, [], 'a duplicate')
    // One more, for the workqueue of those that nobody has looked at.
    await declared(house, tokens.clerk, first.declaration)
  })
}

/** Answers what the review of a declaration asks, and prints what it offers to print. */
async function reviewed(page, event) {
  const { fields } = event.actions.find(({ type }) => type === 'DECLARE').review
  note(await fillIn(content(page), fields, { 'review.print': false, 'review.print-declaration': false }))
  assert.ok((await page.locator('#content dl [data-field]').count()) > 0, 'the review has answers')
  await sound(page, [], `review of ${event.id}`)
  const printing = content(page).locator('[data-field^="review.print"]').getByRole('button')
  if ((await printing.count()) === 0) return
  await printing.first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('img').waitFor()
  await sound(page, [], 'what is printed before it is declared', dialog)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
}

/** Goes from all answers of a correction to one, and back. */
async function changes(page, field, how) {
  await content(page)
    .locator(`[data-field="${field}"]`)
    .getByRole('button', { name: /^Change/ })
    .click()
  await how()
  await content(page).getByRole('button', { name: 'Back to all answers' }).click()
}

async function correctedAtOnce(page, record) {
  const event = eventOf(record.event)
  await act(page, 'Request correction')
  await changes(page, 'applicant.name', () => content(page).getByLabel('First name').fill('Towela'))
  await onward(page)
  await through(page, formOf(event.actions.find(({ type }) => type === 'REQUEST_CORRECTION')))
  await sound(page, [], 'all of the correction')
  await handIn(page, 'Correct the record')
  await page.getByRole('heading', { level: 1, name: /Towela/ }).waitFor()
}

/** Prints one of a record's certificates up to looking at it, with who collects it and what is paid, and issues it. */
async function prints(
  page,
  { path, name, event = 'birth' },
  at,
  collector,
  { issue = false, explores = false } = {},
) {
  const fields = eventOf(event).actions.flatMap(formOf)
  // What was left at a page comes back there when it is loaded again: another page is between.
  await open(page, { path, name })
  await page.goto(`${house.url}${path}/print`)
  const offered = content(page).getByRole('radiogroup').first().locator('label')
  await offered.nth(at).click()
  if (explores) note(await explore(content(page).locator('form')))
  const drawn = content(page).getByRole('img', { name: /^Page 1/ })
  for (;;) {
    note(await fillIn(content(page), fields, { 'collector.requesterId': collector }))
    await sound(page, fields, 'printing')
    const before = await content(page).textContent()
    await further(page)
    await until('the next page', async () => (await content(page).textContent()) !== before)
    await drawn.or(content(page).locator('form')).first().waitFor()
    if (await drawn.count()) break
  }
  await content(page).getByText(name).first().waitFor()
  await sound(page, [], 'a certificate')
  if (!issue) return
  await content(page).getByRole('button', { name: 'Print and issue' }).click()
  await content(page).getByText('The certificate was issued').waitFor()
}

/** Those that have something in them after all this. */
const FILLED = [
  'recent',
  'requires-completion',
  'pending-registration',
  'potential-duplicate',
  'pending-certification',
]

async function everyWorkqueue() {
  const queues = await documentOf('workqueues')
  const opened = new Set()
  const filled = new Set()
  const everyQueueOf = async (role) => {
    const { page } = devices[role]
    await page.goto(`${house.url}/desk/`)
    const links = page.locator('a[href*="/queues/"]')
    await links.first().waitFor()
    for (const link of await links.all()) {
      const slug = (await link.getAttribute('href')).split('/').at(-1)
      const { name } = queues.find((queue) => queue.slug === slug)
      await link.click()
      await page.getByRole('heading', { level: 1, name: name.defaultMessage }).waitFor()
      const total = content(page)
        .getByText(/^(No|\d+) records?$/)
        .first()
      await until(`the count of ${slug} for ${role} to be its list’s`, async () => {
        const said = Number.parseInt((await total.textContent()).replace('No', '0'), 10)
        const beside = Number((await link.textContent()).replace(name.defaultMessage, ''))
        const rows = await content(page).locator('tbody tr').count()
        if (said > 0) filled.add(slug)
        return said === beside && rows === Math.min(said, 20)
      })
      await sound(page, [], `${slug} of ${role}`)
      opened.add(slug)
    }
  }
  await Promise.all(['registrar', 'agent', 'province', 'nation'].map(everyQueueOf))
  assert.deepEqual(
    queues.map(({ slug }) => slug).filter((slug) => !opened.has(slug)),
    [],
  )
  assert.deepEqual(
    FILLED.filter((slug) => !filled.has(slug)),
    [],
  )
}

async function advancedSearch() {
  const page = pageOf('villageAgent')
  const record = await declared(house, tokens.clerk)
  for (const event of events) {
    await page.goto(`${house.url}/desk/search?event=${event.id}`)
    for (const { title, fields } of event.advancedSearch) {
      const heading = page.getByRole('heading', { name: title.defaultMessage, exact: true })
      const section = content(page).locator('section').filter({ has: heading }).last()
      await section.waitFor()
      const asked = await section.locator('label').count()
      assert.ok(asked >= fields.length, `${event.id}: ${title.defaultMessage} asks for ${asked}`)
    }
    await sound(page, [], `the search for ${event.id}`)
  }
  await page.goto(`${house.url}/desk/search?event=birth`)
  await content(page)
    .getByLabel(/Child.*name/i)
    .first()
    .fill(record.name)
  await content(page).getByRole('button', { name: 'Search' }).last().click()
  await content(page).getByRole('row').getByText(record.name).first().waitFor()
}

/** Every text that a document of the country's names. */
const textsIn = (part) => {
  if (part === null || typeof part !== 'object') return []
  const inner = Object.values(part).flatMap(textsIn)
  return typeof part.id === 'string' && typeof part.defaultMessage === 'string' ? [part, ...inner] : inner
}

/** English texts that the country has otherwise in French, whatever names them. */
async function englishTexts() {
  const names = ['events', 'workqueues', 'certificates', 'roles']
  const [{ languages }, ...documents] = await Promise.all(['content-client', ...names].map(documentOf))
  const [en, fr] = ['en', 'fr'].map((code) => languages.find(({ lang }) => lang === code).messages)
  const untranslated = textsIn(documents).filter(({ id }) => fr[id] === undefined)
  const alike = new Set([...Object.values(fr), ...untranslated.map(({ defaultMessage }) => defaultMessage)])
  const differ = Object.keys(en).filter((id) => fr[id] && en[id].length > 5 && !/[{<]/.test(en[id]))
  return new Set(differ.map((id) => en[id]).filter((text) => !alike.has(text)))
}

async function inFrench() {
  const page = pageOf('villageRegistrar')
  const english = await englishTexts()
  const french = async (where) => {
    await sound(page, [], where)
    const shown = await content(page).evaluate((root) =>
      [...root.querySelectorAll('*')]
        .filter((one) => one.children.length === 0)
        .map((one) => one.textContent.trim()),
    )
    assert.deepEqual(
      shown.filter((text) => english.has(text)),
      [],
      where,
    )
  }
  const record = await declared(house, tokens.villageRegistrar, {}, { register: true })
  await page.goto(`${house.url}/desk/settings`)
  await page.getByRole('button', { name: /Language$/ }).click()
  await page.getByRole('option', { name: /fran/i }).click()
  await page.getByRole('heading', { level: 1, name: 'Réglages' }).waitFor()
  for (const link of await page.locator('a[href*="/queues/"]').all()) {
    await link.click()
    await content(page)
      .getByText(/^(Aucun|\d+) dossiers?$/)
      .first()
      .waitFor()
    await french(await link.textContent())
  }
  await page.goto(`${house.url}/desk/search?event=birth`)
  await content(page).getByRole('heading', { level: 1, name: 'Recherche' }).waitFor()
  await french('the search')
  await open(page, record)
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click()
    await french(`a record: ${await tab.textContent()}`)
  }
  await open(page, record, '/print')
  await content(page).getByRole('radiogroup').first().waitFor()
  await french('printing')
  await open(page, record, '/correct')
  await content(page).locator('dl').first().waitFor()
  await french('a correction')
  await page.goto(`${house.url}/desk/records/new`)
  await content(page).getByRole('button', { name: 'Continuer' }).waitFor()
  await french('what happened')
  await content(page).getByText('Naissance', { exact: true }).click()
  await content(page).getByRole('button', { name: 'Continuer' }).click()
  await content(page).locator('form').waitFor()
  const steps = content(page).getByRole('navigation').getByRole('link')
  for (let at = 0; at < (await steps.count()); at += 1) {
    await steps.nth(at).click()
    const form = content(page).locator('form')
    await form.or(content(page).locator('dl')).first().waitFor()
    if (await form.count()) await explore(form)
    await french(`page ${at + 1} of a birth`)
  }
}

describe('a real country’s desk', { skip: absent }, () => {
  before(async () => {
    events = await documentOf('events')
    house = await RealHouse.start()
  })
  after(async () => {
    await closeAll()
    await house?.stop()
  })
  afterEach((one) => {
    if (!one.passed) failed.push(one.name)
  })
  const whole = (what, look) =>
    test(what, (one) => (failed.length > 0 ? one.skip(`failed before: ${failed.join('; ')}`) : look()))
  describe('side by side', { concurrency: 4 }, () => {
    const inTurn = { concurrency: 1 }
    describe('long forms, and what is printed of them', inTurn, longForm)
    describe('actions of a district, and above it', inTurn, actions)
    describe('corrections, notifications, edits and duplicates of a village', inTurn, village)
    describe('an event with all that can go wrong', inTurn, forms)
  })

  whole('everything that its forms have was on the screen', () => {
    holdAgainst(events, seen, UNSEEN)
  })

  whole('every action that it configures for a birth was opened', () => {
    const configured = eventOf('birth').actions.filter(({ type }) => !['READ', 'DECLARE'].includes(type))
    const labels = configured.map(({ type, label }) =>
      // Its own is the record's title, which is no word for what is done.
      type === 'REQUEST_CORRECTION' ? 'Correct' : label.defaultMessage,
    )
    assert.deepEqual(
      labels.filter((label) => !done.has(label)),
      [],
    )
  })

  describe('with all these records', { concurrency: 3 }, () => {
    test('every workqueue is opened by somebody, and holds as many as it is said to', everyWorkqueue)
    test('whatever the country has people search by is asked for, and found', advancedSearch)
    test('in French, nothing is left in English that the country has in French', inFrench)
  })
})
