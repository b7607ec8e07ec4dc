// Declaring an event, or editing what was declared: page by page, then everything once more, then sent.
import { useMemo, useState } from 'react'
import { useLocation } from 'wouter'
import type { FieldConfig, FormPage } from '../configuration/types'
import { useCountryText, useText } from '../language/Language'
import { usePlaces } from '../records/places'
import { recordTitle } from '../records/recordTitle'
import { actionRules } from '../records/rules'
import { useAsker } from '../records/useConditions'
import { useWords } from '../records/useWords'
import { WhyNotice } from '../records/WhyNotice'
import { FormPageView } from './FormPageView'
import { withDefaults } from './filling/defaults'
import { declarationSubmissions, type Sending } from './filling/submissions'
import { RecordFormFrame } from './RecordFormFrame'
import { ReviewAnswers } from './ReviewAnswers'
import { ReviewEnd } from './ReviewEnd'
import { openSendings } from './sendings'
import type { OpenDraft } from './useDraft'
import { useDefaultSources, useFormModel } from './useFormModel'
import type { FormRecord } from './useFormRecord'
import { useRecordForm } from './useRecordForm'

const REVIEW = 'review'
const NO_FIELDS: FieldConfig[] = []

export function DeclarationForm(opened: FormRecord) {
  const { event, state, document } = opened
  const t = useText()
  const tc = useCountryText()
  const words = useWords()
  const places = usePlaces()
  const asker = useAsker()
  const sources = useDefaultSources()
  const [, go] = useLocation()

  const reviewFields = actionRules(event, 'DECLARE')?.review?.fields ?? NO_FIELDS
  const [initial] = useState(() => {
    const { draft } = opened
    const asked = event.declaration.pages.flatMap((page) => page.fields)
    return draft.isNew ? { ...draft, declaration: withDefaults(asked, draft.declaration, sources) } : draft
  })
  const form = useRecordForm(opened, initial)
  const { kept, draft, record, fields, declaration: model, sending, here } = form
  const annotation = useAnnotation(kept, reviewFields, model.clean, record)

  const title = recordTitle(event, model.clean, words)
  const pages = model.pages
  const steps = [
    ...pages.map((page) => ({ id: page.id, label: tc(page.title) })),
    { id: REVIEW, label: t('forms.review') },
  ]
  const step = (steps.find(({ id }) => id === here) ?? steps[0])?.id ?? REVIEW
  const at = steps.findIndex(({ id }) => id === step)
  const page = pages.find(({ id }) => id === step)
  const to = form.to(title)
  const problems = step === REVIEW ? pages.flatMap((one) => model.problems(one)) : []
  const home = draft.isNew ? '/drafts' : `/records/${draft.recordId}`

  const send = async (how: Sending) => {
    const submissions = declarationSubmissions(
      {
        recordId: draft.recordId,
        isNew: draft.isNew,
        eventType: event.id,
        title: title || tc(event.label),
        draftId: draft.id,
        before: state?.declaration ?? {},
        answers: model.clean,
        annotation: annotation.clean,
        editing: draft.action === 'EDIT',
      },
      how,
    )
    if (await sending.send(submissions)) go(draft.isNew ? '/outbox' : home, { replace: true })
  }
  return (
    <RecordFormFrame
      form={form}
      title={title || tc(event.label)}
      subtitle={tc(event.label)}
      steps={steps}
      current={step}
      home={home}
      draftTitle={title}
    >
      {state && document ? <WhyNotice document={document} state={state} /> : null}
      {page ? (
        <FormPageView
          key={page.id}
          page={page}
          problems={model.problems(page)}
          data={model.data}
          answers={draft.declaration}
          change={model.change}
          event={event}
          fields={fields}
          sayAll={draft.page === REVIEW}
          onBack={at > 0 ? () => to(steps[at - 1]?.id ?? REVIEW) : undefined}
          onNext={() => to(steps[at + 1]?.id ?? REVIEW)}
        />
      ) : (
        <>
          <ReviewAnswers
            pages={pages}
            data={model.data}
            problems={problems}
            before={state && draft.action === 'EDIT' ? state.declaration : undefined}
            onChange={to}
          />
          <ReviewEnd
            event={event}
            draft={draft}
            annotation={annotation}
            fields={reviewFields}
            declarationFields={fields}
            problems={problems}
            sendings={openSendings(event, model.clean, asker, places.hierarchy, state)}
            busy={sending.busy}
            onGo={(field) =>
              to(pages.find((one) => one.fields.some(({ id }) => id === field))?.id ?? step, field)
            }
            onSend={(how) => void send(how)}
          />
        </>
      )}
    </RecordFormFrame>
  )
}

/** The fields of the review itself: they are about the action, and are answered over the declaration. */
function useAnnotation(
  kept: OpenDraft,
  fields: FieldConfig[],
  declaration: Record<string, unknown>,
  record: Parameters<typeof useFormModel>[0]['record'],
) {
  const pages = useMemo<FormPage[]>(() => [{ id: REVIEW, title: { id: 'review' }, fields }], [fields])
  return useFormModel({
    pages,
    answers: kept.draft.annotation,
    onAnswers: kept.onAnnotation,
    base: declaration,
    record,
  })
}
