import { expect, test } from 'vitest'
import { datesLike } from './datePattern'

const date = new Date('2026-03-05T12:00:00')

test('dates are written as the country says', () => {
  expect(datesLike('d MMMM y', 'en')(date)).toBe('5 March 2026')
  expect(datesLike('d MMMM y', 'fr')(date)).toBe('5 mars 2026')
  expect(datesLike('dd/MM/yyyy', 'en')(date)).toBe('05/03/2026')
  expect(datesLike("d 'de' MMMM 'de' y", 'es')(date)).toBe('5 de marzo de 2026')
})

test('without a pattern, or with one that nobody understands, dates are written as the language does', () => {
  for (const pattern of [undefined, '', 'QQQ y']) expect(datesLike(pattern, 'en')(date)).toBe('March 5, 2026')
})
