import { describe, expect, test } from 'vitest'
import { AREA, areaOf, givenOf, locationOf, NOTHING_GIVEN, problemsOf, TOP } from './placeForm'

const office = {
  id: 'o',
  name: 'Bay Office',
  externalId: 'B1',
  administrativeAreaId: 'bay',
  locationType: 'CRVS_OFFICE',
  validUntil: new Date(2027, 2, 5).toISOString(),
}

describe('a place that is changed', () => {
  test('is sent as it was, where nothing was changed', () => {
    const { id, ...rest } = office
    expect(locationOf(givenOf(office, 'place'), id)).toEqual({ id, ...rest })
  })

  test('is opened again, and loses its id, by an empty text', () => {
    const given = { ...givenOf(office, 'place'), closes: '', externalId: ' ' }
    expect(locationOf(given, 'o')).toMatchObject({ validUntil: '', externalId: '' })
  })

  test('lies at the top of the country when nothing is above it', () => {
    const given = givenOf({ id: 'a', name: 'South', parentId: null }, 'area')
    expect(given).toMatchObject({ type: AREA, within: TOP })
    expect(areaOf(given, 'a')).toEqual({
      id: 'a',
      name: 'South',
      parentId: null,
      externalId: '',
      validUntil: '',
    })
  })
})

describe('what is wrong with a place', () => {
  test('is told field by field', () => {
    expect(Object.keys(problemsOf(NOTHING_GIVEN, undefined, []))).toEqual(['name', 'type', 'within'])
  })

  test('is an id of the country’s that another place has, and not its own', () => {
    const given = givenOf(office, 'place')
    expect(problemsOf(given, 'o', [office])).toEqual({})
    expect(problemsOf(given, 'new', [office])).toEqual({ externalId: 'console.places.taken' })
  })
})
