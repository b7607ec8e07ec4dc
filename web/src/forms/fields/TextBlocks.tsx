// Fields that ask nothing: they say something, or show answers given elsewhere.
import { Spinner } from '../../design/Loading'
import { Tag, type Tone } from '../../design/Notice'
import { Facts } from '../../design/Page'
import { useCountryText, useText } from '../../language/Language'
import type { MessageDescriptor } from '../../language/messages'
import { answerText } from '../../records/answerText'
import { useWords } from '../../records/useWords'
import { useForm } from '../FormContext'
import { pathOf, readAt, referencesIn } from '../filling/places'
import { isObject } from '../rules/value'
import styles from './Fields.module.css'
import { configurationOf, type FieldProps, messageIn, textOf } from './fieldProps'

export const Divider = () => <hr className={styles.divider} />

export function Heading({ field }: FieldProps) {
  const tc = useCountryText()
  return <h2>{tc(field.label)}</h2>
}

export function Paragraph({ field }: FieldProps) {
  const tc = useCountryText()
  const isHint = isObject(field.configuration?.styles) && field.configuration.styles.hint === true
  return <p className={isHint ? styles.hint : undefined}>{tc(field.label)}</p>
}

export function BulletList({ field }: FieldProps) {
  const tc = useCountryText()
  const items = (field.items ?? []) as MessageDescriptor[]
  return (
    <section aria-label={tc(field.label)}>
      {field.hideLabel ? null : <h2>{tc(field.label)}</h2>}
      <ul className={styles.bullets}>
        {items.map((item) => (
          <li key={item.id}>{tc(item)}</li>
        ))}
      </ul>
    </section>
  )
}

type Entry = { fieldId: string } | { id: string; label: MessageDescriptor; value: unknown }

/** DATA: answers of the form or the record, to be read out and compared. */
export function Readout({ field }: FieldProps) {
  const tc = useCountryText()
  const t = useText()
  const words = useWords()
  const { data, fields } = useForm()
  const subtitle = tc(messageIn(field, 'subtitle'))
  const entries = (configurationOf(field).data ?? []) as Entry[]
  const facts = entries.flatMap((entry) => {
    if ('fieldId' in entry) {
      const shown = fields.find(({ id }) => id === entry.fieldId)
      const text = answerText(shown, data.$form[entry.fieldId], words)
      return text ? [{ key: entry.fieldId, name: shown ? tc(shown.label) : entry.fieldId, value: text }] : []
    }
    const [reference] = referencesIn(entry.value)
    const said = reference
      ? textOf(readAt(data.$form, pathOf(reference)))
      : isObject(entry.value)
        ? tc(entry.value as unknown as MessageDescriptor)
        : textOf(entry.value)
    return [{ key: entry.id, name: tc(entry.label), value: said }]
  })
  return (
    <section className={styles.group} aria-label={tc(field.label)}>
      {tc(field.label) ? <h2>{tc(field.label)}</h2> : null}
      {subtitle ? <p className={styles.hint}>{subtitle}</p> : null}
      {facts.length > 0 ? <Facts facts={facts} /> : <p className={styles.hint}>{t('forms.noData')}</p>}
    </section>
  )
}

export function ImageView({ field, value }: FieldProps) {
  const tc = useCountryText()
  const source = textOf(value)
  // Only pictures that came with the answer: an address elsewhere would tell others who looks.
  if (!source.startsWith('data:image/')) return null
  const { width, textAlign } = configurationOf(field)
  return (
    <figure style={{ textAlign: textAlign === 'center' ? 'center' : 'start' }}>
      <img
        src={source}
        alt={tc(field.label)}
        style={{ inlineSize: textOf(width) || 'auto', maxInlineSize: '100%' }}
      />
    </figure>
  )
}

const TONES: Record<string, Tone> = {
  verified: 'good',
  authenticated: 'good',
  pending: 'warn',
  failed: 'bad',
}

export function VerificationStatus({ field, value }: FieldProps) {
  const tc = useCountryText()
  const status = textOf(value)
  if (!status) return null
  const description = tc(messageIn(field, 'description'), { value: status })
  return (
    <div className={styles.group} role="status">
      <span>
        {tc(field.label)}{' '}
        <Tag tone={TONES[status] ?? 'plain'}>{tc(messageIn(field, 'status'), { value: status })}</Tag>
      </span>
      {description.trim() ? <p className={styles.hint}>{description}</p> : null}
    </div>
  )
}

/** Shown while something is fetched; the country's conditionals say when. */
export function Loader({ field }: FieldProps) {
  const tc = useCountryText()
  return (
    <p role="status" className={styles.actions}>
      <Spinner /> {tc(messageIn(field, 'text'))}
    </p>
  )
}

export const Nothing = () => null
