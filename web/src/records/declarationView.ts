// What of a declaration is shown, page by page: what the form would show with these answers.
import type { EventConfig, FieldConfig, FormPage } from '../configuration/types'
import type { Field, Page } from '../forms/rules/field'
import { isOnReview, isPageShown } from '../forms/rules/form'
import type { Answers } from './eventState'
import type { ConditionData } from './rules'

/** Fields that ask nothing. */
const SAYS_ONLY: readonly string[] = [
  'DIVIDER',
  'PAGE_HEADER',
  'PARAGRAPH',
  'HEADING',
  'BULLET_LIST',
  'HTTP',
  'BUTTON',
  'LOADER',
  'LINK_BUTTON',
  'ID_READER',
  'QR_READER',
  'QUERY_PARAM_READER',
  'ALPHA_PRINT_BUTTON',
  'ALPHA_HIDDEN',
  'DATA',
  'SEARCH',
  'IMAGE_VIEW',
  'CUSTOM',
]

interface ViewedPage {
  page: FormPage
  fields: FieldConfig[]
}

/** The pages that are shown, each with the fields that ask something and are shown. */
export function viewedPages(
  config: EventConfig,
  declaration: Answers,
  around: Omit<ConditionData, '$form'>,
): ViewedPage[] {
  const data: ConditionData = { ...around, $form: declaration }
  return config.declaration.pages
    .filter((page) => isPageShown(page as unknown as Page, data))
    .map((page) => ({ page, fields: page.fields.filter((field) => isViewed(field, data)) }))
    .filter(({ fields }) => fields.length > 0)
}

/** Whether a field asks something: others have answers of programs at most. */
export const asks = ({ type }: FieldConfig): boolean => !SAYS_ONLY.includes(type)

/** Whether a field asks something, and is shown with these answers on a review. */
const isViewed = (field: FieldConfig, data: ConditionData): boolean =>
  asks(field) && isOnReview(field as unknown as Field, data)
