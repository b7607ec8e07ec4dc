// The fault test: a thousand lives of the outbox under everything that can go wrong. A seed that
// fails is named; OUTBOX_SEED=<seed> lives it again alone, OUTBOX_SEEDS=<count> lives more of them.
import { describe, expect, test } from 'vitest'
import { faults } from './simulation/faults'
import { run } from './simulation/run'

const only = process.env.OUTBOX_SEED
const count = Number(process.env.OUTBOX_SEEDS ?? 1000)
const seeds = only === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [Number(only)]

test(`${seeds.length} lives of the outbox end well`, { timeout: 900_000 }, async () => {
  const began = performance.now()
  const sum = { items: 0, requests: 0, delivered: 0, attention: 0, withdrawn: 0 }
  for (const seed of seeds) {
    const result = await run(seed)
    expect(result.wrong, `seed ${seed}: OUTBOX_SEED=${seed} lives it again`).toEqual([])
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += result[name]
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.info(`${seeds.length} seeds in ${seconds} s: ${JSON.stringify(sum)}`)
})

test('the same seed is the same life', async () => {
  expect(await run(7)).toEqual(await run(7))
})

describe.skipIf(only !== undefined)('the fault test notices an outbox that', () => {
  test.each(Object.entries(faults))('%s', { timeout: 900_000 }, async (name, fault) => {
    for (let seed = 1; seed <= 1000; seed++) {
      const { wrong } = await run(seed, { fault })
      if (wrong.length > 0) {
        console.info(`an outbox that ${name}: seed ${seed}, at ${wrong[0]}`)
        return
      }
    }
    expect.unreachable('nothing was noticed in 1000 seeds')
  })
})
