// What the desk reads of the country's configuration. Only what is named here is relied on; the rest is passed on as it is.
import type { MessageDescriptor } from '../language/messages'

/** A JSON Schema over `$form`, `$now`, `$user`, … (contract, "Conditionals"). */
export type Conditional = Record<string, unknown>

export interface FieldReference {
  $$field: string
  $$subfield: string[]
}

export interface FieldConditional {
  type: 'SHOW' | 'ENABLE' | 'DISPLAY_ON_REVIEW'
  conditional: Conditional
}

/** A field of a form. Each type has more of its own in `configuration` and beside it. */
export interface FieldConfig {
  id: string
  type: string
  label: MessageDescriptor
  helperText?: MessageDescriptor
  placeholder?: MessageDescriptor
  required?: boolean | { message: MessageDescriptor }
  hideLabel?: boolean
  secured?: boolean
  uncorrectable?: boolean
  parent?: FieldReference | FieldReference[]
  value?: FieldReference | FieldReference[]
  defaultValue?: unknown
  conditionals?: FieldConditional[]
  validation?: { validator: Conditional; message: MessageDescriptor }[]
  options?: { value: string; label: MessageDescriptor; conditionals?: FieldConditional[] }[]
  configuration?: Record<string, unknown>
  [more: string]: unknown
}

export interface FormPage {
  id: string
  type?: 'FORM' | 'VERIFICATION'
  title: MessageDescriptor
  requireCompletionToContinue?: boolean
  fields: FieldConfig[]
  conditional?: Conditional
  actions?: Record<string, { label: MessageDescriptor }>
}

export interface ActionConfig {
  type: string
  label: MessageDescriptor
  customActionType?: string
  icon?: string
  supportingCopy?: MessageDescriptor
  auditHistoryLabel?: MessageDescriptor
  dialogCopy?: Record<string, MessageDescriptor>
  conditionals?: FieldConditional[]
  flags?: { id: string; operation: 'add' | 'remove'; conditional?: Conditional }[]
  review?: { title: MessageDescriptor; fields: FieldConfig[] }
  printForm?: { label?: MessageDescriptor; pages: FormPage[] }
  correctionForm?: { label?: MessageDescriptor; pages: FormPage[] }
  form?: FieldConfig[] | { pages: FormPage[] }
  [more: string]: unknown
}

export interface EventConfig {
  id: string
  label: MessageDescriptor
  title: MessageDescriptor
  fallbackTitle?: MessageDescriptor
  summary: { fields: Record<string, unknown>[] }
  declaration: { label: MessageDescriptor; pages: FormPage[] }
  actions: ActionConfig[]
  actionOrder?: string[]
  advancedSearch?: Record<string, unknown>[]
  flags?: { id: string; label: MessageDescriptor; requiresAction?: boolean }[]
  dateOfEvent?: FieldReference
  placeOfEvent?: FieldReference
  [more: string]: unknown
}

export interface WorkqueueConfig {
  slug: string
  name: MessageDescriptor
  icon: string
  query: Record<string, unknown>
  action: { type: string }
  columns: { label: MessageDescriptor; value: { $event: string } }[]
  emptyMessage?: MessageDescriptor
}

export interface RoleConfig {
  id: string
  label: MessageDescriptor
  scopes: string[]
}

export interface AdministrativeArea {
  id: string
  name: string
  parentId?: string | null
  [more: string]: unknown
}

export interface Place {
  id: string
  name: string
  administrativeAreaId?: string | null
  locationType?: string | null
  [more: string]: unknown
}

export interface Configuration {
  events: EventConfig[]
  workqueues: WorkqueueConfig[]
  roles: RoleConfig[]
  areas: AdministrativeArea[]
  places: Place[]
  application: Record<string, unknown>
  /** When the oldest of these was last confirmed by Core. */
  confirmedAt: number
}
