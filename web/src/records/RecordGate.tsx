import { createContext, type ReactNode, useContext } from 'react'
import { LinkButton } from '../design/Button'
import { Loading } from '../design/Loading'
import { EmptyState, ErrorState, Notice } from '../design/Notice'
import { Page } from '../design/Page'
import { useText } from '../language/Language'
import { AgeNotice } from './AgeNotice'
import { OpenRecordProvider, useRecordState } from './RecordContext'
import { type ReadRecord, useRecord } from './useRecord'

/** How old the copy is that is shown, and a way to ask Core again. */
const Age = createContext<ReactNode>(null)

/** Says that the record is shown as the device has it. In its place on every page of a record. */
export const RecordAge = () => useContext(Age)

/** Reads a record and shows what is in it, or says why it cannot be shown. */
export function RecordGate({ id, children }: { id: string; children: ReactNode }) {
  const t = useText()
  const { data, error, isPending, refetch } = useRecord(id)
  const again = () => void refetch()
  if (isPending) return <Loading label={t('records.reading')} />
  if (!data)
    return (
      <Page title={t('records.record')}>
        <ErrorState error={error} retry={again} />
      </Page>
    )
  return (
    <Age.Provider value={data.fromDevice ? <AgeNotice since={data.downloadedAt} retry={again} /> : null}>
      <Opened record={data}>{children}</Opened>
    </Age.Provider>
  )
}

function Opened({ record, children }: { record: ReadRecord; children: ReactNode }) {
  const t = useText()
  const open = useRecordState(record.document)
  if (!open)
    return (
      <EmptyState title={t('records.noConfig')} action={<LinkButton href="/">{t('app.home')}</LinkButton>}>
        {t('records.noConfigWhy', { type: record.document.type })}
      </EmptyState>
    )
  return <OpenRecordProvider record={open}>{children}</OpenRecordProvider>
}

/** Says that nothing is to be seen here. */
export const Nothing = ({ children }: { children: ReactNode }) => <Notice tone="plain">{children}</Notice>
