// A real country's configuration, and hundreds of records made at random: whatever they hold, they can be shown.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { EventDocument } from '../api/client'
import type { EventConfig } from '../configuration/types'
import { isMet } from '../forms/rules/conditionals'
import { Messages } from '../language/messages'
import { pendingCorrection } from './accepted'
import { actionLabel } from './actionLabel'
import { answerText, type Words } from './answerText'
import { correctionOf } from './correction'
import { viewedPages } from './declarationView'
import type { EventState } from './eventState'
import { offeredActions } from './offered'
import { declarationFields, recordTitle } from './recordTitle'
import type { ConditionData, EventRules } from './rules'
import { decodeScopes } from './scope'
import { stateOf } from './state'
import { summaryLines } from './summaryLines'
import { timeline } from './timeline'

const shared = new URL('../../../../shared/', import.meta.url)
const there = existsSync(new URL('vectors/states.jsonl', shared))
const read = (path: string) => readFileSync(new URL(path, shared), 'utf8')

const messages = new Messages('en', [{}])
const words: Words = {
  t: (id) => id,
  tc: (descriptor, values) =>
    descriptor ? messages.text(descriptor.id, values, descriptor.defaultMessage ?? '') : '',
  date: (value) => value,
  dateTime: (value) => value,
  place: () => undefined,
  placePath: (id) => [id],
}

describe.skipIf(!there)('records of a real country', () => {
  const events: EventConfig[] = there ? JSON.parse(read('data/farajaland-2.0.0/events.json')) : []
  const records: EventDocument[] = there
    ? read('vectors/states.jsonl')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).event)
    : []
  const kinds = [
    'read',
    'declare',
    'register',
    'edit',
    'reject',
    'archive',
    'correct',
    'print-certified-copies',
  ]
  const scopes = decodeScopes([
    ...kinds.map((kind) => `type=record.${kind}`),
    'type=record.custom-action&customActionTypes=VALIDATE_DECLARATION,ESCALATE',
  ])
  const around = { $now: '2026-01-15', $online: true, $user: {}, $leafAdminStructureLocationIds: [] }
  const asker = { person: { id: 'me' }, scopes, around, isMet }

  test('can be shown, whatever they hold', { timeout: 30_000 }, () => {
    const labelled = new Set<string>()
    for (const document of records) {
      const config = events.find(({ id }) => id === document.type) as EventConfig
      const state = stateOf(document, config as unknown as EventRules, isMet)
      if (!state) throw new Error(document.id)
      const data: ConditionData = { ...around, $form: state.declaration }
      expect(typeof recordTitle(config, state.declaration, words)).toBe('string')
      for (const { value } of summaryLines(config, state, data, words, isMet))
        expect(value).not.toContain('__EMPTY__')
      for (const { fields } of viewedPages(config, state.declaration, data))
        for (const field of fields)
          expect(typeof answerText(field, state.declaration[field.id], words)).toBe('string')
      const offered = offeredActions(state, { type: state.type }, config, asker, document)
      expect(new Set(offered.map(({ key }) => key)).size).toBe(offered.length)
      for (const action of offered.filter(({ key }) => !labelled.has(`${config.id} ${key}`))) {
        labelled.add(`${config.id} ${action.key}`)
        const label = actionLabel(action, config, state, words)
        expect(label, action.key).not.toBe('')
        expect(label, action.key).not.toMatch(/[{}]/)
      }
      const request = pendingCorrection(document)
      if (request) expect(correctionOf(document, request, config).request).toBe(request)
      expect(timeline(document).length).toBeLessThanOrEqual(document.actions.length)
    }
  })

  test('are corrected by a button that says so, though the configuration has a title there', () => {
    const birth = events.find(({ id }) => id === 'birth') as EventConfig
    const correcting = birth.actions.find(({ type }) => type === 'REQUEST_CORRECTION')
    const state = {
      declaration: { 'child.name': { firstname: 'Ann', surname: 'Lee' } },
    } as unknown as EventState
    const action = { type: 'REQUEST_CORRECTION' as const, config: correcting }
    expect(actionLabel(action, birth, state, words)).toBe('records.do.REQUEST_CORRECTION')
    expect(actionLabel({ ...action, type: 'CUSTOM' }, birth, state, words)).toContain('Ann Lee')
  })

  test('are named by what is known of them', () => {
    const birth = events.find(({ id }) => id === 'birth') as EventConfig
    const name = { 'child.name': { firstname: 'Ann', surname: 'Lee' } }
    expect(recordTitle(birth, name, words)).toBe('Ann Lee')
    expect(recordTitle(birth, {}, words)).not.toBe('')
    expect(declarationFields(birth).length).toBeGreaterThan(50)
  })
})
