// The same vectors that Core's rules are held to. They lie beside the project, not in it.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ConditionData } from '../../records/rules'
import { withoutHidden } from './cleaning'
import { isMet } from './conditionals'
import type { Answers, Field, Page, Problem } from './field'
import { dataOf, fieldProblems, type Surroundings, visiblePages } from './form'
import { valueProblems } from './value'

const shared = new URL('../../../../../shared/', import.meta.url)
const present = existsSync(new URL('vectors/conditionals.jsonl', shared))
const text = (path: string) => readFileSync(new URL(path, shared), 'utf8')
const json = (path: string) => JSON.parse(text(path))
const rows = (path: string) =>
  text(path)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const EVENTS = 'data/farajaland-2.0.0/events.json'

if (!present)
  console.warn(`The shared vectors are not at ${shared.pathname}: the rules were not run on them.`)

interface DeclarationReport {
  /** The declaration without what is hidden. */
  cleaned: Answers
  /** Ids of the pages shown, in order. */
  visiblePages: string[]
  /** Everything that will not do, in field order. */
  problems: Problem[]
}

/** Holds a whole declaration against the form. Every field is judged, those of hidden pages too. */
function checkDeclaration(
  pages: readonly Page[],
  declaration: Answers,
  surroundings: Surroundings,
): DeclarationReport {
  const cleaned = withoutHidden(pages, declaration, surroundings)
  const data = dataOf(cleaned, surroundings)
  return {
    cleaned,
    visiblePages: visiblePages(pages, data).map(({ id }) => id),
    problems: pages.flatMap(({ fields }) => fields).flatMap((field) => fieldProblems(field, cleaned, data)),
  }
}

/** All rows that came out differently, so that a failure names them. */
function differing<Row extends { id: string }>(all: Row[], outcome: (row: Row) => [unknown, unknown]) {
  return all.flatMap((row) => {
    const [got, expected] = outcome(row)
    return JSON.stringify(got) === JSON.stringify(expected) ? [] : [{ id: row.id, got, expected }]
  })
}

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([one], [two]) => (one < two ? -1 : 1))
          .map(([key, inner]) => [key, sorted(inner)]),
      )
    : Array.isArray(value)
      ? value.map(sorted)
      : value

// Thousands of rows, on whatever machine: how long they take says nothing.
describe.skipIf(!present)('the rules of a form are the same as Core’s', { timeout: 300_000 }, () => {
  test('conditionals hold for the same forms', () => {
    const schemas = json('vectors/conditionals.schemas.json')
    const all = rows('vectors/conditionals.jsonl')
    expect(all.length).toBeGreaterThan(3_000)
    expect(
      differing(all, ({ schema, data, expected }) => [
        isMet(schemas[schema], data as ConditionData),
        expected,
      ]),
    ).toEqual([])
  })

  test('answers have the same faults, in the same order', () => {
    const events = json(EVENTS)
    const all = rows('vectors/field-values.jsonl')
    expect(all.length).toBeGreaterThan(1_000)
    expect(
      differing(all, (row) => {
        const field = row.field
          .split('/')
          .slice(1)
          .reduce((at: Record<string, unknown>, key: string) => at[key], events) as Field
        const value = row.absent ? undefined : row.value
        const partial = row.actionType === 'NOTIFY'
        return [valueProblems(field, value, partial).map(({ id }) => id), row.expected]
      }),
    ).toEqual([])
  })

  test('declarations are cleaned to the same, show the same pages and have the same problems', () => {
    const events: { id: string; declaration: { pages: Page[] } }[] = json(EVENTS)
    const all = rows('vectors/declarations.jsonl')
    expect(all.length).toBeGreaterThan(400)
    expect(
      differing(all, (row) => {
        const pages = events.find(({ id }) => id === row.eventType)?.declaration.pages ?? []
        const report = checkDeclaration(pages, row.declaration, {
          $now: row.now,
          $online: true,
          $user: row.user,
          $leafAdminStructureLocationIds: row.leafAdminStructureLocationIds,
        })
        const errors = report.problems.map(({ field, message }) => ({ field, message: message.id }))
        const { expected } = row
        const wanted = expected.errors.map((error: { field: string; message: unknown }) => ({
          field: error.field,
          message: (error.message as { id?: string }).id ?? error.message,
        }))
        return [
          sorted({ cleaned: report.cleaned, visiblePages: report.visiblePages, errors }),
          sorted({ cleaned: expected.cleaned, visiblePages: expected.visiblePages, errors: wanted }),
        ]
      }),
    ).toEqual([])
  })
})
