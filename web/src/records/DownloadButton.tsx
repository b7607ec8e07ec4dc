import { useState } from 'react'
import { Button } from '../design/Button'
import { sentenceOf } from '../design/sentence'
import { useText } from '../language/Language'
import { useDownload } from './useRecord'

/** Takes records onto the device, so that they can be worked on without a network. */
export function DownloadButton(props: {
  ids: readonly string[]
  downloaded: ReadonlySet<string>
  /** In a record's own row. */
  single?: boolean
}) {
  const t = useText()
  const download = useDownload()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const missing = props.ids.filter((id) => !props.downloaded.has(id))
  const start = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      await download(missing.length > 0 ? missing : props.ids)
    } catch (error) {
      setProblem(sentenceOf(error, t))
    }
    setBusy(false)
  }
  return (
    <>
      <Button
        kind={props.single ? 'quiet' : 'secondary'}
        size="small"
        busy={busy}
        onPress={() => void start()}
      >
        {props.single
          ? t('records.downloadOne')
          : missing.length > 0
            ? t('records.download', { count: missing.length })
            : t('records.downloadAgain', { count: props.ids.length })}
      </Button>
      {problem ? <span role="alert">{problem}</span> : null}
    </>
  )
}
