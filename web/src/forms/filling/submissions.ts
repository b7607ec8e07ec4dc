// From a filled-in form to what the outbox is handed, in the order Core has to have it.
import type { NewSubmission } from '../../outbox/item'
import type { Answers } from '../rules/field'
import { updateFrom } from './update'

/** How a declaration is sent: incomplete, complete, or complete and registered in one go. */
export type Sending = 'NOTIFY' | 'DECLARE' | 'REGISTER'

interface FilledDeclaration {
  recordId: string
  isNew: boolean
  eventType: string
  title: string
  draftId: string
  /** What Core has of it. */
  before: Answers
  /** Without what is not asked. */
  answers: Answers
  annotation: Answers
  /** It was declared or notified before, and is edited. */
  editing: boolean
}

/** One action after the other: each but the last keeps the record in the person's hands for the next. */
export function declarationSubmissions(filled: FilledDeclaration, sending: Sending): NewSubmission[] {
  const { recordId, isNew, eventType, title, draftId, before, answers, annotation, editing } = filled
  const steps: NewSubmission['action'][] = [
    ...(editing ? (['EDIT'] as const) : []),
    ...(sending === 'REGISTER' ? (['DECLARE', 'REGISTER'] as const) : [sending]),
  ]
  const declaration = updateFrom(before, answers)
  return steps.map((action, at) => {
    const isFirst = at === 0
    const isLast = at === steps.length - 1
    return {
      recordId,
      isNew: isNew && isFirst,
      eventType,
      action,
      assign: true,
      title,
      body: {
        declaration: isFirst ? declaration : {},
        ...(action === 'EDIT' ? {} : { annotation }),
        ...(isLast ? {} : { keepAssignment: true }),
      },
      ...(isFirst ? { draftId } : {}),
    }
  })
}

/**
 * A correction is asked for, and somebody who may approves it, with before and after side by side; or
 * whoever may do both does so at once.
 */
export function correctionSubmissions(
  asked: {
    recordId: string
    eventType: string
    title: string
    draftId: string
    update: Answers
    annotation: Answers
  },
  atOnce: boolean,
): NewSubmission[] {
  const { update, annotation, draftId, ...about } = asked
  const request: NewSubmission = {
    ...about,
    draftId,
    isNew: false,
    action: 'REQUEST_CORRECTION',
    assign: true,
    body: { declaration: update, annotation, ...(atOnce && { keepAssignment: true }) },
  }
  // Which request it approves is known once Core has that: the outbox sees to it.
  const approval: NewSubmission = {
    ...about,
    isNew: false,
    action: 'APPROVE_CORRECTION',
    assign: true,
    body: { declaration: {}, annotation: {}, content: { immediateCorrection: true } },
  }
  return atOnce ? [request, approval] : [request]
}
