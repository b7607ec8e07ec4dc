// What the rules of every form say, under the protocol's ids; a country translates them under these.
import type { Message } from './field'

const message = (id: string, defaultMessage: string): Message => ({ id, defaultMessage })

export const REQUIRED = message('error.required', 'Required')
export const INVALID = message('error.invalid', 'Invalid input')
export const INVALID_DATE = message('error.invalidDate', 'Invalid date field')
export const INVALID_EMAIL = message('error.invalidEmail', 'Invalid email address')
