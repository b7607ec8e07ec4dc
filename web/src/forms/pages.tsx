// The pages of forms on a record, by what they are for.
import { useParams } from 'wouter'
import { LinkButton } from '../design/Button'
import { Loading } from '../design/Loading'
import { EmptyState, ErrorState } from '../design/Notice'
import { useText } from '../language/Language'
import { CorrectionForm } from './CorrectionForm'
import { DeclarationForm } from './DeclarationForm'
import { type Purpose, useFormRecord } from './useFormRecord'

function FormOnRecord({ purpose }: { purpose: Purpose }) {
  const t = useText()
  const { recordId = '' } = useParams()
  const { opened, error, isUnknownEvent } = useFormRecord(recordId, purpose)
  if (isUnknownEvent)
    return (
      <EmptyState
        title={t('forms.unknownEvent')}
        action={<LinkButton href="/">{t('app.home')}</LinkButton>}
      />
    )
  if (opened && purpose === 'REQUEST_CORRECTION') return <CorrectionForm {...opened} />
  if (opened) return <DeclarationForm {...opened} />
  return error ? <ErrorState error={error} /> : <Loading label={t('forms.opening')} />
}

export const DeclarePage = () => <FormOnRecord purpose="DECLARE" />
export const EditPage = () => <FormOnRecord purpose="EDIT" />
export const CorrectPage = () => <FormOnRecord purpose="REQUEST_CORRECTION" />
