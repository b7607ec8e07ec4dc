// Debian's Chromium, and what a person does in it.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const executablePath =
  process.env.CHROMIUM ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

const open = new Set()
const profiles = new Set()

/** Closes what a failed test left open, so that the run ends, and leaves nothing of the devices on the disk. */
export async function closeAll() {
  await Promise.all([...open].map((context) => context.close()))
  await Promise.all(
    [...profiles].map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 })),
  )
}

/** A browser with a profile of its own; the same folder again is the same device, restarted. `flags` are Chromium's. */
export async function openDevice({ folder, flags = [], ...options } = {}) {
  const profile = folder ?? (await mkdtemp(join(tmpdir(), 'countersign-device-')))
  profiles.add(profile)
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: [...args, ...flags],
    headless: true,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    ...options,
  })
  context.setDefaultTimeout(30_000)
  open.add(context)
  context.once('close', () => open.delete(context))
  return { context, folder: profile, page: context.pages()[0] ?? (await context.newPage()) }
}

/** Signs in with password, code and PIN, as on a new device. */
export async function signIn(page, house, username, { pin = '2580', password = 'demo-only' } = {}) {
  await page.goto(`${house.url}/desk/`)
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password').fill(password)
  const since = new Date().toISOString()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Six digits').fill(await house.code(since))
  await page.getByRole('button', { name: 'Sign in' }).click()
  const inside = page.locator('#content')
  await page.getByRole('heading', { name: /PIN/ }).or(inside).first().waitFor()
  // Whoever has a PIN on this device has just proven more than that.
  if (!(await inside.isVisible())) {
    await page.getByLabel('PIN', { exact: true }).fill(pin)
    await page.getByLabel('The same again').fill(pin)
    await page.getByRole('button', { name: 'Save' }).click()
  }
  await inside.waitFor()
}

/** Opens a desk that is there already, on a device that was closed for a while. */
export async function unlock(page, house, { pin = '2580', path = '/desk/' } = {}) {
  await page.goto(`${house.url}${path}`)
  const field = page.getByLabel('PIN', { exact: true })
  const shell = page.locator('#content')
  await field.or(shell).first().waitFor()
  if (await field.isVisible()) await field.fill(pin)
  await shell.waitFor()
}

/** The application itself is kept for work without a network. */
export const ready = (page) => page.evaluate(async () => void (await navigator.serviceWorker.ready))

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * What axe finds wrong with the page, by WCAG 2.2 AA; nothing, if all is well. Left out is the place where the
 * component library says things aloud: it names buttons that may be gone a moment later.
 */
export async function violations(page) {
  await page.evaluate(axeSource)
  const result = await page.evaluate(() =>
    globalThis.axe.run(
      { exclude: ['[data-live-announcer]'] },
      { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
    ),
  )
  return result.violations.map(({ id, nodes }) => {
    const where = nodes.slice(0, 3).map((node) => node.target.join(' '))
    return `${id}: ${where.join(' | ')} (${nodes[0]?.any[0]?.message ?? nodes[0]?.failureSummary})`
  })
}

const pictures = fileURLToPath(new URL('../../docs/desk/', import.meta.url))

/** A picture for the documentation, made when SCREENSHOTS=1; elsewhere nothing is written. */
export async function picture(page, name, { dark = false } = {}) {
  if (process.env.SCREENSHOTS !== '1') return
  await mkdir(pictures, { recursive: true })
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' })
  await page.screenshot({ path: join(pictures, `${name}.png`) })
  await page.emulateMedia({ colorScheme: 'light' })
}
