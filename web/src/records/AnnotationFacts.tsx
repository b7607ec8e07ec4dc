import { Facts } from '../design/Page'
import { useCountryText } from '../language/Language'
import { AnswerView } from './AnswerView'
import { annotationFields, answeredFields } from './annotationFields'
import type { Answers } from './eventState'
import { useOpenRecord } from './RecordContext'

/** What an action's own form was answered with: who collects a certificate, why a record is escalated. */
export function AnnotationFacts(props: { type: string; custom?: string | undefined; annotation: Answers }) {
  const tc = useCountryText()
  const { config, data, asker } = useOpenRecord()
  const among = { ...data.$form, ...props.annotation }
  const fields = answeredFields(
    annotationFields(config, props.type, props.custom),
    props.annotation,
    { ...data, $form: among },
    asker.isMet,
  )
  if (fields.length === 0) return null
  return (
    <Facts
      facts={fields.map((field) => ({
        key: field.id,
        name: tc(field.label),
        value: <AnswerView field={field} value={props.annotation[field.id]} among={among} />,
      }))}
    />
  )
}
