// Conditionals: yes-or-no questions about a form and its surroundings, in JSON Schema (draft 2019-09)
// with `$data` references, limits on dates, and two keywords of the protocol's own. Core decides the
// same questions in the same way when a form arrives; the shared vectors hold both to it.
import Ajv2019, { type ValidateFunction } from 'ajv/dist/2019'
import addFormats from 'ajv-formats'
import type { Conditional, ConditionData, IsMet } from '../../records/rules'
import { widened } from './ages'
import { DAY, moment, momentOf } from './dates'

const ajv = new Ajv2019({
  strict: false,
  $data: true,
  // One reason is enough for a no.
  allErrors: false,
  addUsedSchema: false,
  validateSchema: false,
  logger: false,
})
addFormats(ajv, { formats: ['date', 'date-time', 'email', 'uuid'], keywords: true })

interface At {
  instancePath: string
  rootData: ConditionData
}

ajv.addKeyword({
  keyword: 'daysFromDate',
  type: 'string',
  validate: (
    rule: { days: number; clause: 'before' | 'after'; referenceDate?: unknown },
    text: string,
    _parent: unknown,
    at?: unknown,
  ) => {
    const { rootData, instancePath } = at as At
    const found = referenced(rule.referenceDate, rootData, instancePath)
    // No reference, or an empty one, means today; one that is no date is never met.
    const base = found ? moment(found) : momentOf(rootData.$now)
    const date = momentOf(text)
    if (base === undefined || date === undefined) return false
    const limit = base + rule.days * DAY
    return rule.clause === 'after' ? date > limit : date < limit
  },
})

ajv.addKeyword({
  keyword: 'isLeafLevelLocation',
  type: 'string',
  validate: (_rule: unknown, id: string, _parent: unknown, at?: unknown) =>
    leaves((at as At).rootData.$leafAdminStructureLocationIds).has(id),
})

// JavaScript of the country's is not run on the device: whatever ran it here could read the page it
// stands in. Core runs it, shut in, when the form arrives, and its refusal comes back as this field's.
ajv.addKeyword({ keyword: 'customClientValidator', validate: () => true })

/**
 * What `{"$data": "1/child.dob"}` refers to. More levels than there are lead to the root, and so does
 * what does not begin with a number above 0; nothing is escaped.
 */
function referenced(reference: unknown, root: unknown, instancePath: string): unknown {
  const pointer = (reference as { $data?: unknown } | null | undefined)?.$data
  if (typeof pointer !== 'string') return reference
  const [levels = '', ...down] = pointer.split('/')
  const here = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const up = /^\d+$/.test(levels) ? Number(levels) : 0
  const start = up > 0 && up < here.length ? here.slice(0, -up) : []
  return [...start, ...down].reduce(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    root,
  )
}

const leafSets = new WeakMap<object, Set<string>>()

/** A country has thousands of them: one set for one list. */
function leaves(list: { id: string }[]): Set<string> {
  const known = leafSets.get(list) ?? new Set(list.map(({ id }) => id))
  leafSets.set(list, known)
  return known
}

const byText = new Map<string, ValidateFunction | null>()
const bySchema = new WeakMap<object, ValidateFunction | null>()

function compiled(schema: Conditional): ValidateFunction | null {
  const known = bySchema.get(schema)
  if (known !== undefined) return known
  // Equal conditionals stand on many fields. Their `$id` is a digest of them, but one that lies must
  // not change an outcome, and Ajv would take two with one id for a mistake: so it is left out.
  const text = JSON.stringify(schema, (key, value) =>
    key === '$id' && typeof value === 'string' ? undefined : value,
  )
  let made = byText.get(text)
  if (made === undefined) {
    try {
      made = ajv.compile(JSON.parse(text))
    } catch {
      made = null
    }
    byText.set(text, made)
  }
  bySchema.set(schema, made)
  return made
}

/** Whether a value on its own is as a schema wants it, such as what is typed into a search. */
export const fits = (schema: Conditional, value: unknown): boolean => compiled(schema)?.(value) === true

/**
 * Whether a conditional holds. An AGE in the form is seen as `{age, dob}`. One that cannot be compiled
 * never holds; Core refuses a configuration that has one.
 */
export const isMet: IsMet = (conditional, data) => {
  const validate = compiled(conditional)
  return validate !== null && validate(widened(data)) === true
}
