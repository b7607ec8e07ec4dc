// How long a slow phone on a slow network takes until somebody can type: `scripts/web.sh measure`. Figures
// to look at, side by side, not a test: they depend on the machine.
import { closeAll, openDevice, ready, signIn, unlock } from './browser.mjs'
import { House } from './house.mjs'

// What Lighthouse calls a slow phone: a processor four times slower, 1.6 Mbit/s with 150 ms there and back.
const network = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 }

const house = await House.start()
try {
  const { context, page, folder } = await openDevice({ viewport: { width: 360, height: 740 } })
  const slow = async (page, on) => {
    const client = await page.context().newCDPSession(page)
    await client.send('Network.enable')
    await client.send(
      'Network.emulateNetworkConditions',
      on ? network : { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 },
    )
    await client.send('Emulation.setCPUThrottlingRate', { rate: on ? 4 : 1 })
  }
  const timed = async (what, work) => {
    const began = performance.now()
    await work()
    console.log(`${what.padEnd(58)} ${((performance.now() - began) / 1000).toFixed(2)} s`)
  }
  await slow(page, true)
  await timed('first visit, until the username can be typed', async () => {
    await page.goto(`${house.url}/desk/`, { waitUntil: 'commit' })
    await page.getByLabel('Username').fill('a')
  })
  await slow(page, false)
  await signIn(page, house, 'a.sorel')
  await ready(page)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await context.close()
  const again = await openDevice({ folder, viewport: { width: 360, height: 740 } })
  await slow(again.page, true)
  await timed('the next day, until the workqueue is there', () => unlock(again.page, house))
} finally {
  await closeAll()
  await house.stop()
}
