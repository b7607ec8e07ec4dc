import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useText } from '../../language/Language'
import type { People } from '../../records/people'
import { usePlaces } from '../../records/places'
import styles from '../Console.module.css'
import { useRoleWords } from '../users/words'

type Details = Record<string, unknown>

/** Lists longer than this are counted instead: the records that a search found, say. */
const TOLD = 3

/** Of these entries have places of their own. */
const TOLD_ELSEWHERE = ['onBehalfOf', 'trackingId']

/** The person or the system client that an entry is about; undefined for most entries. */
export function subjectOf(details: Details | null | undefined): string | undefined {
  const id = details?.subjectId ?? details?.clientId
  return typeof id === 'string' ? id : undefined
}

/** What an entry of the audit trail says besides: ids, reasons, and what was changed. */
export function AuditDetails({
  details,
  known,
  people,
}: {
  details: Details
  /** What need not be said again, such as whose page it is on. */
  known?: string
  /** Those whom entries are about; without them, their ids are shown. */
  people?: People
}) {
  const t = useText()
  const worded = useValues(people)
  const entries = Object.entries(details).filter(
    ([name, value]) => !isEmpty(value) && value !== known && !TOLD_ELSEWHERE.includes(name),
  )
  if (entries.length === 0) return <>–</>
  return (
    <span className={styles.soft}>
      {entries.map(([name, value], index) => {
        const label = t(`console.detail.${name}`)
        return (
          <span key={name}>
            {index > 0 ? ' · ' : ''}
            {label === `console.detail.${name}` ? name : label}: {worded(name, value)}
          </span>
        )
      })}
    </span>
  )
}

/** Values as people know them: names instead of ids, where the desk has them. */
function useValues(people: People | undefined) {
  const t = useText()
  const roles = useRoleWords()
  const places = usePlaces()
  const worded = (name: string, value: unknown): ReactNode => {
    if (isChange(value))
      return (
        <>
          {worded(name, value.from)} → {worded(name, value.to)}
        </>
      )
    if (Array.isArray(value))
      return value.length > TOLD
        ? t('console.audit.many', { count: value.length })
        : value.map((one) => String(name === 'placeIds' ? (places.name(String(one)) ?? one) : one)).join(', ')
    if (typeof value === 'object' && value !== null)
      return Object.entries(value).map(([part, said], index) => (
        <span key={part}>
          {index > 0 ? ', ' : ''}
          {part} {worded(part, said)}
        </span>
      ))
    const text = String(value)
    if (name === 'subjectId')
      return <Link href={`/console/users/${text}`}>{people?.get(text)?.name ?? text}</Link>
    if (name === 'clientId') return people?.get(text)?.name ?? text
    if (name === 'role') return roles(text)
    if (name === 'primaryOfficeId') return places.name(text) ?? text
    return text
  }
  return worded
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  (typeof value === 'object' && Object.keys(value as object).length === 0)

const isChange = (value: unknown): value is { from: unknown; to: unknown } =>
  typeof value === 'object' && value !== null && 'from' in value && 'to' in value
