import { describe, expect, test } from 'vitest'
import type { EventConfig } from '../configuration/types'
import { criteriaOf, rangeIn, rangeText, searchQuery, similarNames } from './criteria'

const label = (id: string) => ({ id, defaultMessage: id })
const config = {
  id: 'birth',
  actions: [],
  declaration: {
    label: label('d'),
    pages: [
      {
        id: 'p',
        title: label('p'),
        fields: [
          { id: 'child.name', type: 'NAME', label: label('name') },
          { id: 'child.dob', type: 'DATE', label: label('dob') },
          { id: 'child.home', type: 'ADDRESS', label: label('home') },
        ],
      },
    ],
  },
  advancedSearch: [
    {
      title: label('s'),
      fields: [
        { fieldId: 'child.name', fieldType: 'field', config: { type: 'fuzzy' } },
        { fieldId: 'child.dob', fieldType: 'field', config: { type: 'range' } },
        { fieldId: 'child.home', fieldType: 'field', config: { type: 'exact' } },
        {
          fieldId: 'mother.id',
          fieldType: 'field',
          type: 'TEXT',
          label: label('id'),
          config: { type: 'exact', searchFields: ['mother.nid', 'mother.passport'] },
        },
        { fieldId: 'event.status', fieldType: 'event', config: { type: 'exact' } },
        {
          fieldId: 'event.legalStatuses.REGISTERED.createdAtLocation',
          fieldType: 'event',
          config: { type: 'within' },
        },
      ],
    },
  ],
} as unknown as EventConfig
const sections = criteriaOf(config)

describe('a search', () => {
  test('for nothing looks for nothing', () => {
    expect(searchQuery(' ', 'birth', sections, { 'child.name': ' ' })).toBeUndefined()
  })

  test('at the counter looks for words in all records', () => {
    expect(searchQuery('0612', '', [], {})).toEqual({ type: 'and', clauses: [{ text: '0612' }] })
  })

  test('asks for each thing as the country says it is compared', () => {
    const query = searchQuery('', 'birth', sections, {
      'child.name': 'Ann',
      'child.dob': '2020-01-01..',
      'child.home': 'area-1',
      'mother.id': '12',
      'event.status': 'DECLARED',
      'event.legalStatuses.REGISTERED.createdAtLocation': 'office',
    })
    expect(query?.clauses).toEqual([
      { eventType: 'birth' },
      { data: { 'child.name': { type: 'fuzzy', term: 'Ann' } } },
      { data: { 'child.dob': { type: 'range', gte: '2020-01-01', lte: '2199-12-31' } } },
      { data: { 'child.home': { type: 'exact', term: '{"administrativeArea":"area-1"}' } } },
      {
        type: 'or',
        clauses: [
          { data: { 'mother.nid': { type: 'exact', term: '12' } } },
          { data: { 'mother.passport': { type: 'exact', term: '12' } } },
        ],
      },
      { status: { type: 'exact', term: 'DECLARED' } },
      { 'legalStatuses.REGISTERED.createdAtLocation': { type: 'within', location: 'office' } },
    ])
  })

  test('shows each thing with a control that fits it', () => {
    expect(sections[0]?.criteria.map(({ input }) => input)).toEqual([
      'text',
      'days',
      'area',
      'text',
      'status',
      'place',
    ])
  })

  test('keeps a range in its address', () => {
    expect(rangeText(rangeIn('2020-01-01..'))).toBe('2020-01-01..')
    expect(rangeText(rangeIn(undefined))).toBe('')
  })
})

test('a misspelt name is looked for in all names of the event; a number is not', () => {
  const events = [
    {
      id: 'birth',
      declaration: {
        pages: [
          {
            fields: [
              { id: 'child.name', type: 'NAME' },
              { id: 'child.dob', type: 'DATE' },
            ],
          },
        ],
      },
    },
    { id: 'death', declaration: { pages: [{ fields: [{ id: 'deceased.name', type: 'NAME' }] }] } },
  ] as unknown as EventConfig[]
  expect(similarNames('Ostrel', 'birth', events)).toEqual({
    type: 'and',
    clauses: [
      { eventType: 'birth' },
      { type: 'or', clauses: [{ data: { 'child.name': { type: 'fuzzy', term: 'Ostrel' } } }] },
    ],
  })
  expect(JSON.stringify(similarNames('Даша', '', events))).toMatch(/child\.name.*deceased\.name/)
  expect(similarNames('B2026-1', '', events)).toBeUndefined()
})
