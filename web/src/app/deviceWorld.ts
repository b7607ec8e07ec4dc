import type { World } from '../device/world'

/** The device's own clock, chance and network. */
export const deviceWorld: World = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  wait: (milliseconds, signal) =>
    new Promise((done) => {
      if (signal.aborted) return done()
      const over = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', over)
        done()
      }
      const timer = setTimeout(over, milliseconds)
      signal.addEventListener('abort', over)
    }),
  random: () => Math.random(),
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  newId: () => crypto.randomUUID(),
  send: (...request) => fetch(...request),
}
