import { describe, expect, test } from 'vitest'
import { found, isClosed, treeOf } from './tree'

const areas = [
  { id: 'south', name: 'South', parentId: null },
  { id: 'bay', name: 'Bay', parentId: 'south' },
  { id: 'lost', name: 'Lost', parentId: 'nowhere' },
]
const places = [
  { id: 'b', name: 'Bay Office', administrativeAreaId: 'bay', locationType: 'CRVS_OFFICE' },
  { id: 'h', name: 'Bay Hospital', administrativeAreaId: 'bay', externalId: 'H7' },
  { id: 'o', name: 'Registrar General', administrativeAreaId: null },
]

describe('places as a tree', () => {
  const roots = treeOf(areas, places)

  test('lie in their areas, by name, and are counted', () => {
    expect(roots.map(({ name }) => name)).toEqual(['Lost', 'Registrar General', 'South'])
    const bay = roots[2]?.areas[0]
    expect(bay?.places.map(({ name }) => name)).toEqual(['Bay Hospital', 'Bay Office'])
    expect(roots[2]?.count).toBe(2)
  })

  test('are never lost, even where areas lie in each other', () => {
    const circle = [
      { id: 'a', name: 'A', parentId: 'b' },
      { id: 'b', name: 'B', parentId: 'a' },
    ]
    const all = treeOf(circle, [{ id: 'p', name: 'P', administrativeAreaId: 'a' }])
    expect(
      found(all, '')
        .map(({ branch }) => branch.id)
        .sort(),
    ).toEqual(['a', 'b', 'p'])
  })

  test('are found by their name or by the country’s id, with what is above them', () => {
    expect(found(roots, 'bay hosp').map(({ above }) => above.map(({ id }) => id))).toEqual([['south', 'bay']])
    expect(found(roots, 'h7').map(({ branch }) => branch.id)).toEqual(['h'])
    expect(found(roots, 'nothing')).toEqual([])
  })
})

test('a place is closed from the day on that it is used until', () => {
  const until = new Date(2026, 4, 17).toISOString()
  expect(isClosed(until, '2026-05-16')).toBe(false)
  expect(isClosed(until, '2026-05-17')).toBe(true)
  expect(isClosed('2026-05-17', '2026-05-17')).toBe(true)
  expect(isClosed(null, '2026-05-17')).toBe(false)
})
