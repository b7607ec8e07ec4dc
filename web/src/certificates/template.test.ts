import { describe, expect, test } from 'vitest'
import { helpersFor, mixedPath } from './helpers'
import { fillIn } from './template'

const $declaration = { 'child.name': { firstname: 'Ann' }, 'child.sex': 'female' }
const $metadata = { trackingId: 'ABC123' }
const print = { type: 'PRINT_CERTIFICATE', id: '2' }
const $actions = [{ type: 'PRINT_CERTIFICATE', id: '1' }, print]

const helpers = helpersFor(
  {
    $declaration,
    $metadata,
    $actions,
    resolved: new Map<object, Record<string, unknown>>([
      [$declaration, { 'child.name': { fullname: 'Ann Lee', firstname: 'Ann' } }],
      [$metadata, { legalStatuses: { REGISTERED: { registrationNumber: 'B1' } } }],
      [print, { annotation: { 'collector.id': 'MOTHER' } }],
    ]),
  },
  {
    text: (id, values) =>
      id === 'sex.female' ? 'Female' : id === 'hello' ? `Hello ${values?.name}` : undefined,
    date: (value, style) => `${value} (${style ?? 'long'})`,
    qr: (text) => `data:image/svg+xml,${text}`,
  },
)
const fill = (template: string) =>
  fillIn(template, { $declaration, $metadata, $review: true, list: ['a', 'b'] }, helpers)

describe('a certificate’s template', () => {
  test('looks up answers and dates of the record in words', () => {
    const filled = fill(
      '{{$lookup $declaration "child.name.fullname"}} {{ $lookup $metadata \'legalStatuses.REGISTERED.registrationNumber\' }} {{$lookup ($action "PRINT_CERTIFICATE") "annotation.collector.id"}}',
    )
    expect(filled).toEqual({ text: 'Ann Lee B1 MOTHER', unknown: [] })
  })

  test('translates, joins, compares and chooses', () => {
    expect(fill('{{$intl "sex" (lookup $declaration "child.sex")}}').text).toBe('Female')
    expect(fill('{{$intl "sex" (lookup $declaration "father.sex")}}').text).toBe('')
    expect(fill('{{$intlWithParams "hello" "name" "Ann"}}').text).toBe('Hello Ann')
    expect(fill('{{$join ", " "a" "" "b"}}').text).toBe('a, b')
    expect(fill('{{#ifCond "1" "===" "2"}}yes{{else}}no{{/ifCond}}').text).toBe('no')
    expect(fill('{{#if $review}}draft{{/if}}{{#unless $review}}final{{/unless}}').text).toBe('draft')
    expect(fill('{{#each list}}{{@index}}{{this}}{{/each}}').text).toBe('0a1b')
    expect(fill('{{#if nothing}}a{{else if $review}}b{{else}}c{{/if}}').text).toBe('b')
    expect(fill('{{$or "" "x"}} {{$upper "a"}} {{$lower "B"}} {{$intlDate "2026-01-15" "short"}}').text).toBe(
      'x A b 2026-01-15 (short)',
    )
  })

  test('never lets a value become markup, whichever braces it stands in', () => {
    const evil = { $declaration: {}, name: '<script>alert("1")</script>\'&' }
    const safe = '&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39;&#38;'
    expect(fillIn('<t a="{{name}}">{{{name}}}</t>', evil, {}).text).toBe(`<t a="${safe}">${safe}</t>`)
  })

  test('leaves out what no picture may contain, as it comes along with what is pasted', () => {
    expect(fillIn('{{name}}', { name: 'A\u000bn\u0000n\ufffe\n' }, {}).text).toBe('Ann\n')
  })

  test('reaches nothing but what it was given', () => {
    for (const path of ['constructor', '__proto__', 'list.constructor', 'toString'])
      expect(fill(`{{${path}}}`).text, path).toBe('')
    expect(fill('{{lookup this "constructor"}}{{$lookup this "constructor.name"}}').text).toBe('')
  })

  test('says which helpers nobody knows', () => {
    expect(fill('a{{myHelper "x"}}b{{#theirs 1}}c{{/theirs}}')).toEqual({
      text: 'ab',
      unknown: ['myHelper', 'theirs'],
    })
  })

  test('that is none says where it goes wrong', () => {
    expect(() => fill('{{#if x}}')).toThrow(/line 1/)
  })

  test('finds paths through keys that have dots themselves', () => {
    expect(mixedPath({ 'a.b': { c: 1 } }, 'a.b.c')).toBe(1)
    expect(mixedPath({ a: { 'b.c': 2 } }, 'a.b.c')).toBe(2)
    expect(mixedPath({ a: 1 }, 'a.b')).toBeUndefined()
  })
})
