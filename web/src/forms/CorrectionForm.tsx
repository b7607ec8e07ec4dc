// Asking for a correction: what is to change, then who asks and why, then sent.
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { FieldConfig, FormPage } from '../configuration/types'
import { Button } from '../design/Button'
import { Confirm } from '../design/Dialog'
import { Notice } from '../design/Notice'
import { useCountryText, useText } from '../language/Language'
import { mayTake, reachOf } from '../records/access'
import { usePlaces } from '../records/places'
import { recordTitle } from '../records/recordTitle'
import { actionRules } from '../records/rules'
import { useAsker } from '../records/useConditions'
import { useWords } from '../records/useWords'
import styles from './Form.module.css'
import { FormPageView } from './FormPageView'
import { correctionSubmissions } from './filling/submissions'
import { updateFrom } from './filling/update'
import { byField, ProblemList } from './ProblemList'
import { RecordFormFrame } from './RecordFormFrame'
import { ReviewAnswers } from './ReviewAnswers'
import { useFormModel } from './useFormModel'
import type { FormRecord } from './useFormRecord'
import { useRecordForm } from './useRecordForm'

const CHANGES = 'changes'
const SUMMARY = 'summary'
const NO_PAGES: FormPage[] = []
const isLocked = (field: FieldConfig): boolean => field.uncorrectable === true

export function CorrectionForm(opened: FormRecord) {
  const { event, state } = opened
  const t = useText()
  const tc = useCountryText()
  const words = useWords()
  const places = usePlaces()
  const asker = useAsker()
  const [, go] = useLocation()
  const form = useRecordForm(opened, opened.draft)
  const { kept, draft, record, fields, declaration, sending, here } = form
  const before = state?.declaration ?? {}
  const action = actionRules(event, 'REQUEST_CORRECTION')
  const annotation = useFormModel({
    pages: action?.correctionForm?.pages ?? NO_PAGES,
    answers: draft.annotation,
    onAnswers: kept.onAnnotation,
    base: declaration.clean,
    record,
  })
  const steps = [
    { id: CHANGES, label: t('forms.changes') },
    ...annotation.pages.map((page) => ({ id: page.id, label: tc(page.title) })),
    { id: SUMMARY, label: t('forms.review') },
  ]
  // The declaration's own pages are gone to from its answers, and left to them again.
  const changing = declaration.pages.find(({ id }) => `${CHANGES}.${id}` === here)
  const step = changing ? CHANGES : (steps.find(({ id }) => id === here)?.id ?? CHANGES)
  const at = steps.findIndex(({ id }) => id === step)
  const asking = annotation.pages.find(({ id }) => id === step)
  const title = recordTitle(event, before, words) || tc(event.label)
  const home = `/records/${draft.recordId}`
  const to = form.to(title)
  const next = () => to(steps[at + 1]?.id ?? SUMMARY)
  const back = at > 0 ? () => to(steps[at - 1]?.id ?? CHANGES) : undefined

  const update = updateFrom(before, declaration.clean)
  const touched = Object.keys(update)
  const wrong = declaration.pages.flatMap((page) => declaration.problems(page))
  const missing = annotation.pages.flatMap((page) => annotation.problems(page))
  const isOff = touched.length === 0 || wrong.length > 0 || missing.length > 0
  const changedPages = declaration.pages.map((page) => ({
    ...page,
    fields: page.fields.filter(({ id }) => touched.includes(id)),
  }))
  const [confirming, setConfirming] = useState(false)
  const mayCorrect =
    state !== undefined &&
    mayTake('APPROVE_CORRECTION', asker.scopes, asker.person, reachOf(state, places.hierarchy))
  const send = async (atOnce: boolean) => {
    setConfirming(false)
    const asked = {
      recordId: draft.recordId,
      eventType: event.id,
      title,
      draftId: draft.id,
      update,
      annotation: annotation.clean,
    }
    if (await sending.send(correctionSubmissions(asked, atOnce))) go(home, { replace: true })
  }
  return (
    <RecordFormFrame
      form={form}
      title={title}
      subtitle={t('forms.correction')}
      steps={steps}
      current={step}
      home={home}
      draftTitle={title}
    >
      {changing ? (
        <FormPageView
          key={changing.id}
          page={changing}
          problems={declaration.problems(changing)}
          data={declaration.data}
          answers={draft.declaration}
          change={declaration.change}
          event={event}
          fields={fields}
          locked={isLocked}
          sayAll
          nextLabel={t('forms.backToChanges')}
          onNext={() => to(CHANGES)}
        />
      ) : asking ? (
        <FormPageView
          key={asking.id}
          page={asking}
          problems={annotation.problems(asking)}
          data={annotation.data}
          answers={draft.annotation}
          change={annotation.change}
          event={event}
          fields={[...annotation.pages.flatMap((page) => page.fields), ...fields]}
          onBack={back}
          onNext={next}
        />
      ) : (
        <>
          {step === CHANGES ? <Notice>{t('forms.changesAdvice')}</Notice> : null}
          <ReviewAnswers
            pages={step === CHANGES ? declaration.pages : changedPages}
            data={declaration.data}
            problems={wrong}
            before={before}
            locked={isLocked}
            onChange={(page, field) => to(`${CHANGES}.${page}`, field)}
          />
          {step === SUMMARY ? (
            <ReviewAnswers
              pages={annotation.pages}
              data={annotation.data}
              problems={missing}
              onChange={(page, field) => to(page, field)}
            />
          ) : null}
          {wrong.length > 0 ? (
            <Notice tone="warn" title={t('forms.stillWrong', { count: byField(wrong).length })}>
              <ProblemList
                problems={wrong}
                fields={fields}
                pages={event.declaration.pages}
                onGo={(field) => {
                  const page = declaration.pages.find((one) => one.fields.some(({ id }) => id === field))
                  to(`${CHANGES}.${page?.id}`, field)
                }}
              />
            </Notice>
          ) : null}
          {touched.length === 0 ? <Notice>{t('forms.nothingChanged')}</Notice> : null}
          <div className={styles.footer} data-print="no">
            <div>
              {back ? (
                <Button kind="secondary" onPress={back}>
                  {t('forms.previous')}
                </Button>
              ) : null}
            </div>
            {step === SUMMARY ? (
              <div>
                {mayCorrect ? (
                  <Button busy={sending.busy} isDisabled={isOff} onPress={() => setConfirming(true)}>
                    {t('forms.correctNow')}
                  </Button>
                ) : null}
                <Button
                  kind={mayCorrect ? 'secondary' : 'primary'}
                  busy={sending.busy}
                  isDisabled={isOff}
                  onPress={() => void send(false)}
                >
                  {t('forms.sendCorrection')}
                </Button>
              </div>
            ) : (
              <Button isDisabled={touched.length === 0 || wrong.length > 0} onPress={next}>
                {t('forms.continue')}
              </Button>
            )}
          </div>
          <Confirm
            open={confirming}
            onClose={() => setConfirming(false)}
            title={t('forms.correctNow')}
            action={t('forms.correctNow')}
            onConfirm={() => void send(true)}
          >
            <p>{t('forms.correctNowAdvice', { count: touched.length })}</p>
          </Confirm>
        </>
      )}
    </RecordFormFrame>
  )
}
