import { useSyncExternalStore } from 'react'

function subscribe(listener: () => void): () => void {
  window.addEventListener('online', listener)
  window.addEventListener('offline', listener)
  return () => {
    window.removeEventListener('online', listener)
    window.removeEventListener('offline', listener)
  }
}

/** What the device believes. It may be wrong in both directions: only a hint for people, never a reason not to try. */
export const useOnline = (): boolean => useSyncExternalStore(subscribe, () => navigator.onLine)
