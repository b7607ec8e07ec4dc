// The form of an action on a record: why it is printed, what a custom action asks.
import { useState } from 'react'
import type { EventConfig, FieldConfig, FormPage } from '../configuration/types'
import { useUnfinished } from '../session/useUnfinished'
import { FormPageView } from './FormPageView'
import { withDefaults } from './filling/defaults'
import type { Answers } from './rules/field'
import { type FormModelOptions, useDefaultSources, useFormModel } from './useFormModel'

interface ActionFormProps {
  /** Of its own among all forms that are open: of which action, on which record. */
  name: string
  event: EventConfig
  /** Pages, or the fields of the only one. */
  form: readonly FormPage[] | readonly FieldConfig[]
  declaration: Answers
  /** Of somebody who comes back to it. */
  initial?: Answers
  record?: FormModelOptions['record']
  /** On the last page's button. */
  action: string
  busy?: boolean
  /** Given the answers to what was asked, without any other. */
  onDone: (annotation: Answers) => void
  onBack?: () => void
}

export function ActionForm(props: ActionFormProps) {
  const { event, declaration, record, onDone, onBack } = props
  const [pages] = useState(() => pagesOf(props.form))
  const sources = useDefaultSources()
  const fields = pages.flatMap((page) => page.fields)
  const [answers, setAnswers] = useUnfinished<Answers>(`${props.name} answers`, () =>
    withDefaults(fields, props.initial ?? {}, sources),
  )
  const [at, setAt] = useUnfinished(`${props.name} page`, 0)
  const model = useFormModel({ pages, answers, onAnswers: setAnswers, base: declaration, record })
  const page = model.pages[Math.min(at, model.pages.length - 1)]
  if (!page) return null
  const isLast = at >= model.pages.length - 1
  const back = at > 0 ? () => setAt(at - 1) : onBack
  return (
    <FormPageView
      key={page.id}
      page={page}
      problems={model.problems(page)}
      data={model.data}
      answers={answers}
      change={model.change}
      event={event}
      fields={[...fields, ...event.declaration.pages.flatMap((one) => one.fields)]}
      onBack={back}
      busy={props.busy ?? false}
      {...(isLast ? { nextLabel: props.action } : {})}
      onNext={() => {
        if (isLast) onDone(model.clean)
        else setAt(at + 1)
      }}
    />
  )
}

const isPage = (one: FormPage | FieldConfig): one is FormPage =>
  Array.isArray((one as FormPage).fields) && !('label' in one)

function pagesOf(form: ActionFormProps['form']): FormPage[] {
  const parts = [...form] as (FormPage | FieldConfig)[]
  if (parts.every(isPage)) return parts
  const only = { id: 'form', title: { id: 'messages.emptyString', defaultMessage: '' } }
  return [{ ...only, requireCompletionToContinue: true, fields: parts as FieldConfig[] }]
}
