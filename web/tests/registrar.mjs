// What a registrar does at the desk, by clicking and typing as they would.
import { until } from './house.mjs'

/** Chooses from a list that opens, by its label. */
async function choose(page, label, option) {
  await page.getByRole('button', { name: label }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

/** Finds one of many by typing a part of it. */
export async function find(page, label, text) {
  const box = page.getByRole('combobox', { name: label })
  // The country may have answered already, by what it knows of the person.
  if ((await box.inputValue()).startsWith(text)) return
  await box.click()
  await box.press('ControlOrMeta+a')
  await box.pressSequentially(text)
  await page.getByRole('option', { name: text }).first().waitFor()
  await box.press('ArrowDown')
  await box.press('Enter')
}

async function fillInAddress(page) {
  await find(page, 'Province', 'Ormeau')
  await find(page, 'District', 'Port-Ormeau')
}

const onward = (page) => page.getByRole('button', { name: 'Continue', exact: true }).click()

/** A few days ago, whenever the test is run: on time, and not in the future anywhere. */
const born = () => new Date(Date.now() - 3 * 86_400_000)

/**
 * Fills in a birth up to its review. The mother gives it, nothing known of the father. The reference country
 * registers a child born in hospital at once; for one born at home it waits for the national ID system.
 */
export async function fillInBirth(page, { firstname, surname, atHome = false, phone = '0612345678' }) {
  await page.getByRole('link', { name: 'New record' }).click()
  await page.getByText('Birth', { exact: true }).click()
  await onward(page)
  await page.getByLabel('First name').fill(firstname)
  await page.getByLabel('Last name').fill(surname)
  await choose(page, /Sex$/, 'Female')
  const date = born()
  await page.getByLabel('Day', { exact: true }).fill(String(date.getUTCDate()))
  await page.getByLabel('Month', { exact: true }).fill(String(date.getUTCMonth() + 1))
  await page.getByLabel('Year', { exact: true }).fill(String(date.getUTCFullYear()))
  await choose(page, /Place of birth$/, atHome ? 'At home' : 'Health facility')
  if (atHome) await fillInAddress(page)
  else await find(page, 'Health facility', 'Port-Ormeau General')
  await onward(page)
  await choose(page, /Relationship$/, 'Mother')
  await page.getByLabel(/^Phone number/).fill(phone)
  await onward(page)
  await page.getByLabel('First name').fill('Lou')
  await page.getByLabel('Last name').fill(surname)
  await page.getByLabel('Day', { exact: true }).fill('17')
  await page.getByLabel('Month', { exact: true }).fill('5')
  await page.getByLabel('Year', { exact: true }).fill('1996')
  await choose(page, /Type of ID$/, 'None')
  await fillInAddress(page)
  await onward(page)
  await page.getByText('Details are not available').click()
  await page.getByLabel('Reason').fill('Not known')
  await onward(page)
  await onward(page)
}

/** Hands in what the review shows, and confirms. */
export async function handIn(page, how) {
  await page.getByRole('button', { name: how, exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: how, exact: true }).click()
}

/**
 * Does something to the record that is open, from its action bar or the menu beside it. What the device knew of the
 * record is shown first, and what Core has a moment later: the action may move between bar and menu meanwhile.
 */
export async function act(page, what) {
  const bar = page.getByRole('region', { name: 'What can be done' })
  const button = bar.getByRole('button', { name: what, exact: true })
  const choice = page.getByRole('menuitem', { name: what, exact: true })
  const more = bar.getByRole('button', { name: /^More/ })
  await until(`“${what}” to be offered`, async () => {
    if (await button.count()) {
      await button.click({ timeout: 5_000 })
      return true
    }
    if (!(await more.count())) return false
    await more.click({ timeout: 5_000 })
    try {
      await choice.click({ timeout: 5_000 })
      return true
    } catch (error) {
      await page.keyboard.press('Escape')
      throw error
    }
  })
}

/** A surname nobody has had before, of letters alone. */
export const surname = (first) =>
  first +
  [...process.hrtime.bigint().toString()]
    .slice(-8)
    .map((digit) => 'abcdefghij'[digit])
    .join('')

/** One item of the outbox's page. */
export const item = (page, name, action) =>
  page.locator('#content li').filter({ has: page.getByRole('heading', { name }), hasText: action ?? '' })

export async function openOutbox(page) {
  await page
    .getByRole('link', { name: /^Outbox/ })
    .first()
    .click()
  await page.getByRole('heading', { level: 1, name: 'Outbox' }).waitFor()
}
