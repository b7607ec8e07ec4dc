import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useCallback } from 'react'
import { LiveProvider, useLive } from '../api/Live'
import type { StreamEvent } from '../api/stream'

/** Draws queues, their counts and open records again when Core tells that something moved. */
export function LiveQueues({ children }: { children: ReactNode }) {
  return (
    <LiveProvider>
      <Refresh />
      {children}
    </LiveProvider>
  )
}

function Refresh() {
  const client = useQueryClient()
  const heard = useCallback(
    ({ event }: StreamEvent) => {
      if (event !== 'workqueues' && event !== 'resync') return
      void client.invalidateQueries({ queryKey: ['workqueues'] })
      void client.invalidateQueries({ queryKey: ['record'] })
    },
    [client],
  )
  useLive(heard)
  return null
}
