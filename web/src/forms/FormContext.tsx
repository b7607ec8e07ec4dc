// What the fields of a form know of the form they stand in.
import { createContext, useContext } from 'react'
import type { EventConfig, FieldConfig } from '../configuration/types'
import type { ConditionData } from '../records/rules'
import type { Answers } from './rules/field'

export interface FormAround {
  /** What conditionals look at: the answers without what is not asked, laid over the record's. */
  data: ConditionData
  /** What is filled in here, as it is. */
  answers: Answers
  change: (id: string, value: unknown) => void
  event: EventConfig
  /** Fields that answers shown here belong to: this form's, then the declaration's. */
  fields: readonly FieldConfig[]
}

const Context = createContext<FormAround | undefined>(undefined)
export const FormProvider = Context.Provider

export function useForm(): FormAround {
  const form = useContext(Context)
  if (!form) throw new Error('This field stands outside of a form')
  return form
}
