// The pictures and documents among answers.
import type { FieldConfig } from '../configuration/types'
import type { Words } from './answerText'
import type { Answers } from './eventState'
import { isObject } from './layers'

export interface FileAnswer {
  field: string
  path: string
  /** What it shows, such as `Proof of birth: Front`. */
  label: string
  name: string
  type: string
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The files in the answer to one field. */
export function filesOf(field: FieldConfig, value: unknown, words: Words): FileAnswer[] {
  const label = words.tc(field.label)
  const one = (file: unknown, of = label): FileAnswer[] =>
    isObject(file) && text(file.path) !== ''
      ? [
          {
            field: field.id,
            path: text(file.path),
            label: of,
            name: text(file.originalFilename),
            type: text(file.type),
          },
        ]
      : []
  switch (field.type) {
    case 'FILE':
    case 'SIGNATURE':
      // A signature may be a path alone.
      return typeof value === 'string' && value !== ''
        ? [{ field: field.id, path: value, label, name: '', type: 'image/png' }]
        : one(value)
    case 'FILE_WITH_OPTIONS':
      return (Array.isArray(value) ? value : []).flatMap((file) => {
        const option = isObject(file) ? field.options?.find((each) => each.value === file.option) : undefined
        return one(file, option ? `${label}: ${words.tc(option.label)}` : label)
      })
    default:
      return []
  }
}

/** All files among these answers, in the order of the fields. */
export const filesAmong = (fields: FieldConfig[], answers: Answers, words: Words): FileAnswer[] =>
  fields.flatMap((field) => filesOf(field, answers[field.id], words))
