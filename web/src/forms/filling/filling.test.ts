import 'fake-indexeddb/auto'
import { describe, expect, test } from 'vitest'
import type { FieldConfig } from '../../configuration/types'
import { openPersonal } from '../../device/database'
import type { LocalDraft } from '../draft'
import { changed, type Filling } from './change'
import { type DefaultSources, withDefaults } from './defaults'
import { DraftKeeper } from './draftKeeper'
import { declarationSubmissions } from './submissions'
import { updateFrom } from './update'

const label = { id: 'label' }
const field = (id: string, more: Partial<FieldConfig> = {}): FieldConfig => ({
  id,
  type: 'TEXT',
  label,
  ...more,
})
const reference = ($$field: string, ...$$subfield: string[]) => ({ $$field, $$subfield })

const sources: DefaultSources = {
  user: { firstname: 'Ann', primaryOfficeId: 'office', administrativeAreaId: 'ibombo' },
  areaAt: (place, level) => (place === 'office' ? `${level} of the office` : undefined),
  today: '2026-01-15',
  time: '09:30',
}

describe('defaults', () => {
  test('are written down, the person’s, their office’s, or now', () => {
    const fields = [
      field('country', { type: 'COUNTRY', defaultValue: 'FAR' }),
      field('day', { type: 'DATE', defaultValue: { $$now: true } }),
      field('hour', { type: 'TIME', defaultValue: { $$now: true } }),
      field('name', {
        type: 'NAME',
        defaultValue: { firstname: { $userField: 'firstname' }, surname: { $userField: 'surname' } },
      }),
      field('home', {
        type: 'ADDRESS',
        defaultValue: { country: 'FAR', administrativeArea: { $userField: 'administrativeAreaId' } },
      }),
      field('group', {
        type: 'FIELD_GROUP',
        fields: [
          field('district', { defaultValue: { $userField: 'primaryOfficeId', $location: 'district' } }),
        ],
      }),
      field('computed', { defaultValue: { $$code: '() => 1' } }),
    ]
    expect(withDefaults(fields, {}, sources)).toEqual({
      country: 'FAR',
      day: '2026-01-15',
      hour: '09:30',
      name: { firstname: 'Ann' },
      home: { country: 'FAR', administrativeArea: 'ibombo' },
      group: { district: 'district of the office' },
    })
  })

  test('leave alone what was answered', () => {
    const fields = [field('country', { defaultValue: 'FAR' }), field('told', { defaultValue: true })]
    expect(withDefaults(fields, { country: 'USA', told: false }, sources)).toEqual({
      country: 'USA',
      told: false,
    })
  })
})

describe('one answer changes others', () => {
  const filling = (fields: FieldConfig[], hidden: string[] = []): Filling => ({
    fields,
    sources,
    clean: (answers) => Object.fromEntries(Object.entries(answers).filter(([id]) => !hidden.includes(id))),
  })

  test('a field begins anew when its parent changes, and so do its children', () => {
    const fields = [
      field('province'),
      field('district', { parent: reference('province'), defaultValue: 'first' }),
      field('village', { parent: [reference('district')] }),
      field('other'),
    ]
    const answers = { province: 'a', district: 'b', village: 'c', other: 'd' }
    expect(changed(filling(fields), answers, 'province', 'z')).toEqual({
      province: 'z',
      district: 'first',
      other: 'd',
    })
    expect(changed(filling(fields), answers, 'other', 'e')).toEqual({ ...answers, other: 'e' })
  })

  test('a part of a group begins anew when another part changes', () => {
    const fields = [
      field('address', {
        type: 'FIELD_GROUP',
        fields: [field('province'), field('district', { parent: reference('address', 'province') })],
      }),
    ]
    const answers = { address: { province: 'a', district: 'b' } }
    expect(changed(filling(fields), answers, 'address', { province: 'z', district: 'b' })).toEqual({
      address: { province: 'z' },
    })
  })

  test('a field says what another says, in the order of its sources', () => {
    const fields = [
      field('fetched', { type: 'HTTP' }),
      field('scanned', { type: 'ID_READER' }),
      field('nid', {
        parent: [reference('fetched'), reference('scanned')],
        value: [reference('fetched', 'data', 'nid'), reference('scanned', 'data', 'nid')],
      }),
    ]
    const scanned = changed(filling(fields), {}, 'scanned', { data: { nid: '1' } })
    expect(scanned.nid).toBe('1')
    expect(changed(filling(fields), scanned, 'fetched', { data: { nid: '2' } }).nid).toBe('2')
  })

  test('what was typed stays when a source has nothing to say', () => {
    const fields = [
      field('fetched', { type: 'HTTP' }),
      field('nid', { parent: reference('fetched'), value: reference('fetched', 'data', 'nid') }),
    ]
    const typed = { nid: 'typed' }
    expect(changed(filling(fields), typed, 'fetched', { loading: true }).nid).toBe('typed')
  })

  test('nothing is taken from a question that is not asked', () => {
    const fields = [
      field('place'),
      field('hospital'),
      field('home', { type: 'ADDRESS' }),
      field('where', {
        parent: [reference('place'), reference('hospital'), reference('home')],
        value: [reference('hospital'), reference('home', 'administrativeArea')],
      }),
    ]
    const answers = { place: 'HOSPITAL', hospital: 'h', where: 'h' }
    const moved = changed(filling(fields, ['hospital']), answers, 'home', { administrativeArea: 'area' })
    expect(moved).toMatchObject({ hospital: 'h', where: 'area' })
  })

  test('fields that chase each other come to rest', () => {
    const fields = [field('a', { parent: reference('b') }), field('b', { parent: reference('a') })]
    expect(changed(filling(fields), { a: '1', b: '2' }, 'a', '3')).toEqual({ a: '3' })
  })
})

describe('an update', () => {
  test('names what changed, and clears what is gone, also inside an answer', () => {
    const before = { same: 1, gone: 'x', name: { firstname: 'Ann', middlename: 'B' }, files: [1] }
    const after = { same: 1, name: { firstname: 'Eve' }, files: [1, 2], fresh: true }
    expect(updateFrom(before, after)).toEqual({
      gone: null,
      name: { firstname: 'Eve', middlename: null },
      files: [1, 2],
      fresh: true,
    })
  })
})

describe('a declaration is sent', () => {
  const filled = {
    recordId: 'r',
    isNew: true,
    eventType: 'birth',
    title: 'Ann',
    draftId: 'r/DECLARE',
    before: {},
    answers: { name: 'Ann' },
    annotation: { comment: 'c' },
    editing: false,
  }

  test('and registered in two steps, the record staying in the person’s hands between them', () => {
    const [declare, register, ...more] = declarationSubmissions(filled, 'REGISTER')
    expect(more).toEqual([])
    expect(declare).toMatchObject({
      action: 'DECLARE',
      isNew: true,
      draftId: 'r/DECLARE',
      body: { declaration: { name: 'Ann' }, annotation: { comment: 'c' }, keepAssignment: true },
    })
    expect(register).toMatchObject({ action: 'REGISTER', isNew: false, body: { declaration: {} } })
    expect(register).not.toHaveProperty('draftId')
    expect(register?.body).not.toHaveProperty('keepAssignment')
  })

  test('as an edit and a new declaration, with only what changed', () => {
    const edited = { ...filled, isNew: false, editing: true, before: { name: 'Eve', age: 3 } }
    const steps = declarationSubmissions(edited, 'DECLARE')
    expect(steps.map(({ action }) => action)).toEqual(['EDIT', 'DECLARE'])
    expect(steps[0]?.body).toEqual({ declaration: { name: 'Ann', age: null }, keepAssignment: true })
  })
})

describe('a draft', () => {
  const draft = (page: string): LocalDraft => ({
    id: 'r/DECLARE',
    recordId: 'r',
    isNew: true,
    eventType: 'birth',
    action: 'DECLARE',
    declaration: {},
    annotation: {},
    page,
    title: '',
    changedAt: 0,
  })

  test('is kept as it was last changed, and comes back after the desk was closed', async () => {
    const database = await openPersonal('ann')
    const keeper = new DraftKeeper(
      async () => database,
      () => {},
    )
    for (const page of ['child', 'mother', 'review']) keeper.keep(draft(page))
    await keeper.flush()
    database.close()
    const again = await openPersonal('ann')
    expect(await again.get('drafts', 'r/DECLARE')).toMatchObject({ page: 'review' })
    again.close()
  })

  test('that was handed over is not written again', async () => {
    const database = await openPersonal('eve')
    const keeper = new DraftKeeper(
      async () => database,
      () => {},
    )
    await keeper.stop()
    keeper.keep(draft('child'))
    await keeper.flush()
    expect(await database.getAll('drafts')).toEqual([])
    database.close()
  })

  test('that the device has no room for is said so, and tried again with the next change', async () => {
    let full = true
    const problems: unknown[] = []
    const put = async () => {
      if (full) throw new DOMException('no room', 'QuotaExceededError')
      return ''
    }
    const keeper = new DraftKeeper(
      async () => ({ put }) as never,
      (problem) => problems.push(problem),
    )
    keeper.keep(draft('child'))
    await keeper.flush()
    full = false
    keeper.keep(draft('mother'))
    await keeper.flush()
    expect(problems).toEqual([expect.objectContaining({ name: 'QuotaExceededError' }), undefined])
  })
})
