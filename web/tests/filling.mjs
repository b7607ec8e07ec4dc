// Fills in a form of any country's by what its configuration says of each field, as a person does: what is
// answered may bring up further questions, which are answered in turn.

const MINIMAL_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
export const picture = { name: 'paper.png', mimeType: 'image/png', buffer: MINIMAL_PNG }

const day = (daysAgo) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10)
export const DAYS = { lately: day(3), threeYearsAgo: day(3 * 365), thirtyYearsAgo: day(30 * 365) }

let numbers = 1_000_000_000 + (process.pid % 1000) * 1_000_000

/** What each type of field shows itself by: `null` shows nothing, and has no say of its own. */
export const CONTROLS = {
  ADDRESS: 'fieldset [role=combobox]',
  ADMINISTRATIVE_AREA: '[role=combobox]',
  AGE: 'input',
  ALPHA_HIDDEN: null,
  ALPHA_PRINT_BUTTON: 'button',
  AUTOCOMPLETE: '[role=combobox]',
  BULLET_LIST: 'ul > li',
  BUTTON: 'button',
  CHECKBOX: 'input[type=checkbox]',
  COUNTRY: '[role=combobox]',
  DATA: 'section',
  DATE: '[role=group] input + *, [role=group] input',
  DIVIDER: 'hr',
  EMAIL: 'input[type=email]',
  FIELD_GROUP: 'fieldset',
  FILE: 'fieldset button',
  FILE_WITH_OPTIONS: 'fieldset button',
  HEADING: 'h2',
  HTTP: null,
  ID: 'input',
  ID_READER: 'fieldset :is(button, a)',
  // Nor has a picture that has not come yet.
  IMAGE_VIEW: null,
  LINK_BUTTON: 'a, button',
  LOADER: '[role=status]',
  LOCATION: '[role=combobox]',
  NAME: 'fieldset input',
  NUMBER: 'input[inputmode=decimal]',
  NUMBER_WITH_UNIT: 'input[inputmode=decimal]',
  PAGE_HEADER: 'p',
  PARAGRAPH: 'p',
  PHONE: 'input[type=tel]',
  QR_READER: 'button',
  QUERY_PARAM_READER: null,
  RADIO_GROUP: '[role=radiogroup] input[type=radio]',
  SEARCH: 'input',
  SELECT: 'button[aria-haspopup=listbox], [role=combobox]',
  SIGNATURE: 'fieldset button',
  TEXT: 'input',
  TEXTAREA: 'textarea',
  TIME: 'input[type=time]',
  // Without a status there is nothing to say.
  VERIFICATION_STATUS: null,
}

/** Chooses in a list that is found by typing: what `text` begins, or the first. */
async function find(box, text) {
  const page = box.page()
  // First to where it is: a list that is open closes when the page is scrolled, as all lists of browsers do.
  await box.click()
  if (text) await box.fill(text)
  else await box.press('ArrowDown')
  const options = page.getByRole('option')
  await options.first().waitFor()
  const option = text ? options.filter({ hasText: text }).first() : options.first()
  await option.click()
}

async function choose(button, text) {
  await button.click()
  const options = button.page().getByRole('option')
  await (text ? options.filter({ hasText: text }) : options).first().click()
}

async function write(field, text) {
  const box = field.locator('input, textarea').first()
  if ((await box.inputValue()) === '') await box.fill(text)
}

async function writeDay(field, iso) {
  const [year, month, date] = iso.split('-')
  await field.getByLabel('Day', { exact: true }).fill(date)
  await field.getByLabel('Month', { exact: true }).fill(month)
  await field.getByLabel('Year', { exact: true }).fill(year)
}

async function selectOne(field, wanted) {
  const box = field.locator('[role=combobox]')
  if (await box.count()) {
    if (wanted || (await box.inputValue()) === '') await find(box, wanted)
    return
  }
  const button = field.locator('button[aria-haspopup=listbox]').first()
  if (wanted || (await button.locator('[data-placeholder]').count()) > 0) await choose(button, wanted)
}

/** From the uppermost area down, then the lines. */
async function fillInAddress(field) {
  const boxes = field.locator('[role=combobox]')
  for (let at = 1; at < (await boxes.count()); at += 1)
    if ((await boxes.nth(at).inputValue()) === '') await find(boxes.nth(at))
  for (const line of await field.locator('input:not([role=combobox])').all())
    if (await line.isVisible()) await line.fill('Old Market')
}

const BY_TYPE = {
  ADDRESS: fillInAddress,
  ADMINISTRATIVE_AREA: selectOne,
  AGE: (field, wanted) => write(field, wanted ?? '34'),
  AUTOCOMPLETE: (field, wanted) => find(field.locator('[role=combobox]'), wanted ?? 'Other'),
  BUTTON: async (field, wanted) => wanted === false || field.getByRole('button').first().click(),
  CHECKBOX: async (field, wanted) => {
    if (wanted && !(await field.getByRole('checkbox').isChecked()))
      await field.locator('label').first().click()
  },
  COUNTRY: selectOne,
  DATE: (field, wanted) => writeDay(field, wanted ?? DAYS.thirtyYearsAgo),
  EMAIL: (field) => write(field, 'amina@example.org'),
  FILE: (field) => field.locator('input[type=file]').first().setInputFiles(picture),
  FILE_WITH_OPTIONS: async (field) => {
    const kind = field.locator('button[aria-haspopup=listbox]')
    if (await kind.count()) await choose(kind)
    await field.locator('input[type=file]').first().setInputFiles(picture)
    await field.getByText(picture.name).first().waitFor()
  },
  ID: (field) => {
    numbers += 1
    return write(field, String(numbers))
  },
  LOCATION: selectOne,
  NAME: async (field, wanted) => {
    const given = wanted ?? ['Amina', 'Phiri']
    const boxes = await field.locator('input').all()
    await boxes[0].fill(given[0])
    await boxes.at(-1).fill(given.at(-1))
  },
  NUMBER: (field, wanted) => write(field, wanted ?? '3'),
  NUMBER_WITH_UNIT: async (field) => {
    await write(field, '3')
    await choose(field.locator('button[aria-haspopup=listbox]'))
  },
  PHONE: (field) => write(field, '0712345678'),
  RADIO_GROUP: async (field, wanted) => {
    const labels = field.locator('[role=radiogroup] label')
    await (wanted ? labels.filter({ hasText: wanted }) : labels).first().click()
  },
  SELECT: selectOne,
  SIGNATURE: sign,
  TEXT: (field, wanted) => write(field, wanted ?? 'As told by the family'),
  TEXTAREA: (field, wanted) => write(field, wanted ?? 'As told by the family'),
  TIME: (field) => write(field, '10:30'),
}

/** With the mouse, as a finger does it. */
export async function sign(field) {
  const page = field.page()
  await field.getByRole('button', { name: 'Sign', exact: true }).click()
  const pad = page.getByRole('dialog').locator('canvas')
  const box = await pad.boundingBox()
  await page.mouse.move(box.x + 40, box.y + 40)
  await page.mouse.down()
  await page.mouse.move(box.x + 120, box.y + 70, { steps: 4 })
  await page.mouse.move(box.x + 180, box.y + 30, { steps: 4 })
  await page.mouse.up()
  await page.getByRole('button', { name: 'Keep the signature' }).click()
  await field.locator('img').waitFor()
}

/** Fields by their ids, those in groups included; several may have one id, each under its own conditions. */
export const flat = (fields) => fields.flatMap((field) => [field, ...flat(field.fields ?? [])])

/**
 * Answers what is asked in `root`, until nothing new comes up. `wanted` has what to say by a field's id:
 * a text, `false` for nothing. Gives the ids of fields that were there.
 */
export async function fillIn(root, fields, wanted = {}) {
  const known = flat(fields)
  const done = new Set()
  for (;;) {
    const there = await root
      .locator('[data-field]')
      .evaluateAll((all) => all.map(({ dataset }) => dataset.field))
    const next = there.find((id) => !done.has(id))
    if (next === undefined) return done
    done.add(next)
    const type = known.find(({ id }) => id === next)?.type
    if (wanted[next] === false || !BY_TYPE[type]) continue
    const field = root.locator(`[data-field="${next}"]`).first()
    const isOff = await field.evaluate(
      (one) =>
        one.querySelector('input:not([disabled]), button:not([disabled]), textarea:not([disabled])') === null,
    )
    if (!isOff) await BY_TYPE[type](field, wanted[next])
  }
}

/**
 * Gives every answer that can be chosen once, to see what each brings up, and leaves the page as full as it can
 * be. Gives the ids of all fields that were there at any time.
 */
export const explore = (root) =>
  root.evaluate(async (element) => {
    const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    const seen = new Set()
    const look = async () => {
      await drawn()
      const there = [...element.querySelectorAll('[data-field]')]
      for (const { dataset } of there) seen.add(dataset.field)
      return there.length
    }
    const ways = (field) => {
      // A list that opens has one of the browser's own behind it.
      const select = field.querySelector('select')
      if (select && !field.querySelector('[data-field], [type=file]'))
        return [...select.options]
          .filter(({ value }) => value)
          .map(({ value }) => () => {
            const now = element.querySelector(`[data-field="${field.dataset.field}"] select`)
            if (!now) return
            Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call(now, value)
            now.dispatchEvent(new Event('change', { bubbles: true }))
          })
      const radios = [...field.querySelectorAll('input[type=radio]')]
      if (radios.length > 0) return radios.map((radio) => () => radio.click())
      return []
    }
    const tried = new Set()
    await look()
    for (;;) {
      const field = [...element.querySelectorAll('[data-field]')].find(
        ({ dataset }) => !tried.has(dataset.field),
      )
      if (!field) return [...seen]
      tried.add(field.dataset.field)
      const box = field.querySelector('input[type=checkbox]')
      if (box) {
        const before = element.querySelectorAll('[data-field]').length
        box.click()
        // Of two states the one that asks for more stays.
        if ((await look()) <= before) box.click()
        await look()
        continue
      }
      let best
      let most = -1
      for (const way of ways(field)) {
        way()
        const shown = await look()
        if (shown > most) {
          best = way
          most = shown
        }
      }
      best?.()
      await look()
    }
  })

/** What a page shows that nobody should see: ids in place of texts, templates, fields without a control. */
export async function faults(root, fields) {
  const types = Object.fromEntries(flat(fields).map(({ id, type }) => [id, type]))
  return root.evaluate(
    (element, { types, controls }) => {
      const found = []
      // biome-ignore lint/performance/useDomNodeTextContent: only what is seen counts
      const text = `${element.innerText}\n${[...element.querySelectorAll('[aria-label]')]
        .map((one) => one.getAttribute('aria-label'))
        .join('\n')}`
      const rules = {
        'a template': /\{\{|\}\}|\{\s*[\w.$-]+\s*[,}]/g,
        'an id in place of a text': /\b[a-z][\w-]*(?:\.[A-Za-z][\w-]*){2,}\b/g,
        'a value that is none': /\[object Object\]|\bundefined\b|\bNaN\b|\bInvalid Date\b/g,
        'a field that is not known': /does not know fields of the type|ne connaît pas les champs/g,
      }
      for (const [what, rule] of Object.entries(rules))
        for (const match of text.matchAll(rule))
          found.push(
            `${what}: ${match[0]} in “${text.slice(Math.max(0, match.index - 30), match.index + 60)}”`,
          )
      for (const field of element.querySelectorAll('[data-field]')) {
        const type = types[field.dataset.field]
        if (!type) continue
        if (!(type in controls)) found.push(`${field.dataset.field}: no control is known for ${type}`)
        else if (controls[type] && !field.querySelector(controls[type]))
          found.push(`${field.dataset.field}: ${type} without its control`)
        for (const input of field.querySelectorAll('input, textarea')) {
          if (input.type === 'file' || input.closest('[aria-hidden=true]')) continue
          const named = input.labels?.length
            ? [...input.labels].map((one) => one.textContent.trim()).join('')
            : ''
          if (!named && !input.getAttribute('aria-label') && !input.getAttribute('aria-labelledby'))
            found.push(`${field.dataset.field}: an input without a name`)
        }
      }
      return found
    },
    { types, controls: CONTROLS },
  )
}
