// Core refuses input with a list of problems, written as JSON into its message. Forms show each beside its field.
import { Refusal } from '../api/errors'

export interface Problems {
  /** By the path into what was sent, such as `email` or `name.firstname`. */
  byField: Record<string, string>
  /** What belongs to no field, as sentences. */
  rest: string[]
}

/** What is wrong with what was sent; undefined when the failure was of another kind. */
export function problemsIn(error: unknown): Problems | undefined {
  if (!(error instanceof Refusal) || error.status !== 400) return undefined
  let listed: unknown
  try {
    listed = JSON.parse(error.message)
  } catch {
    return undefined
  }
  if (!Array.isArray(listed)) return undefined
  const problems: Problems = { byField: {}, rest: [] }
  for (const entry of listed as { path?: unknown; message?: unknown }[]) {
    const message = typeof entry?.message === 'string' ? entry.message : undefined
    if (!message) continue
    const path = Array.isArray(entry.path) ? entry.path.join('.') : ''
    if (path === '') problems.rest.push(message)
    else problems.byField[path] ??= message
  }
  return problems
}

/** The same as one sentence a line, for where there are no fields to show them beside. */
export function linesOf(problems: Problems): string[] {
  return [
    ...problems.rest,
    ...Object.entries(problems.byField).map(([path, message]) => `${path}: ${message}`),
  ]
}
