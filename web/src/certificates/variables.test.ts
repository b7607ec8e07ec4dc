import { describe, expect, test } from 'vitest'
import type { Action, EventDocument } from '../api/client'
import type { EventConfig } from '../configuration/types'
import type { Words } from '../records/answerText'
import type { EventState } from '../records/eventState'
import { helpersFor } from './helpers'
import { fillIn } from './template'
import { type Around, certificateData } from './variables'

const label = { id: 'l', defaultMessage: 'l' }
const config = {
  id: 'birth',
  declaration: {
    pages: [
      {
        id: 'p',
        fields: [
          { id: 'child.name', type: 'NAME', label },
          { id: 'child.dob', type: 'DATE', label },
          {
            id: 'child.sex',
            type: 'SELECT',
            label,
            options: [{ value: 'f', label: { id: 'f', defaultMessage: 'Female' } }],
          },
          { id: 'child.facility', type: 'LOCATION', label },
          { id: 'child.home', type: 'ADDRESS', label },
          {
            id: 'child.weight',
            type: 'NUMBER',
            label,
            configuration: { postfix: { id: 'kg', defaultMessage: 'kg' } },
          },
          { id: 'mother.name', type: 'NAME', label },
          { id: 'mother.dobUnknown', type: 'CHECKBOX', label },
          { id: 'mother.age', type: 'AGE', label },
          { id: 'proof', type: 'FILE_WITH_OPTIONS', label },
        ],
      },
    ],
  },
  actions: [
    {
      type: 'PRINT_CERTIFICATE',
      label,
      printForm: {
        pages: [{ id: 'c', title: label, fields: [{ id: 'collector.name', type: 'TEXT', label }] }],
      },
    },
  ],
} as unknown as EventConfig

const names: Record<string, string> = { north: 'North', lake: 'Lakeside', office: 'Lakeside Office' }
const words: Words = {
  t: (id) => id,
  tc: (text) => text?.defaultMessage ?? '',
  date: (value) => `on ${value}`,
  dateTime: (value) => value,
  place: (id) => names[id],
  placePath: (id) => (id === 'lake' ? ['Lakeside', 'North'] : [names[id] ?? id]),
}
const around: Around = {
  words,
  person: (id) => (id === 'ann' ? { id, name: 'Ann Lee', signature: 'signatures/ann.png' } : undefined),
  hierarchy: (id) => (id === 'office' ? ['north', 'lake', 'office'] : ['north', id]),
  levels: ['province', 'district'],
  country: 'TLV',
  templateId: 'birth-certificate',
}

const print = (templateId: string, annotation = {}): Action =>
  ({
    id: templateId + Math.random(),
    type: 'PRINT_CERTIFICATE',
    status: 'Accepted',
    createdAt: '2026-01-03',
    createdBy: 'ann',
    content: { templateId },
    annotation,
  }) as unknown as Action

const fill = (
  template: string,
  actions: Action[] = [print('birth-certificate', { 'collector.name': 'Bea' })],
) => {
  const state = {
    id: 'r',
    type: 'birth',
    status: 'REGISTERED',
    trackingId: 'ABC123',
    createdAt: '2026-01-01',
    createdAtLocation: 'lake',
    updatedAt: '2026-01-02',
    declaration: {
      'child.name': { firstname: 'Lina', surname: 'Ostrell' },
      'child.dob': '2025-12-31',
      'child.sex': 'f',
      'child.weight': 3.2,
      'mother.dobUnknown': true,
      'mother.age': { age: 34, asOfDateRef: 'child.dob' },
      proof: [{ option: 'FRONT', path: 'files/front.png' }],
      'child.home': { country: 'TLV', addressType: 'DOMESTIC', administrativeArea: 'lake' },
    },
    legalStatuses: {
      REGISTERED: {
        createdAt: '2026-01-02',
        acceptedAt: '2026-01-02',
        createdBy: 'ann',
        createdAtLocation: 'office',
        registrationNumber: 'B1',
      },
    },
  } as unknown as EventState
  const data = certificateData({ actions } as EventDocument, state, config, around)
  const helpers = helpersFor(data, { text: () => undefined, date: String, qr: (text) => `qr:${text}` })
  const { $declaration, $metadata } = data
  return fillIn(template, { $declaration, $metadata, $review: false }, helpers).text
}

describe('what a certificate says', () => {
  test('is what was declared, in words', () => {
    expect(fill('{{$lookup $declaration "child.name.fullname"}}, {{$lookup $declaration "child.sex"}}')).toBe(
      'Lina Ostrell, Female',
    )
    expect(fill('{{$lookup $declaration "child.dob"}}')).toBe('on 2025-12-31')
  })

  test('names places by their levels, and passes over what was not answered', () => {
    expect(
      fill(
        '{{$or ($lookup $declaration "child.facility.name") ($lookup $declaration "child.home.administrativeHierarchy")}}',
      ),
    ).toBe('Lakeside, North, TLV')
    expect(
      fill(
        '{{$lookup $metadata "legalStatuses.REGISTERED.createdAtLocation.name"}} {{$lookup $metadata "legalStatuses.REGISTERED.createdAtLocation.province"}}',
      ),
    ).toBe('Lakeside Office North')
  })

  test('lets a template ask what was not answered', () => {
    const asked = (id: string) =>
      fill(`{{#ifCond ($lookup $declaration "${id}") "!==" undefined}}yes{{else}}no{{/ifCond}}`)
    expect(asked('child.home')).toBe('yes')
    expect(asked('child.facility')).toBe('no')
    expect(asked('mother.name.fullname')).toBe('no')
    expect(
      fill(
        '{{#ifCond ($lookup $declaration "mother.dobUnknown") "!==" "true"}}{{else}}{{$lookup $declaration "mother.age"}}{{/ifCond}}',
      ),
    ).toBe('34')
  })

  test('has numbers without their unit, and files by what they are', () => {
    expect(fill('{{$lookup $declaration "child.weight"}} {{$lookup $declaration "proof.FRONT"}}')).toBe(
      '3.2 files/front.png',
    )
  })

  test('names the areas around a place once, and no area for a level that it has none of', () => {
    const where = (id: string) =>
      fill(
        `{{$join ", " ($lookup $metadata "${id}.name") ($lookup $metadata "${id}.district") ($lookup $metadata "${id}.province")}}`,
      )
    expect(where('legalStatuses.REGISTERED.createdAtLocation')).toBe('Lakeside Office, Lakeside, North')
    // An area of the country's, and an office that stands directly in a province.
    expect(where('createdAtLocation')).toBe('Lakeside, North')
  })

  test('tells who registered it, with their signature, and who collects it', () => {
    expect(
      fill(
        '{{$lookup $metadata "legalStatuses.REGISTERED.createdBy.name"}} {{$lookup $metadata "legalStatuses.REGISTERED.createdBySignature"}} {{$lookup ($action "PRINT_CERTIFICATE") "annotation.collector.name"}}',
      ),
    ).toBe('Ann Lee signatures/ann.png Bea')
  })

  test('counts how often it was printed', () => {
    const all = [print('birth-certificate'), print('receipt'), print('birth-certificate')]
    expect(fill('{{$lookup $metadata "copiesPrintedForTemplate"}}', all)).toBe('2')
  })
})
