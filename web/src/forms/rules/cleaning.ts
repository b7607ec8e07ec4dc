// Answers without those to questions that are not asked.
import type { Answers, Field, Page } from './field'
import { dataOf, isPageShown, isShown, type Surroundings } from './form'

/** The answers without those to hidden pages and fields. Answers that no page asks for are kept. */
export function withoutHidden(pages: readonly Page[], answers: Answers, surroundings: Surroundings): Answers {
  const data = dataOf(answers, surroundings)
  const [shown, hidden] = [true, false].map((wanted) =>
    pages.filter((page) => isPageShown(page, data) === wanted).flatMap(({ fields }) => fields),
  ) as [Field[], Field[]]
  const asked = new Set(shown.map(({ id }) => id))
  const unasked = new Set(hidden.map(({ id }) => id).filter((id) => !asked.has(id)))
  const kept = Object.fromEntries(Object.entries(answers).filter(([id]) => !unasked.has(id)))
  return withoutHiddenFields(shown, kept, surroundings)
}

/**
 * The answers without those to hidden fields, laid over `base` to decide what is hidden. Hiding one
 * field can hide or show another, so this is repeated until nothing changes. Rules that chase each
 * other in a circle are cut off after as many rounds as there are fields.
 */
export function withoutHiddenFields(
  fields: readonly Field[],
  answers: Answers,
  surroundings: Surroundings,
  base?: Answers,
): Answers {
  const byId = new Map<string, Field[]>()
  for (const field of fields) byId.set(field.id, [...(byId.get(field.id) ?? []), field])
  let kept = answers
  for (let round = 0; round <= fields.length; round += 1) {
    const data = dataOf(kept, surroundings, base)
    const isKept = (id: string) => byId.get(id)?.some((field) => isShown(field, data)) ?? true
    const next = Object.fromEntries(Object.entries(answers).filter(([id]) => isKept(id)))
    const before = kept
    kept = next
    const ids = Object.keys(next)
    if (ids.length === Object.keys(before).length && ids.every((id) => Object.hasOwn(before, id))) break
  }
  return kept
}
