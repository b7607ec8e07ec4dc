import { Card, Facts } from '../design/Page'
import { useCountryText, useText } from '../language/Language'
import { AnswerView } from './AnswerView'
import { viewedPages } from './declarationView'
import { useOpenRecord } from './RecordContext'
import { Nothing } from './RecordGate'

/** All answers, page by page, as the form asks for them. */
export function DeclarationCards() {
  const t = useText()
  const tc = useCountryText()
  const { config, state, data } = useOpenRecord()
  const pages = viewedPages(config, state.declaration, data)
  const answered = pages
    .map(({ page, fields }) => ({
      page,
      fields: fields.filter(({ id }) => state.declaration[id] !== undefined),
    }))
    .filter(({ fields }) => fields.length > 0)
  if (answered.length === 0) return <Nothing>{t('records.nothingDeclared')}</Nothing>
  return answered.map(({ page, fields }) => (
    <Card key={page.id} title={tc(page.title)}>
      <Facts
        facts={fields.map((field) => ({
          key: field.id,
          name: tc(field.label) || tc(page.title),
          value: <AnswerView field={field} value={state.declaration[field.id]} />,
        }))}
      />
    </Card>
  ))
}
