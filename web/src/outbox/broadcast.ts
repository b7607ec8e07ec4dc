import type { Channel, Message } from './outbox'

/** To the other tabs of the same person; nobody else's outbox hears it. */
export function broadcast(userId: string): Channel & { close(): void } {
  const channel = new BroadcastChannel(`countersign.outbox.${userId}`)
  return {
    post: (message) => channel.postMessage(message),
    listen: (heard) => {
      const listener = (event: MessageEvent<Message>) => heard(event.data)
      channel.addEventListener('message', listener)
      return () => channel.removeEventListener('message', listener)
    },
    close: () => channel.close(),
  }
}
