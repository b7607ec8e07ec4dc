import { useState } from 'react'
import { useApi } from '../../api/ApiContext'
import { Menu } from '../../design/Menu'
import { Notice } from '../../design/Notice'
import { sentenceOf } from '../../design/sentence'
import { useText } from '../../language/Language'

const FORMATS = ['csv', 'ndjson'] as const

/** Has what the filters find written to a file on the device. */
export function ExportMenu({ query }: { query: Record<string, string> }) {
  const t = useText()
  const api = useApi()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const write = async (format: string) => {
    setBusy(true)
    setError(undefined)
    try {
      // With the token in its header, which a plain link could not carry.
      const { data } = await api.GET('/deliveries/export', {
        params: { query: { ...query, format } },
        parseAs: 'blob',
      })
      if (data) offer(data as unknown as Blob, `deliveries.${format}`)
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Menu
        label={busy ? t('console.deliveries.exporting') : t('console.deliveries.export')}
        choices={FORMATS.map((format) => ({
          id: format,
          label: t(`console.deliveries.export.${format}`),
          disabled: busy,
        }))}
        onChoose={(format) => void write(format)}
      />
      {error ? (
        <Notice tone="bad" live>
          {sentenceOf(error, t)}
        </Notice>
      ) : null}
    </>
  )
}

/** Hands a file to the browser, as if it had been a link to it. */
function offer(file: Blob, name: string): void {
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
