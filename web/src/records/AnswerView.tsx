import type { FieldConfig } from '../configuration/types'
import { addressLines, answerText } from './answerText'
import type { Answers } from './eventState'
import { type FileAnswer, filesOf } from './filesOf'
import { isObject } from './layers'
import { RecordFile } from './RecordFile'
import styles from './RecordPage.module.css'
import { templateValues } from './templateValues'
import { useWords } from './useWords'

interface AnswerViewProps {
  field: FieldConfig
  value: unknown
  /** The answers it is one of: what can be chosen may be named by another answer. */
  among?: Answers
}

/** An answer as people read it; pictures as pictures. */
export function AnswerView({ field, value, among }: AnswerViewProps) {
  const words = useWords()
  const files: FileAnswer[] = filesOf(field, value, words)
  if (files.length > 0)
    return (
      <div className={styles.files}>
        {files.map((file) => (
          <RecordFile key={file.path} file={file} />
        ))}
      </div>
    )
  if (field.type === 'ADDRESS' && isObject(value))
    return addressLines(value, words, field).map((line, at) => (
      // Two lines of an address may be the same.
      <div key={at}>{line}</div>
    ))
  const values = among && templateValues([], among, words)
  const text = answerText(field, value, words, values)
  return text === '' ? <span className={styles.empty}>{words.t('records.none')}</span> : text
}
