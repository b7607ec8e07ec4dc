// Fills in a template written for Handlebars. Its parser reads the template; what it says is walked
// over here and never made into JavaScript, so that neither a template nor an answer can run anything.
// Every value is escaped, also in `{{{ }}}`.
import { parse } from 'handlebars/dist/cjs/handlebars/compiler/base.js'
import type { Call, Expression, PathExpression, Program, Statement } from './syntax'

/** What a helper is called with. `fn` and `inverse` fill in what stands in its block. */
interface HelperCall {
  args: unknown[]
  hash: Record<string, unknown>
  fn: (context: unknown, data?: Record<string, unknown>) => string
  inverse: (context: unknown) => string
  context: unknown
}

export type Helper = (call: HelperCall) => unknown

interface Filled {
  text: string
  /** Helpers that the template calls and nobody knows. */
  unknown: string[]
}

/** What no XML may contain, however it is written: pasted along with a name, it is seen nowhere. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NOT_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g

/** Text as it stands in XML, in elements and in attributes. */
const escapeXml = (text: string): string =>
  text.replace(NOT_XML, '').replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)

const isNothing = (value: unknown): boolean => !value || (Array.isArray(value) && value.length === 0)

const own = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined

/** What Handlebars itself brings along. */
const BUILT_IN: Record<string, Helper> = {
  if: ({ args, fn, inverse, context }) => (isNothing(args[0]) ? inverse(context) : fn(context)),
  unless: ({ args, fn, inverse, context }) => (isNothing(args[0]) ? fn(context) : inverse(context)),
  with: ({ args, fn, inverse, context }) => (isNothing(args[0]) ? inverse(context) : fn(args[0])),
  each: ({ args: [list], fn, inverse, context }) => {
    if (typeof list !== 'object' || list === null) return inverse(context)
    const entries = Object.entries(list)
    if (entries.length === 0) return inverse(context)
    const last = entries.length - 1
    return entries
      .map(([key, value], index) => fn(value, { key, index, first: index === 0, last: index === last }))
      .join('')
  },
  lookup: ({ args: [value, key] }) => own(value, String(key)),
  log: () => '',
}

interface Scope {
  /** The context here, and those around it, innermost first. */
  contexts: unknown[]
  data: Record<string, unknown>
}

/**
 * Fills in a template.
 * @throws Error with the parser's message and line when it is no template.
 */
export function fillIn(template: string, context: object, helpers: Record<string, Helper>): Filled {
  const all = new Map(Object.entries({ ...BUILT_IN, ...helpers }))
  const unknown = new Set<string>()

  const program = (of: Program | undefined, scope: Scope): string =>
    (of?.body ?? []).map((statement) => one(statement, scope)).join('')

  const one = (statement: Statement, scope: Scope): string => {
    switch (statement.type) {
      case 'ContentStatement':
        return statement.value
      case 'MustacheStatement':
        return escapeXml(textOf(call(statement, scope)))
      case 'BlockStatement':
        return block(statement, scope)
      case 'CommentStatement':
        return ''
      default:
        unknown.add('>')
        return ''
    }
  }

  const block = (of: Statement & { type: 'BlockStatement' }, scope: Scope): string => {
    const inside = (given: unknown, data: Record<string, unknown> = {}): Scope => ({
      contexts: given === scope.contexts[0] ? scope.contexts : [given, ...scope.contexts],
      data: { ...scope.data, ...data },
    })
    const fn = (given: unknown, data?: Record<string, unknown>) => program(of.program, inside(given, data))
    const inverse = (given: unknown) => program(of.inverse, inside(given))
    const name = nameOf(of)
    const helper = name === undefined ? undefined : all.get(name)
    // What blocks give is made of escaped parts already.
    if (helper) return textOf(run(helper, of, scope, fn, inverse))
    if (of.params.length > 0) {
      unknown.add(name ?? '')
      return ''
    }
    const value = expression(of.path, scope)
    const [here] = scope.contexts
    if (isNothing(value)) return inverse(here)
    if (Array.isArray(value)) return value.map((item, index) => fn(item, { index })).join('')
    return fn(value === true ? here : value)
  }

  const call = (of: Call, scope: Scope): unknown => {
    const name = nameOf(of)
    const helper = name === undefined ? undefined : all.get(name)
    if (helper)
      return run(
        helper,
        of,
        scope,
        () => '',
        () => '',
      )
    if (of.params.length > 0) {
      unknown.add(name ?? '')
      return ''
    }
    return expression(of.path, scope)
  }

  const run = (
    helper: Helper,
    of: Call,
    scope: Scope,
    fn: HelperCall['fn'],
    inverse: HelperCall['inverse'],
  ): unknown =>
    helper({
      args: of.params.map((param) => expression(param, scope)),
      hash: Object.fromEntries(
        (of.hash?.pairs ?? []).map(({ key, value }) => [key, expression(value, scope)]),
      ),
      fn,
      inverse,
      context: scope.contexts[0],
    })

  const expression = (of: Expression, scope: Scope): unknown => {
    switch (of.type) {
      case 'SubExpression':
        return call(of, scope)
      case 'PathExpression':
        return path(of, scope)
      case 'NullLiteral':
        return null
      case 'UndefinedLiteral':
        return undefined
      default:
        return of.value
    }
  }

  const path = ({ parts, depth, data, original }: PathExpression, scope: Scope): unknown => {
    const helper = parts.length === 1 && depth === 0 && !data ? all.get(original) : undefined
    if (helper)
      return run(
        helper,
        { path: LITERAL, params: [] },
        scope,
        () => '',
        () => '',
      )
    let start: unknown = scope.contexts[depth]
    if (data) start = parts[0] === 'root' ? { root: scope.contexts.at(-1) } : scope.data
    return parts.reduce<unknown>(own, start)
  }

  return { text: program(parse(template), { contexts: [context], data: {} }), unknown: [...unknown] }
}

const LITERAL = { type: 'UndefinedLiteral' } as const

/** The name of what is called, when it can be a helper's. */
function nameOf({ path }: Call): string | undefined {
  if (path.type !== 'PathExpression') return undefined
  return path.depth === 0 && !path.data && path.parts.length === 1 ? path.original : undefined
}

function textOf(value: unknown): string {
  if (value === undefined || value === null || value === false) return ''
  if (Array.isArray(value)) return value.map(textOf).join(',')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
