import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { localFileId } from '../../device/file'
import { useWorld } from '../../device/world'
import { useText } from '../../language/Language'
import { usePersonalDatabase } from '../../records/personal'
import { type FileAnswer, type FileLimits, FileRefused, keepFile } from './keepFile'
import { sha256, shrink } from './shrink'

/** Takes files onto the device; says in words why one could not be taken. */
export function useFileKeeper(limits: FileLimits) {
  const t = useText()
  const database = usePersonalDatabase()
  const { newId, now } = useWorld()
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const keep = async (file: File): Promise<FileAnswer | undefined> => {
    setBusy(true)
    setRefusal(undefined)
    try {
      return await keepFile(file, limits, {
        database,
        newId,
        now,
        shrink,
        digest: sha256,
      })
    } catch (error) {
      setRefusal(wordsFor(error, limits, t))
      return undefined
    } finally {
      setBusy(false)
    }
  }
  return { keep, busy, refusal }
}

function wordsFor(error: unknown, limits: FileLimits, t: ReturnType<typeof useText>): string {
  if (!(error instanceof FileRefused)) return t('forms.fileNotKept')
  if (error.why === 'size') return t('forms.fileTooLarge', { megabytes: inMegabytes(limits.most) })
  if (error.why === 'unreadable') return t('forms.fileUnreadable')
  return t('forms.fileWrongType', { types: limits.types.map(nameOf).join(', ') })
}

const inMegabytes = (bytes: number): number => Math.round((bytes / 1024 / 1024) * 10) / 10

const nameOf = (type: string): string => (type.split('/')[1] ?? type).replace('+xml', '').toUpperCase()

/** An address under which a file that is on this device can be shown; undefined for one that is not. */
export function useLocalUrl(path: string): string | undefined {
  const database = usePersonalDatabase()
  const id = localFileId(path)
  const { data } = useQuery({
    queryKey: ['device-file', id],
    networkMode: 'always',
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (id === undefined ? null : ((await (await database()).get('files', id)) ?? null)),
  })
  const url = useMemo(
    () => (data ? URL.createObjectURL(new Blob([data.bytes], { type: data.type })) : undefined),
    [data],
  )
  useEffect(
    () => () => {
      if (url) URL.revokeObjectURL(url)
    },
    [url],
  )
  return url
}
