import { describe, expect, test } from 'vitest'
import { addressForm } from './address'
import { isAllowedArea, isAllowedPlace, reachOfField } from './allowed'
import { dayFrom } from './day'
import { withWayBack } from './links'
import { numberFrom } from './number'

test('a day is one only when it is written whole', () => {
  expect(dayFrom({ day: '5', month: '3', year: '2024' })).toBe('2024-03-05')
  expect(dayFrom({ day: '5', month: '', year: '' })).toBe('--5')
  expect(dayFrom({ day: '5', month: '3', year: '24' })).toBe('24-3-5')
  expect(dayFrom({ day: '', month: '', year: '' })).toBeUndefined()
})

test('a number may be written with a comma; what is none stays as it is, to be said wrong', () => {
  expect(numberFrom('3,5')).toBe(3.5)
  expect(numberFrom('007')).toBe(7)
  expect(numberFrom('-2')).toBe(-2)
  expect(numberFrom('3 kg')).toBe('3 kg')
  expect(numberFrom(' ')).toBeUndefined()
})

test('the lines of an address are asked by its country and by how far its areas go', () => {
  const hierarchy = (id: string) => (id === 'ibombo' ? ['central', 'ibombo'] : [id])
  const address = { country: 'FAR', addressType: 'DOMESTIC', administrativeArea: 'ibombo' }
  expect(addressForm(address, { town: 'x' }, ['province', 'district', 'village'], hierarchy)).toEqual({
    ...address,
    town: 'x',
    province: 'central',
    district: 'ibombo',
  })
})

describe('places tied to somebody’s scopes', () => {
  const field = {
    id: 'place',
    type: 'LOCATION',
    label: { id: 'l' },
    configuration: {
      allowedLocations: { $jurisdiction: { $scope: 'record.create', $option: 'placeOfEvent' } },
    },
  }
  const person = { id: 'p', primaryOfficeId: 'office', administrativeAreaId: 'ibombo' }

  test('reach as far as the widest of them', () => {
    const scope = (placeOfEvent?: 'location' | 'administrativeArea') => ({
      type: 'record.create',
      options: placeOfEvent ? { placeOfEvent } : {},
    })
    expect(reachOfField(field, [scope('location'), scope('administrativeArea')])).toBe('administrativeArea')
    expect(reachOfField(field, [scope('location'), scope()])).toBe('all')
    expect(reachOfField(field, [])).toBe('nowhere')
    expect(reachOfField({ ...field, configuration: {} }, [])).toBeUndefined()
  })

  test('are the office itself, those in its area, and the areas on the way there', () => {
    const hierarchy = (id: string) => (id === 'ibombo' ? ['central', 'ibombo'] : [id])
    expect(isAllowedPlace('location', person, ['central', 'ibombo', 'office'])).toBe(true)
    expect(isAllowedPlace('location', person, ['central', 'ibombo', 'other'])).toBe(false)
    expect(isAllowedPlace('administrativeArea', person, ['central', 'ibombo', 'other'])).toBe(true)
    expect(isAllowedArea('administrativeArea', person, 'central', hierarchy)).toBe(true)
    expect(isAllowedArea('administrativeArea', person, 'sulaka', hierarchy)).toBe(false)
    expect(isAllowedArea('nowhere', person, 'central', hierarchy)).toBe(false)
  })
})

test('a link leads to a page, and back', () => {
  expect(withWayBack('https://id.example/authorize?x=1', 'https://desk.example/desk/r')).toBe(
    'https://id.example/authorize?x=1&redirect_uri=https%3A%2F%2Fdesk.example%2Fdesk%2Fr',
  )
  expect(withWayBack('javascript:alert(1)', 'https://desk.example/')).toBeUndefined()
})

test('the way back is the form alone: identity systems compare it letter by letter', () => {
  const there = withWayBack('https://id.example/authorize', 'https://desk.example/desk/r?page=mother#x')
  expect(new URL(there ?? '').searchParams.get('redirect_uri')).toBe('https://desk.example/desk/r')
})
