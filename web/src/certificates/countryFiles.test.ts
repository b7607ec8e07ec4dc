import { expect, test } from 'vitest'
import { atCore } from './countryFiles'

test('what the country names by its own address is asked of Core', () => {
  expect(atCore('/api/countryconfig/certificates/birth.svg')).toBe('/certificates/birth.svg')
  expect(atCore('https://country.example/fonts/a.ttf')).toBe('/fonts/a.ttf')
})

test('whatever the address, nobody but Core is asked with a person’s token', () => {
  for (const address of [
    '//codes.example/x.svg',
    'https://a//codes.example/x.svg',
    '/\\codes.example/x.svg',
    '/\t/codes.example/x.svg',
    '/api/countryconfig//codes.example/x.svg',
  ])
    expect(new URL(atCore(address), 'https://core.example').origin, address).toBe('https://core.example')
})
