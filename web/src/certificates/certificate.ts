// The certificates of the country, and which of them somebody may print of a record.
import type { FieldConditional } from '../configuration/types'
import type { MessageDescriptor } from '../language/messages'
import { type Person, type RecordReach, reaches } from '../records/access'
import type { ConditionData, IsMet } from '../records/rules'
import type { Scope } from '../records/scope'

type FontStyles = Record<string, string>

export interface Certificate {
  id: string
  event: string
  label: MessageDescriptor
  isDefault?: boolean
  fee?: { onTime?: number; late?: number; delayed?: number }
  svgUrl: string
  /** By family, then by style: `normal`, `bold`, `italics`, `bolditalics`. */
  fonts?: Record<string, FontStyles>
  conditionals?: FieldConditional[]
}

/** Those of the record's event that its state allows and the person's scopes offer, the usual one first. */
export function offeredCertificates(
  all: readonly Certificate[],
  data: ConditionData,
  reach: RecordReach,
  scopes: readonly Scope[],
  person: Person,
  isMet: IsMet,
): Certificate[] {
  const granted = scopes.filter(
    (scope) => scope.type === 'record.print-certified-copies' && reaches(scope, person, reach),
  )
  const mayPrint = (id: string) => granted.some(({ options }) => options?.templates?.includes(id) ?? true)
  return all
    .filter(({ id, event }) => event === reach.type && mayPrint(id))
    .filter(({ conditionals = [] }) =>
      conditionals.filter(({ type }) => type === 'SHOW').every(({ conditional }) => isMet(conditional, data)),
    )
    .sort((a, b) => Number(b.isDefault ?? false) - Number(a.isDefault ?? false))
}
