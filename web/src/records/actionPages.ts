import type { OfferedAction } from './offered'

/** Actions that have a page of their own, below the record's. */
export const PAGES: Partial<Record<OfferedAction['type'], string>> = {
  DECLARE: 'declare',
  NOTIFY: 'declare',
  EDIT: 'edit',
  REQUEST_CORRECTION: 'correct',
  PRINT_CERTIFICATE: 'print',
  MARK_AS_DUPLICATE: 'duplicates',
}
