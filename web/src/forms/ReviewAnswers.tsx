// All answers, page by page, each with a way to change it, and with what it was where it was changed.
import type { FieldConfig, FormPage } from '../configuration/types'
import { Card } from '../design/Page'
import { useCountryText, useText } from '../language/Language'
import { AnswerView } from '../records/AnswerView'
import type { ConditionData } from '../records/rules'
import styles from './Form.module.css'
import { ASKS_NOTHING } from './fields/registry'
import { isSame } from './filling/change'
import type { Answers, Field, Problem } from './rules/field'
import { isOnReview } from './rules/form'

/** Told by others, and not to be changed by hand: without an answer there is nothing to say of it. */
const TOLD = 'VERIFICATION_STATUS'

interface ReviewAnswersProps {
  pages: readonly FormPage[]
  data: ConditionData
  problems: readonly Problem[]
  /** What it was, where that is to be shown. */
  before?: Answers | undefined
  onChange: (page: string, field: string) => void
  /** Fields without a way to change them. */
  locked?: (field: FieldConfig) => boolean
}

export function ReviewAnswers(props: ReviewAnswersProps) {
  const t = useText()
  const tc = useCountryText()
  return props.pages.map((page) => {
    const shown = page.fields.filter(
      (field) =>
        !ASKS_NOTHING.includes(field.type) &&
        (field.type !== TOLD || props.data.$form[field.id]) &&
        isOnReview(field as unknown as Field, props.data),
    )
    if (shown.length === 0) return null
    return (
      <Card key={page.id} title={tc(page.title)}>
        <dl className={styles.answers}>
          {shown.map((field, at) => (
            <Row key={`${field.id} ${at}`} {...props} page={page} field={field} t={t} tc={tc} />
          ))}
        </dl>
      </Card>
    )
  })
}

type RowProps = ReviewAnswersProps & {
  page: FormPage
  field: FieldConfig
  t: ReturnType<typeof useText>
  tc: ReturnType<typeof useCountryText>
}

function Row({ page, field, data, problems, before, onChange, locked, t, tc }: RowProps) {
  const label = tc(field.label)
  const value = data.$form[field.id]
  const wrong = problems.find((problem) => problem.field === field.id)
  const isChanged = before !== undefined && !isSame(before[field.id], value)
  return (
    <div className={styles.row} data-field={field.id}>
      <dt>{label}</dt>
      <dd>
        {isChanged ? (
          <del className={styles.was}>
            <span className="visually-hidden">{t('forms.before')} </span>
            <AnswerView field={field} value={before[field.id]} among={before} />
          </del>
        ) : null}
        <AnswerView field={field} value={value} among={data.$form} />
        {wrong ? <div className={styles.wrong}>{tc(wrong.message)}</div> : null}
      </dd>
      <dd data-print="no">
        {locked?.(field) || field.type === TOLD ? null : (
          <button type="button" className={styles.link} onClick={() => onChange(page.id, field.id)}>
            {t('forms.change')}
            <span className="visually-hidden"> · {label}</span>
          </button>
        )}
      </dd>
    </div>
  )
}
