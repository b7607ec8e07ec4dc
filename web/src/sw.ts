/// <reference lib="webworker" />
// Serves the desk without a network. It keeps the application alone: records and documents are kept by the
// desk itself, in IndexedDB, apart for each person.
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'

declare const self: ServiceWorkerGlobalScope & { deskConnections: unknown }

// The page is kept with the headers that it came with, which say whom it may ask. When an operator changes
// that, what is imported here changes: browsers take this for another version, and the page is another one,
// too, though its bytes are the same.
importScripts('/desk/connections.js')
const connections = JSON.stringify(self.deskConnections)
const kept = self.__WB_MANIFEST.map((entry) =>
  typeof entry !== 'string' && entry.url === 'index.html'
    ? { ...entry, revision: `${entry.revision} ${connections}` }
    : entry,
)
precacheAndRoute(kept)
cleanupOutdatedCaches()
registerRoute(new NavigationRoute(createHandlerBoundToURL('/desk/index.html'), { allowlist: [/^\/desk\//] }))

self.addEventListener('message', (event) => {
  if ((event.data as { type?: string } | null)?.type === 'take-over') void self.skipWaiting()
})
// The first visit is already served offline: the page must not have to be opened twice.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
