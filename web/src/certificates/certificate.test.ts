import { describe, expect, test } from 'vitest'
import type { ConditionData } from '../records/rules'
import { decodeScopes } from '../records/scope'
import { type Certificate, offeredCertificates } from './certificate'

const certificate = (id: string, more: Partial<Certificate> = {}): Certificate => ({
  id,
  event: 'birth',
  label: { id },
  svgUrl: '',
  ...more,
})
const all = [
  certificate('copy', { conditionals: [{ type: 'SHOW', conditional: { printed: true } }] }),
  certificate('first', { isDefault: true }),
  certificate('receipt'),
  certificate('death', { event: 'death' }),
]
const offered = (scope: string, printed = false) =>
  offeredCertificates(
    all,
    {} as ConditionData,
    { type: 'birth' },
    decodeScopes([scope]),
    { id: 'me' },
    () => printed,
  ).map(({ id }) => id)

describe('certificates', () => {
  test('of the record’s event are offered, the usual one first', () => {
    expect(offered('type=record.print-certified-copies', true)).toEqual(['first', 'copy', 'receipt'])
  })

  test('whose conditions do not hold are not offered', () => {
    expect(offered('type=record.print-certified-copies')).toEqual(['first', 'receipt'])
  })

  test('are offered as far as the scope names them', () => {
    expect(offered('type=record.print-certified-copies&templates=receipt')).toEqual(['receipt'])
    expect(offered('type=record.read')).toEqual([])
  })
})
