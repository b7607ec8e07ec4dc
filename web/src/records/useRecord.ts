import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../api/ApiContext'
import { NoAnswer, Refusal } from '../api/errors'
import { useWorld } from '../device/world'
import { useAccount } from '../session/SessionContext'
import type { DownloadedRecord } from './downloaded'
import { usePersonalDatabase } from './personal'
import { download } from './store'

/** A record, and whether the device gave it because Core did not answer. */
export interface ReadRecord extends DownloadedRecord {
  fromDevice: boolean
}

/** Reads a record: from Core, which refreshes the copy on the device, or that copy. */
export function useRecord(id: string, { enabled = true } = {}) {
  const api = useApi()
  const database = usePersonalDatabase()
  const { now } = useWorld()
  const { userId } = useAccount()
  const client = useQueryClient()
  return useQuery<ReadRecord>({
    queryKey: ['record', id, userId],
    enabled,
    networkMode: 'always',
    retry: false,
    queryFn: async () => {
      const device = await database()
      try {
        const record = await download(api, device, id, now)
        void client.invalidateQueries({ queryKey: ['records', 'downloaded'] })
        return { ...record, fromDevice: false }
      } catch (error) {
        const unreachable = error instanceof NoAnswer || (error instanceof Refusal && error.status >= 500)
        const kept = unreachable ? await device.get('records', id) : undefined
        // What Core no longer shows this person must not stay on their device.
        if (error instanceof Refusal && (error.status === 403 || error.status === 404))
          await device.delete('records', id)
        if (!kept) throw error
        return { ...kept, fromDevice: true }
      }
    },
  })
}

/** Ids of the records on this device. */
export function useDownloaded() {
  const database = usePersonalDatabase()
  const { userId } = useAccount()
  return useQuery({
    queryKey: ['records', 'downloaded', userId],
    networkMode: 'always',
    queryFn: async () => new Set(await (await database()).getAllKeys('records')),
  })
}

/** Takes records onto the device, one after another; gives how many could be. */
export function useDownload(): (ids: readonly string[]) => Promise<number> {
  const api = useApi()
  const database = usePersonalDatabase()
  const client = useQueryClient()
  const { now } = useWorld()
  return async (ids) => {
    const device = await database()
    let done = 0
    try {
      for (const id of ids) {
        await download(api, device, id, now)
        done += 1
      }
    } finally {
      await client.invalidateQueries({ queryKey: ['records', 'downloaded'] })
    }
    return done
  }
}
