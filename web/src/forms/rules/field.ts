// What the rules read of a form's configuration. The country's documents have more (labels, icons);
// that is for the screen.
import type { Conditional } from '../../records/rules'

export type Answers = Record<string, unknown>

/** A text that the country translates: the id looks it up, the default stands in for it. */
export interface Message {
  id: string
  defaultMessage: string
}

export interface FieldConditional {
  type: string
  conditional: Conditional
}

/** One field of a form: what it asks for, when it is shown, and what an answer must satisfy. */
export interface Field {
  id: string
  type: string
  required?: boolean | { message: Message }
  uncorrectable?: boolean
  conditionals?: FieldConditional[]
  /** The country's own rules on top of what the type asks for. */
  validation?: { validator: Conditional; message: Message }[]
  configuration?: Record<string, unknown>
  /** Of a FIELD_GROUP. */
  fields?: Field[]
}

export interface Page {
  id: string
  type?: string
  conditional?: Conditional | null
  fields: Field[]
}

/** Something about an answer that will not do. */
export interface Problem {
  /** The field's id; with the path inside its value where only a part is refused. */
  field: string
  message: Message
}

export const isRequired = (field: Field): boolean => field.required !== undefined && field.required !== false

/** The object's own member: `constructor` is no answer. */
export const memberOf = (object: Readonly<Record<string, unknown>> | undefined, key: string): unknown =>
  object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined
