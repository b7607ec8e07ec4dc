import type { EventConfig, FieldConfig } from '../configuration/types'
import type { Words } from './answerText'
import type { Answers } from './eventState'
import { templateValues, withoutEmpty } from './templateValues'

export const declarationFields = (config: EventConfig): FieldConfig[] =>
  config.declaration.pages.flatMap((page) => page.fields)

/** What people know a record by, such as the child's name; empty when nothing is known yet. */
export function recordTitle(config: EventConfig | undefined, declaration: Answers, words: Words): string {
  if (!config) return ''
  const title = withoutEmpty(
    words.tc(config.title, templateValues(declarationFields(config), declaration, words)),
  )
  return title || words.tc(config.fallbackTitle)
}
