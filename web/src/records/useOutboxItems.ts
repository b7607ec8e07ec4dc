import { useMemo } from 'react'
import type { OutboxItem } from '../outbox/item'
import { useOutbox } from '../outbox/OutboxProvider'
import { needsPerson } from '../outbox/view'

/** What of this record is still in the outbox or wants a person, the first to go first. */
export function useOutboxItems(recordId: string): OutboxItem[] {
  const { items } = useOutbox()
  return useMemo(() => {
    const ofRecord = (item: OutboxItem) => item.recordId === recordId || item.eventId === recordId
    const open = (item: OutboxItem) => item.leftAt === undefined || needsPerson(item)
    return (items ?? []).filter((item) => ofRecord(item) && open(item))
  }, [items, recordId])
}
