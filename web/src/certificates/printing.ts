// A certificate that is being printed: all of it as it was when the person began, though the record moves on.
import type { Action, EventDocument } from '../api/client'
import type { World } from '../device/world'
import type { Person } from '../records/access'
import type { Answers, EventState } from '../records/eventState'
import type { Certificate } from './certificate'

export interface Printing {
  certificate: Certificate
  /** Who collects it, and what else was asked. */
  annotation: Answers
  /** The record as it will be once this is printed: templates look up who prints it, when and where. */
  event: EventDocument
  state: EventState
}

export function printingOf(
  certificate: Certificate,
  annotation: Answers,
  { document, state }: { document: EventDocument; state: EventState },
  person: Person,
  { newId, now }: World,
): Printing {
  const createdAt = new Date(now()).toISOString()
  const printing: Action = {
    id: newId(),
    transactionId: '',
    type: 'PRINT_CERTIFICATE',
    status: 'Accepted',
    createdAt,
    createdBy: person.id,
    createdByUserType: 'user',
    ...(person.role ? { createdByRole: person.role } : {}),
    ...(person.primaryOfficeId ? { createdAtLocation: person.primaryOfficeId } : {}),
    declaration: {},
    annotation,
    content: { templateId: certificate.id },
  }
  return {
    certificate,
    annotation,
    event: { ...document, actions: [...document.actions, printing] },
    state: {
      ...state,
      updatedAt: createdAt,
      updatedBy: person.id,
      updatedByUserRole: person.role,
      updatedAtLocation: person.primaryOfficeId,
    },
  }
}
