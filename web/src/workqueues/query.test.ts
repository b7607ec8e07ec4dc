import { describe, expect, test } from 'vitest'
import { addressOf, choiceIn, lastOffset, queueSearch } from './query'

const own = {
  type: 'and',
  clauses: [{ assignedTo: { type: 'exact', term: { $userField: 'id' } } }],
}

describe('a workqueue', () => {
  test('asks with its own query as the country wrote it', () => {
    const search = queueSearch(own, choiceIn(new URLSearchParams()))
    expect(search).toEqual({ query: { type: 'and', clauses: [own] }, limit: 20, offset: 0 })
  })

  test('is narrowed down by what a person looks for, and never widened', () => {
    const choice = choiceIn(new URLSearchParams('q= Ann &event=birth&sort=-updatedAt&from=20'))
    const search = queueSearch(own, choice)
    expect(search.query).toEqual({ type: 'and', clauses: [own, { text: 'Ann' }, { eventType: 'birth' }] })
    expect(search.sort).toEqual([{ field: 'updatedAt', direction: 'desc' }])
    expect(search.offset).toBe(20)
  })

  test('ends with a page that has something on it', () => {
    expect([0, 1, 20, 21, 40, 41].map(lastOffset)).toEqual([0, 0, 0, 20, 20, 40])
    expect(lastOffset(undefined)).toBe(Number.POSITIVE_INFINITY)
  })

  test('keeps in its address what a person has chosen', () => {
    const choice = {
      text: 'Ann',
      eventType: 'birth',
      sort: { field: 'legalStatuses.DECLARED.createdAt', descending: false },
      offset: 40,
    }
    expect(choiceIn(new URLSearchParams(addressOf(choice)))).toEqual(choice)
    expect(addressOf(choiceIn(new URLSearchParams('from=-3&sort=;drop')))).toEqual({})
  })
})
