// What the button for an action says.
import type { EventConfig } from '../configuration/types'
import type { Words } from './answerText'
import type { EventState } from './eventState'
import type { OfferedAction } from './offered'
import { declarationFields } from './recordTitle'
import { templateValues, withoutEmpty } from './templateValues'

/** An answer's place in a text: `{child.name.firstname, select, …}`. */
const NAMES_ANSWER = /\{\s*[\w-]+\.[\w.-]+\s*[,}]/

/**
 * The country's own label. Where it names the record's answers instead of what is done, as the title of
 * a form does, it is no label for one of the actions that every country has: ours stands there.
 */
export function actionLabel(
  { type, config }: Pick<OfferedAction, 'type' | 'config'>,
  event: EventConfig,
  state: EventState,
  words: Words,
): string {
  const own = words.t(`records.do.${type}`)
  if (!config) return own
  const isTitle = NAMES_ANSWER.test(config.label.defaultMessage ?? '')
  if (isTitle && type !== 'CUSTOM') return own
  const values = templateValues(declarationFields(event), state.declaration, words, state)
  return withoutEmpty(words.tc(config.label, values)) || own
}
