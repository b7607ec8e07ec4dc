import { useMemo, useRef, useState } from 'react'
import { Form } from 'react-aria-components'
import { useSearchParams } from 'wouter'
import { useApi } from '../api/ApiContext'
import { NoAnswer } from '../api/errors'
import { useConfiguration } from '../configuration/Configuration'
import { Button } from '../design/Button'
import { Select, TextField } from '../design/Field'
import { Loading } from '../design/Loading'
import { EmptyState, ErrorState } from '../design/Notice'
import { Card, Page } from '../design/Page'
import { Pager } from '../design/Table'
import { useCountryText, useText } from '../language/Language'
import { AgeNotice } from '../records/AgeNotice'
import { type Found, findRecords } from '../records/find'
import { usePeople } from '../records/people'
import { RecordTable } from '../records/RecordTable'
import { useKept } from '../records/useKept'
import { CriterionInput } from './CriterionInput'
import {
  type CriteriaSection,
  criteriaOf,
  type Entered,
  type Query,
  searchQuery,
  similarNames,
} from './criteria'
import { FoundOnDevice } from './FoundOnDevice'
import styles from './SearchPage.module.css'

const PAGE_SIZE = 20

/** In the address, beside the criteria. */
const RESERVED = ['q', 'event', 'from']

export default function SearchPage() {
  const t = useText()
  const { events } = useConfiguration()
  const [address, setAddress] = useSearchParams()
  const eventType = address.get('event') ?? ''
  const quick = address.get('q') ?? ''
  const config = events.find(({ id }) => id === eventType)
  const found = useRef<HTMLDivElement>(null)
  const sections = useMemo(() => (config ? criteriaOf(config) : []), [config])
  const entered: Entered = Object.fromEntries([...address].filter(([key]) => !RESERVED.includes(key)))
  const go = (to: { quick: string; eventType: string; entered: Entered; offset?: number }) =>
    setAddress({
      ...(to.quick ? { q: to.quick } : {}),
      ...(to.eventType ? { event: to.eventType } : {}),
      ...Object.fromEntries(Object.entries(to.entered).filter(([, text]) => text !== '')),
      ...(to.offset ? { from: String(to.offset) } : {}),
    })
  return (
    <Page title={t('search.title')}>
      <Asking
        asked={address.toString()}
        quick={quick}
        eventType={eventType}
        entered={entered}
        sections={sections}
        go={go}
        lookAtFound={() => found.current?.scrollIntoView({ block: 'start' })}
      />
      <div ref={found} className={styles.found}>
        <Results
          query={searchQuery(quick, eventType, sections, entered)}
          quick={quick}
          similar={Object.values(entered).some(Boolean) ? undefined : similarNames(quick, eventType, events)}
          offset={Math.max(0, Number(address.get('from')) || 0)}
          move={(offset) => go({ quick, eventType, entered, offset })}
        />
      </div>
    </Page>
  )
}

function Asking(props: {
  /** All of it; what is being typed is not there yet. */
  asked: string
  quick: string
  eventType: string
  entered: Entered
  sections: CriteriaSection[]
  go: (to: { quick: string; eventType: string; entered: Entered }) => void
  lookAtFound: () => void
}) {
  const t = useText()
  const tc = useCountryText()
  const { events } = useConfiguration()
  const { eventType, sections, go } = props
  const [quick, setQuick] = useState(props.quick)
  const [entered, setEntered] = useState(props.entered)
  const [shown, setShown] = useState(props.asked)
  // Something else is asked, from here or by going back: it is what stands here, and the cursor stays where it is.
  if (shown !== props.asked) {
    setShown(props.asked)
    setQuick(props.quick)
    setEntered(props.entered)
  }
  const searchable = events.filter(({ advancedSearch }) => (advancedSearch?.length ?? 0) > 0)
  return (
    <search>
      <Form
        className={styles.form ?? ''}
        onSubmit={(event) => {
          event.preventDefault()
          go({ quick, eventType, entered })
          // Below a long form, nobody sees that something was found.
          if (eventType !== '') props.lookAtFound()
        }}
      >
        <div className={styles.quick}>
          <TextField label={t('search.quick')} type="search" value={quick} onChange={setQuick} />
          <Button type="submit">{t('search.go')}</Button>
        </div>
        <details className={styles.more} open={eventType !== ''}>
          <summary>{t('search.advanced')}</summary>
          <div className={styles.form}>
            <Select
              label={t('search.event')}
              options={[
                { value: 'any', label: t('search.any') },
                ...searchable.map(({ id, label }) => ({ value: id, label: tc(label) })),
              ]}
              value={eventType || 'any'}
              // Another event has other things to look for.
              onChange={(id) => go({ quick, eventType: id === 'any' ? '' : id, entered: {} })}
            />
            {sections.map((section) => (
              <Card key={section.title.id} title={tc(section.title)}>
                <div className={styles.criteria}>
                  {section.criteria.map((criterion) => (
                    <CriterionInput
                      key={criterion.id}
                      criterion={criterion}
                      value={entered[criterion.id] ?? ''}
                      onChange={(text) => setEntered({ ...entered, [criterion.id]: text })}
                    />
                  ))}
                </div>
              </Card>
            ))}
            {sections.length > 0 ? (
              <div className={styles.buttons}>
                <Button type="submit">{t('search.go')}</Button>
                <Button kind="secondary" onPress={() => go({ quick: '', eventType, entered: {} })}>
                  {t('search.clear')}
                </Button>
              </div>
            ) : null}
          </div>
        </details>
      </Form>
    </search>
  )
}

interface Asked {
  query: Query
  quick: string
  /** Names nearly so written, for when nothing else is found. */
  similar: Query | undefined
  offset: number
  move: (offset: number) => void
}

function Results({ query, ...rest }: Omit<Asked, 'query'> & { query: Query | undefined }) {
  const t = useText()
  if (!query) return <EmptyState title={t('search.begin')}>{t('search.beginHint')}</EmptyState>
  return <Finds query={query} {...rest} />
}

function Finds({ query, quick, similar, offset, move }: Asked) {
  const t = useText()
  const api = useApi()
  const { data, error, isPending, refetch } = useKept<Found>(['search', JSON.stringify(query), offset], () =>
    findRecords(api, { query, limit: PAGE_SIZE, offset }),
  )
  const records = data?.body.results ?? []
  const people = usePeople(records.map(({ assignedTo }) => assignedTo))
  const again = () => void refetch()
  if (isPending) return <Loading />
  if (!data)
    return (
      <>
        <ErrorState error={error} retry={again} />
        {error instanceof NoAnswer && quick ? <FoundOnDevice quick={quick} /> : null}
      </>
    )
  if (records.length === 0)
    return (
      <>
        <div role="status">
          <EmptyState title={t('search.nothing')}>{t('search.nothingHint')}</EmptyState>
        </div>
        {similar ? <SimilarNames query={similar} /> : null}
      </>
    )
  return (
    <>
      {data.fromDevice ? <AgeNotice since={data.fetchedAt} retry={again} /> : null}
      <p role="status">{t('search.found', { total: data.body.total })}</p>
      <RecordTable
        caption={t('search.title')}
        records={records}
        people={people}
        columns={[
          { label: { id: 'search.dateOfEvent' }, value: { $event: 'dateOfEvent' } },
          { label: { id: 'search.updated' }, value: { $event: 'updatedAt' } },
        ]}
      />
      <Pager offset={offset} limit={PAGE_SIZE} total={data.body.total} onMove={move} />
    </>
  )
}

/** Whom else somebody may have meant; nothing when there is nobody. */
function SimilarNames({ query }: { query: Query }) {
  const t = useText()
  const api = useApi()
  const { data } = useKept<Found>(['search', JSON.stringify(query), 0], () =>
    findRecords(api, { query, limit: PAGE_SIZE, offset: 0 }),
  )
  const records = data?.body.results ?? []
  const people = usePeople(records.map(({ assignedTo }) => assignedTo))
  if (records.length === 0) return null
  return (
    <section>
      <h2>{t('search.similar')}</h2>
      <RecordTable
        caption={t('search.similar')}
        records={records}
        people={people}
        columns={[
          { label: { id: 'search.dateOfEvent' }, value: { $event: 'dateOfEvent' } },
          { label: { id: 'search.updated' }, value: { $event: 'updatedAt' } },
        ]}
      />
    </section>
  )
}
