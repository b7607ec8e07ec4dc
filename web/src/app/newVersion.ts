// A new version waits until the person takes it: a page is never replaced under their hands.
import { useSyncExternalStore } from 'react'

let waiting: ServiceWorker | undefined
const listeners = new Set<() => void>()

function found(worker: ServiceWorker): void {
  waiting = worker
  for (const listener of listeners) listener()
}

/** Installs the part that serves the desk without a network, and looks for newer versions now and then. */
export async function installOffline(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  const registration = await navigator.serviceWorker.register('/desk/sw.js', { scope: '/desk/' })
  if (registration.waiting && navigator.serviceWorker.controller) found(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const installing = registration.installing
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'installed' && navigator.serviceWorker.controller) found(installing)
    })
  })
  // A new version takes over when it was asked to; every tab then has to run it.
  let reloading = false
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (!waiting || reloading) return
    reloading = true
    location.reload()
  })
  const look = () => void registration.update().catch(() => undefined)
  setInterval(look, 30 * 60_000)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') look()
  })
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** A function that takes the new version, when there is one. */
export function useNewVersion(): (() => void) | undefined {
  const worker = useSyncExternalStore(subscribe, () => waiting)
  return worker ? () => worker.postMessage({ type: 'take-over' }) : undefined
}
