/** What somebody has filled in so far, kept at every change. */
export interface LocalDraft {
  /** The record and action it is for: `<recordId>/<action>`. */
  id: string
  recordId: string
  /** Not in Core yet: the record begins with this. */
  isNew: boolean
  eventType: string
  action: string
  customActionType?: string
  declaration: Record<string, unknown>
  annotation: Record<string, unknown>
  /** Where the person was. */
  page?: string
  title: string
  changedAt: number
  /** It was handed in and taken back, and Core may have begun the record meanwhile. */
  begun?: true
}
