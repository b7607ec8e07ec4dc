import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { EventDocument } from '../api/client'
import { isMet } from '../forms/rules/conditionals'
import { availableActions } from './next'
import type { EventRules } from './rules'
import { stateOf } from './state'

const shared = new URL('../../../../shared/', import.meta.url)
const vectors = new URL('vectors/states.jsonl', shared)

describe.skipIf(!existsSync(vectors))('the state of a record is what Core computes', () => {
  const events: EventRules[] = existsSync(vectors)
    ? JSON.parse(readFileSync(new URL('data/farajaland-2.0.0/events.json', shared), 'utf8'))
    : []
  const rows = existsSync(vectors)
    ? readFileSync(vectors, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : []

  test.each(rows.map((row) => [row.id, row]))('%s', (_, row) => {
    const event = row.event as EventDocument
    const rules = events.find(({ id }) => id === event.type)
    if (!rules) throw new Error(`there is no event ${event.type}`)
    const state = stateOf(event, rules, isMet)
    expect(state).toEqual(row.expected.state)
    expect(state && availableActions(state.status, state.flags)).toEqual(row.expected.availableActions)
  })
})
