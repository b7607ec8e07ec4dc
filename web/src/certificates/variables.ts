// What a template is filled in with: a record's answers, dates, places and people in words.
import type { Action, EventDocument } from '../api/client'
import type { EventConfig, FieldConfig } from '../configuration/types'
import { completeAnnotation } from '../records/accepted'
import { annotationFields } from '../records/annotationFields'
import { answerText, countryText, nameText, type Words } from '../records/answerText'
import type { Answers, EventState, LegalStep } from '../records/eventState'
import { isObject } from '../records/layers'
import type { Somebody } from '../records/people'
import { declarationFields } from '../records/recordTitle'
import type { CertificateData } from './helpers'

export interface Around {
  words: Words
  person: (id: string | undefined) => Somebody | undefined
  /** Ids of a place and all areas above it, the uppermost first. */
  hierarchy: (place: string) => string[]
  /** What the country calls its levels of areas, the uppermost first: `province`, `district`. */
  levels: readonly string[]
  /** The country's own code. */
  country: string
  /** The templates that were printed of this record before, this one too. */
  templateId: string
}

/** The names of areas, the uppermost first, by the levels that they are of. A level without one is not there at all. */
const byLevel = (areas: readonly string[], { words, levels }: Around): Answers =>
  Object.fromEntries(
    levels.slice(0, areas.length).map((level, at) => [level, words.place(areas[at] ?? '') ?? '']),
  )

/** A place as templates take it apart: its own name, those of the areas around it, and the country's. */
function placeVariables(id: unknown, around: Around): Answers {
  const { words, hierarchy, country } = around
  const known = typeof id === 'string' && id !== ''
  const areas = known ? hierarchy(id).slice(0, -1) : []
  const names = known ? words.placePath(id) : []
  const countryName = country ? countryText(country, words) : ''
  return {
    name: known ? (words.place(id) ?? '') : '',
    ...byLevel(areas, around),
    country: known ? countryName : '',
    administrativeHierarchy: [...names, known ? countryName : ''].filter(Boolean).join(', '),
  }
}

function addressVariables(address: Answers, around: Around): Answers {
  const country = countryText(address.country, around.words)
  const area = typeof address.administrativeArea === 'string' ? address.administrativeArea : undefined
  const names = area ? around.words.placePath(area) : []
  return {
    ...byLevel(area ? around.hierarchy(area) : [], around),
    country,
    addressType: address.addressType ?? '',
    administrativeHierarchy: [...names, country].filter(Boolean).join(', '),
    streetLevelDetails: address.streetLevelDetails ?? {},
  }
}

/** An answer as a template can use it: text, or an object of texts where it has parts. */
function variable(field: FieldConfig, value: unknown, around: Around): unknown {
  switch (field.type) {
    case 'NAME':
      return isObject(value) ? { ...value, fullname: nameText(value, field.configuration?.order) } : ''
    case 'ADDRESS':
      return isObject(value) ? addressVariables(value, around) : ''
    case 'LOCATION':
    case 'FACILITY':
    case 'OFFICE':
    case 'ADMINISTRATIVE_AREA':
      return placeVariables(value, around)
    case 'FILE':
    case 'SIGNATURE':
      return isObject(value) ? (value.path ?? '') : value
    case 'FILE_WITH_OPTIONS':
      return Array.isArray(value)
        ? Object.fromEntries(value.filter(isObject).map(({ option, path }) => [String(option), path]))
        : ''
    // What stands around it on the screen, a unit say, stands in the template itself.
    case 'AGE':
      return isObject(value) ? String(value.age ?? '') : String(value)
    case 'TEXT':
    case 'TEXTAREA':
    case 'NUMBER':
      return String(value)
    // Templates compare it with "true".
    case 'CHECKBOX':
      return value === true ? 'true' : ''
    // What a system outside has answered, in its own parts.
    case 'HTTP':
      return value
    default:
      return answerText(field, value, around.words)
  }
}

/** What was answered, and nothing else: a template asks for `undefined` to know what was not. */
function variables(fields: FieldConfig[], answers: Answers, around: Around): Answers {
  const given = Object.entries(answers).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(
    given.flatMap(([id, value]) => {
      const field = fieldOf(fields, id, value)
      return field ? [[id, variable(field, value, around)]] : []
    }),
  )
}

/** Of fields with one id, which are for different cases, the one that knows the answer. */
function fieldOf(fields: FieldConfig[], id: string, value: unknown): FieldConfig | undefined {
  const all = fields.filter((field) => field.id === id)
  return all.find(({ options }) => options?.some((option) => option.value === value)) ?? all[0]
}

const personVariables = (id: string | undefined, { person }: Around): Answers => {
  const name = person(id)?.name ?? ''
  return { name, fullHonorificName: person(id)?.honorific ?? name }
}

/** The signature under a step: the one written down with it, or the person's own. */
function signatureOf(
  event: EventDocument,
  type: 'DECLARE' | 'REGISTER',
  step: LegalStep,
  around: Around,
): string {
  const signed = event.actions.findLast((action) => action.type === type && action.createdBySignature)
  return signed?.createdBySignature ?? around.person(step.createdBy)?.signature ?? ''
}

function stepVariables(
  event: EventDocument,
  type: 'DECLARE' | 'REGISTER',
  step: LegalStep | undefined,
  around: Around,
): Answers | null {
  if (!step) return null
  return {
    createdAt: around.words.date(step.createdAt),
    acceptedAt: around.words.date(step.acceptedAt),
    createdBy: personVariables(step.createdBy, around),
    createdAtLocation: placeVariables(step.createdAtLocation, around),
    createdByRole: step.createdByRole ?? '',
    createdBySignature: signatureOf(event, type, step, around),
    registrationNumber: step.registrationNumber ?? '',
  }
}

function metadataVariables(event: EventDocument, state: EventState, copies: number, around: Around): Answers {
  const { words } = around
  return {
    id: state.id,
    type: state.type,
    status: state.status,
    trackingId: state.trackingId,
    dateOfEvent: state.dateOfEvent ? words.date(state.dateOfEvent) : '',
    createdAt: words.date(state.createdAt),
    updatedAt: words.date(state.updatedAt),
    // The printing is the record's last action.
    modifiedAt: words.date(event.actions.at(-1)?.createdAt ?? state.updatedAt),
    createdBy: personVariables(state.createdBy, around),
    updatedBy: personVariables(state.updatedBy, around),
    assignedTo: personVariables(state.assignedTo, around),
    createdAtLocation: placeVariables(state.createdAtLocation, around),
    updatedAtLocation: placeVariables(state.updatedAtLocation, around),
    updatedByUserRole: state.updatedByUserRole ?? '',
    flags: [],
    legalStatuses: {
      DECLARED: stepVariables(event, 'DECLARE', state.legalStatuses.DECLARED, around),
      REGISTERED: stepVariables(event, 'REGISTER', state.legalStatuses.REGISTERED, around),
    },
    copiesPrintedForTemplate: copies,
  }
}

function actionVariables(event: EventDocument, action: Action, config: EventConfig, around: Around): Answers {
  const fields = annotationFields(config, action.type, action.customActionType)
  return {
    id: action.id,
    type: action.type,
    createdAt: around.words.date(action.createdAt),
    createdBy: personVariables(action.createdBy, around),
    createdByUserType: action.createdByUserType,
    createdByRole: action.createdByRole ?? '',
    createdBySignature: action.createdBySignature ?? around.person(action.createdBy)?.signature ?? '',
    createdAtLocation: placeVariables(action.createdAtLocation, around),
    annotation: variables(fields, completeAnnotation(event, action), around),
  }
}

/** All that a template's helpers look things up in. `event` has the printing itself as its last action. */
export function certificateData(
  event: EventDocument,
  state: EventState,
  config: EventConfig,
  around: Around,
): CertificateData {
  const accepted = event.actions.filter(({ status }) => status === 'Accepted')
  const copies = accepted.filter(
    ({ type, content }) => type === 'PRINT_CERTIFICATE' && content?.templateId === around.templateId,
  ).length
  const { declaration: $declaration, ...$metadata } = state
  const resolved = new Map<object, Record<string, unknown>>()
  resolved.set($declaration, variables(declarationFields(config), $declaration, around))
  resolved.set($metadata, metadataVariables(event, state, copies, around))
  for (const action of accepted) resolved.set(action, actionVariables(event, action, config, around))
  return { $declaration, $metadata, $actions: accepted, resolved }
}
