import { expect, test } from 'vitest'
import { deskTexts } from '../../language/desk'
import { Messages } from '../../language/messages'
import { kindOf, stepWords } from './steps'
import './texts'

const messages = new Messages('en', [deskTexts.en ?? {}])
const t = messages.text.bind(messages)
const words = (operation: string, details = {}) => stepWords(t, { operation, details })

test('an operation names its action as it is written on the wire', () => {
  expect(kindOf('printCertificate')).toBe('PRINT_CERTIFICATE')
  expect(kindOf('correction.approve')).toBe('APPROVE_CORRECTION')
  expect(kindOf('register')).toBe('REGISTER')
})

test('what was done about a record is told in words', () => {
  expect(words('event.actions.correction.approve.request')).toBe('Approve correction: asked for')
  expect(words('event.actions.pending.accept', { actionType: 'REGISTER' })).toBe('Register: approved')
  expect(words('event.actions.register.accept', { byHand: true })).toBe('Register: approved by hand')
  expect(words('event.actions.register.reject', { byHand: true })).toBe('Register: refused by hand')
  expect(words('event.actions.register.reject', { byHand: true, handedBack: true })).toBe(
    'Register: handed back',
  )
  expect(words('event.actions.register.accept', { deadlinePassed: true })).toBe(
    'Register: approved, as its deadline passed',
  )
  expect(words('pending.handBack')).toBe('Handed back')
})

test('an operation that the console does not know is shown as it is', () => {
  expect(words('event.reticulated')).toBe('event.reticulated')
})
