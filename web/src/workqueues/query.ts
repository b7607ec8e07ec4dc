// What a workqueue asks Core for: its own query, and what a person narrows it down by.

/** What a person has chosen on a queue's page; kept in its address, so that it can be gone back to. */
export interface QueueChoice {
  text: string
  eventType: string
  sort: { field: string; descending: boolean } | undefined
  offset: number
}

export const PAGE_SIZE = 20

type Query = { type: 'and' | 'or'; clauses: Record<string, unknown>[] }

/** The queue's query, and all that narrows it down. Core fills in what it says of whoever asks. */
function queueQuery(
  own: Record<string, unknown>,
  { text, eventType }: Pick<QueueChoice, 'text' | 'eventType'>,
): Query {
  const clauses = [
    own,
    ...(text.trim() ? [{ text: text.trim() }] : []),
    ...(eventType ? [{ eventType }] : []),
  ]
  return { type: 'and', clauses }
}

/** The search that shows one page of a queue. */
export function queueSearch(own: Record<string, unknown>, choice: QueueChoice) {
  const { sort, offset } = choice
  return {
    query: queueQuery(own, choice),
    limit: PAGE_SIZE,
    offset,
    ...(sort
      ? { sort: [{ field: sort.field, direction: sort.descending ? ('desc' as const) : ('asc' as const) }] }
      : {}),
  }
}

/** Where a queue's last page begins; anywhere while it is not known how many records it has. */
export const lastOffset = (total: number | undefined): number =>
  total === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(0, Math.floor((total - 1) / PAGE_SIZE) * PAGE_SIZE)

export function choiceIn(address: URLSearchParams): QueueChoice {
  const [, direction, field] = /^(-?)([\w.]+)$/.exec(address.get('sort') ?? '') ?? []
  const offset = Number(address.get('from') ?? 0)
  return {
    text: address.get('q') ?? '',
    eventType: address.get('event') ?? '',
    sort: field ? { field, descending: direction === '-' } : undefined,
    offset: Number.isInteger(offset) && offset > 0 ? offset : 0,
  }
}

export function addressOf({ text, eventType, sort, offset }: QueueChoice): Record<string, string> {
  return {
    ...(text ? { q: text } : {}),
    ...(eventType ? { event: eventType } : {}),
    ...(sort ? { sort: `${sort.descending ? '-' : ''}${sort.field}` } : {}),
    ...(offset > 0 ? { from: String(offset) } : {}),
  }
}

/** Columns by which Core can sort: what a record's state has. A title is made of answers, each event's own. */
export const isSortable = (column: string): boolean => column !== 'title' && column !== 'outbox'
