import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useParams, useSearchParams } from 'wouter'
import { useApi } from '../api/ApiContext'
import { useConfiguration } from '../configuration/Configuration'
import type { WorkqueueConfig } from '../configuration/types'
import { Button, LinkButton } from '../design/Button'
import { Select, TextField } from '../design/Field'
import { Loading } from '../design/Loading'
import { EmptyState, ErrorState } from '../design/Notice'
import { Page } from '../design/Page'
import { type Column, Pager } from '../design/Table'
import { useCountryText, useText } from '../language/Language'
import { AgeNotice } from '../records/AgeNotice'
import { PAGES } from '../records/actionPages'
import { DownloadButton } from '../records/DownloadButton'
import type { EventState } from '../records/eventState'
import { type Found, findRecords } from '../records/find'
import { usePeople } from '../records/people'
import { RecordTable } from '../records/RecordTable'
import { useKept } from '../records/useKept'
import { useDownloaded } from '../records/useRecord'
import styles from './QueuePage.module.css'
import {
  addressOf,
  choiceIn,
  isSortable,
  lastOffset,
  PAGE_SIZE,
  type QueueChoice,
  queueSearch,
} from './query'
import { LOOK_AGAIN_MS, useQueues } from './useQueues'
import { useWaiting } from './Waiting'

export default function QueuePage() {
  const t = useText()
  const { slug } = useParams<{ slug: string }>()
  const queue = useQueues().find((one) => one.slug === slug)
  if (!queue)
    return (
      <EmptyState
        title={t('workqueues.unknown')}
        action={<LinkButton href="/">{t('app.home')}</LinkButton>}
      />
    )
  return <Queue key={queue.slug} queue={queue} />
}

function Queue({ queue }: { queue: WorkqueueConfig }) {
  const t = useText()
  const tc = useCountryText()
  const api = useApi()
  const client = useQueryClient()
  const [address, setAddress] = useSearchParams()
  const choice = choiceIn(address)
  const choose = (change: Partial<QueueChoice>) =>
    setAddress(addressOf({ ...choice, offset: 0, ...change }), { replace: true })
  const search = queueSearch(queue.query, choice)
  const list = useKept<Found>(
    ['workqueues', 'list', queue.slug, JSON.stringify(addressOf(choice))],
    () => findRecords(api, search),
    { refetchEvery: LOOK_AGAIN_MS },
  )
  const total = list.data?.body.total
  const last = lastOffset(total)
  // What stood on the last page may have gone from the queue meanwhile.
  useEffect(() => {
    if (choice.offset > last) choose({ offset: last })
  })
  const { data: downloaded = new Set<string>() } = useDownloaded()
  const records = list.data?.body.results ?? []
  const people = usePeople(records.map(({ assignedTo }) => assignedTo))
  const waiting = useWaiting(records)
  const page = PAGES[queue.action?.type as keyof typeof PAGES]
  const work: Column<EventState>[] = page
    ? [
        {
          id: 'work',
          label: t('workqueues.work'),
          cell: ({ id }) => (
            <LinkButton href={`/records/${id}/${page}`} kind="secondary" size="small">
              {t(`records.do.${queue.action.type}`)}
            </LinkButton>
          ),
        },
      ]
    : []
  const download: Column<EventState> = {
    id: 'download',
    label: t('records.onThisDevice'),
    cell: ({ id }) =>
      downloaded.has(id) ? t('records.yes') : <DownloadButton ids={[id]} downloaded={downloaded} single />,
  }
  const narrowed = choice.text !== '' || choice.eventType !== ''
  const refresh = () => void client.invalidateQueries({ queryKey: ['workqueues'] })
  return (
    <Page
      title={tc(queue.name)}
      subtitle={total === undefined ? undefined : t('workqueues.total', { total })}
      actions={
        records.length > 0 ? (
          <DownloadButton ids={records.map(({ id }) => id)} downloaded={downloaded} />
        ) : null
      }
    >
      <Filters choice={choice} choose={choose} />
      {list.data?.fromDevice ? <AgeNotice since={list.data.fetchedAt} retry={refresh} /> : null}
      {list.isError ? <ErrorState error={list.error} retry={refresh} /> : null}
      {list.isPending ? <Loading /> : null}
      {list.data && records.length === 0 ? (
        <EmptyState
          title={
            narrowed
              ? t('workqueues.nothingFound')
              : queue.emptyMessage
                ? tc(queue.emptyMessage)
                : t('workqueues.empty')
          }
          action={
            narrowed ? (
              <Button kind="secondary" onPress={() => choose({ text: '', eventType: '' })}>
                {t('workqueues.showAll')}
              </Button>
            ) : undefined
          }
        />
      ) : null}
      {records.length > 0 ? (
        <RecordTable
          caption={tc(queue.name)}
          records={records}
          columns={queue.columns ?? []}
          people={people}
          isSortable={isSortable}
          {...(choice.sort
            ? { sort: { column: choice.sort.field, descending: choice.sort.descending } }
            : {})}
          onSort={(field) =>
            choose({
              sort: { field, descending: choice.sort?.field === field ? !choice.sort.descending : true },
            })
          }
          extra={[...waiting, ...work, download]}
        />
      ) : null}
      <Pager
        offset={choice.offset}
        limit={PAGE_SIZE}
        total={total ?? 0}
        onMove={(offset) => choose({ offset })}
      />
    </Page>
  )
}

function Filters({
  choice,
  choose,
}: {
  choice: QueueChoice
  choose: (change: Partial<QueueChoice>) => void
}) {
  const t = useText()
  const tc = useCountryText()
  const { events } = useConfiguration()
  const [text, setText] = useState(choice.text)
  // What is typed is looked for once the person pauses.
  useEffect(() => {
    if (text === choice.text) return
    const timer = setTimeout(() => choose({ text }), 350)
    return () => clearTimeout(timer)
  })
  useEffect(() => setText(choice.text), [choice.text])
  return (
    <search className={styles.filters} data-print="no">
      <TextField
        label={t('workqueues.find')}
        type="search"
        value={text}
        onChange={setText}
        placeholder={t('workqueues.findHint')}
      />
      {events.length > 1 ? (
        <Select
          label={t('workqueues.event')}
          options={[
            { value: 'all', label: t('workqueues.allEvents') },
            ...events.map(({ id, label }) => ({ value: id, label: tc(label) })),
          ]}
          value={choice.eventType || 'all'}
          onChange={(eventType) => choose({ eventType: eventType === 'all' ? '' : eventType })}
        />
      ) : null}
    </search>
  )
}
