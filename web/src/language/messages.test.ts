import { describe, expect, it } from 'vitest'
import { directionOf, Messages } from './messages'

describe('a text', () => {
  const english = { 'app.wait': 'Wait {seconds, plural, one {# second} other {# seconds}}.' }

  it('is the country’s before it is ours, and its id where nobody has it', () => {
    const messages = new Messages('fr', [{ 'app.wait': 'Patience.' }, { 'app.wait': 'Attendez.' }], english)
    expect(messages.text('app.wait')).toBe('Patience.')
    expect(messages.text('app.go')).toBe('app.go')
    expect(messages.text('app.go', {}, 'Go')).toBe('Go')
  })

  it('of another language stands apart in a page that runs from right to left', () => {
    expect(new Messages('ar', [{}], english).text('app.wait', { seconds: 2 })).toBe(
      '\u2066Wait 2 seconds.\u2069',
    )
    expect(new Messages('sw', [{}], english).text('app.wait', { seconds: 1 })).toBe('Wait 1 second.')
  })

  it('that is malformed shows as it was written', () => {
    expect(new Messages('en', [{ 'a.b': 'Wait {seconds' }]).text('a.b', { seconds: 1 })).toBe('Wait {seconds')
  })
})

it('a text whose value is missing says the rest, and never shows how it was written', () => {
  const messages = new Messages('en', [{}])
  const text = (written: string, values = {}) => messages.text('a.b', values, written)
  expect(text('Verified with {system}')).toBe('Verified with –')
  expect(text('{child.name.firstname} {child.name.surname}', { child____name____surname: 'Zimba' })).toBe(
    '– Zimba',
  )
  expect(text('{count, plural, one {# child} other {# children}} of {who}', { count: 2 })).toBe(
    '2 children of –',
  )
  expect(text('{sex, select, female {She} other {They}} came')).toBe('They came')
  expect(text('Born on {date, date}')).toBe('Born on –')
  expect(text('{given} came', { given: null })).toBe(' came')
})

it('a page runs the way its language is written', () => {
  expect(['ar', 'fa-IR', 'ur', 'ps'].map(directionOf)).toEqual(['rtl', 'rtl', 'rtl', 'rtl'])
  expect(['en', 'fr-CA', 'am', 'sw'].map(directionOf)).toEqual(['ltr', 'ltr', 'ltr', 'ltr'])
})

it('one id with several texts written out in place shows each where it stands', () => {
  const messages = new Messages('en', [{}])
  expect(messages.text('verify.label', {}, 'Authenticate')).toBe('Authenticate')
  expect(messages.text('verify.label', { system: 'the registry' }, 'Authenticate with {system}')).toBe(
    'Authenticate with the registry',
  )
})
