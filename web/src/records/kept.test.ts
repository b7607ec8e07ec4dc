import 'fake-indexeddb/auto'
import { describe, expect, test } from 'vitest'
import { NoAnswer, Refusal } from '../api/errors'
import { openPersonal } from '../device/database'
import { askOrKept } from './kept'

describe('an answer of Core’s', () => {
  test('is given again without a network, with its age', async () => {
    const database = await openPersonal('kept')
    const first = await askOrKept(
      database,
      'list',
      async () => [1, 2],
      () => 5,
    )
    expect(first).toEqual({ body: [1, 2], fetchedAt: 5, fromDevice: false })
    const silent = async (): Promise<number[]> => {
      throw new NoAnswer()
    }
    expect(await askOrKept(database, 'list', silent, () => 9)).toEqual({
      body: [1, 2],
      fetchedAt: 5,
      fromDevice: true,
    })
    await expect(askOrKept(database, 'other', silent, () => 9)).rejects.toBeInstanceOf(NoAnswer)
  })

  test('is not given again when Core says no', async () => {
    const database = await openPersonal('kept')
    const refused = async (): Promise<number[]> => {
      throw new Refusal(403, 'FORBIDDEN', 'no')
    }
    await expect(askOrKept(database, 'list', refused, () => 9)).rejects.toBeInstanceOf(Refusal)
  })
})
