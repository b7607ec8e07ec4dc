import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Button } from '../design/Button'
import { Spinner } from '../design/Loading'
import { sentenceOf } from '../design/sentence'
import { useWorld } from '../device/world'
import { useText } from '../language/Language'
import { useAccount, useSession } from '../session/SessionContext'
import { readFile } from './files'
import type { FileAnswer } from './filesOf'
import { usePersonalDatabase } from './personal'
import styles from './RecordPage.module.css'

/** Bytes as an address that an image can show; taken back when nobody shows it any more. */
function useObjectUrl(bytes: ArrayBuffer | undefined, type: string): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    if (!bytes) return
    const made = URL.createObjectURL(new Blob([bytes], { type }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [bytes, type])
  return url
}

/** Kinds of picture that cannot carry a script. Everything else is only ever downloaded. */
const SHOWN = ['image/png', 'image/jpeg', 'image/webp', 'image/gif']

/** A picture, or a document to be opened, of a record. */
export function RecordFile({ file }: { file: FileAnswer }) {
  const t = useText()
  const session = useSession()
  const { userId } = useAccount()
  const database = usePersonalDatabase()
  const { send, now } = useWorld()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['file', file.path, userId],
    networkMode: 'always',
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    queryFn: async () => readFile(await database(), file, session.token(), send, now),
  })
  const type = data?.type ?? file.type
  const url = useObjectUrl(data?.bytes, SHOWN.includes(type) ? type : 'application/octet-stream')
  return (
    <figure className={styles.file}>
      {url && SHOWN.includes(type) ? <img src={url} alt={file.label} /> : null}
      {isPending ? <Spinner /> : null}
      <figcaption>
        <div>{file.label}</div>
        {url ? (
          <a href={url} download={file.name || 'file'}>
            {t('records.saveFile')}
          </a>
        ) : null}
        {error ? (
          <>
            <div>{sentenceOf(error, t)}</div>
            <Button kind="quiet" size="small" onPress={() => void refetch()}>
              {t('design.retry')}
            </Button>
          </>
        ) : null}
      </figcaption>
    </figure>
  )
}
