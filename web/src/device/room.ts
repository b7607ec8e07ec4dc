// How much room the device has left for what is kept here.

/** Less than this, and the next pictures may not find a place. */
const SCARCE = 50 * 1024 * 1024

export interface Room {
  /** Bytes, as far as the browser tells. */
  free: number
  scarce: boolean
}

/** Undefined where the browser does not say. */
export async function room(
  storage: Pick<StorageManager, 'estimate'> | undefined = globalThis.navigator?.storage,
): Promise<Room | undefined> {
  try {
    const { quota, usage } = (await storage?.estimate?.()) ?? {}
    if (quota === undefined || usage === undefined) return undefined
    const free = Math.max(0, quota - usage)
    return { free, scarce: free < SCARCE }
  } catch {
    return undefined
  }
}
