// What a field is called in the country's own words, for people who are told that its answer will not do.
import type { EventConfig, FieldConfig, FormPage } from '../configuration/types'
import type { MessageDescriptor } from '../language/messages'

/** The label of the field that a path such as `child.name` or `child.name.firstname` begins with. */
export function fieldLabel(event: EventConfig | undefined, path: string): MessageDescriptor | undefined {
  if (!event) return undefined
  const named = fieldsOf(event).filter(({ id }) => path === id || path.startsWith(`${id}.`))
  return named.sort((one, other) => other.id.length - one.id.length)[0]?.label
}

function fieldsOf(event: EventConfig): FieldConfig[] {
  const inPages = (pages: FormPage[] = []) => pages.flatMap((page) => page.fields)
  const ofActions = event.actions.flatMap(({ review, printForm, correctionForm, form }) => [
    ...(review?.fields ?? []),
    ...inPages(printForm?.pages),
    ...inPages(correctionForm?.pages),
    ...(Array.isArray(form) ? form : inPages(form?.pages)),
  ])
  return [...inPages(event.declaration.pages), ...ofActions]
}
