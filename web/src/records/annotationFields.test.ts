import { describe, expect, test } from 'vitest'
import type { FieldConfig } from '../configuration/types'
import { answeredFields } from './annotationFields'
import type { ConditionData } from './rules'

const field = (id: string, label: string, relation?: string) =>
  ({
    id,
    type: 'TEXT',
    label: { id: label, defaultMessage: label },
    ...(relation ? { conditionals: [{ type: 'SHOW', conditional: { relation } }] } : {}),
  }) as unknown as FieldConfig

const data = { $form: { relation: 'MOTHER' } } as unknown as ConditionData
const isMet = (conditional: unknown) => (conditional as { relation: string }).relation === data.$form.relation

describe('what is told of an action’s own answers', () => {
  test('of several fields with one id the one that was asked is told, once', () => {
    const fields = [
      field('who', 'the father', 'FATHER'),
      field('who', 'the mother', 'MOTHER'),
      field('why', 'the reason'),
      field('fee', 'the fee'),
    ]
    const told = answeredFields(fields, { who: 'INFORMANT', why: 'Clerical' }, data, isMet)
    expect(told.map(({ label }) => label.defaultMessage)).toEqual(['the mother', 'the reason'])
  })

  test('an answer to what is asked no more is told all the same', () => {
    const told = answeredFields([field('who', 'the father', 'FATHER')], { who: 'A' }, data, isMet)
    expect(told).toHaveLength(1)
  })
})
