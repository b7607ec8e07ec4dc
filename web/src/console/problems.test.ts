import { describe, expect, test } from 'vitest'
import { Refusal } from '../api/errors'
import { linesOf, problemsIn } from './problems'

describe('what Core says is wrong with what was sent', () => {
  const refusal = (message: string, status = 400) => new Refusal(status, 'BAD_REQUEST', message)

  test('is told beside the fields it is about', () => {
    const message = JSON.stringify([
      { code: 'custom', path: ['email'], message: 'Somebody else has it' },
      { code: 'custom', path: ['name', 'firstname'], message: 'Needed' },
      { code: 'custom', path: [], message: 'A mobile number or a mail address is needed' },
    ])
    const problems = problemsIn(refusal(message))
    expect(problems).toEqual({
      byField: { email: 'Somebody else has it', 'name.firstname': 'Needed' },
      rest: ['A mobile number or a mail address is needed'],
    })
    expect(linesOf(problems ?? { byField: {}, rest: [] })).toHaveLength(3)
  })

  test('is not looked for in sentences, nor in other failures', () => {
    expect(problemsIn(refusal('The account is shut; open it first'))).toBeUndefined()
    expect(problemsIn(refusal('"text"'))).toBeUndefined()
    expect(problemsIn(refusal('[]', 409))).toBeUndefined()
    expect(problemsIn(new Error('[]'))).toBeUndefined()
  })
})
