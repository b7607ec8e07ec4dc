// Which kind of event is to be recorded.
import { useState } from 'react'
import { useLocation } from 'wouter'
import { useConfiguration } from '../configuration/Configuration'
import type { EventConfig } from '../configuration/types'
import { Button } from '../design/Button'
import { RadioGroup } from '../design/Field'
import { EmptyState, ErrorState } from '../design/Notice'
import { Card, Page } from '../design/Page'
import { useWorld } from '../device/world'
import { useCountryText, useText } from '../language/Language'
import { usePersonalDatabase } from '../records/personal'
import { mayBegin } from '../records/scope'
import { useAsker } from '../records/useConditions'
import { draftId } from './filling/draftKeeper'

export default function NewRecordPage() {
  const t = useText()
  const tc = useCountryText()
  const { events } = useConfiguration()
  const { scopes } = useAsker()
  const database = usePersonalDatabase()
  const { newId, now } = useWorld()
  const [, go] = useLocation()
  const offered = events.filter((event) => mayBegin(scopes, 'record.create', event.id))
  const [chosen, setChosen] = useState<string | undefined>(offered.length === 1 ? offered[0]?.id : undefined)
  const [asked, setAsked] = useState(false)
  const [failure, setFailure] = useState<unknown>()

  const begin = async (event: EventConfig) => {
    // Core is told of the record with its first action; until then it has an id of this device's.
    const recordId = newId()
    try {
      await (await database()).put('drafts', {
        id: draftId(recordId, 'DECLARE'),
        recordId,
        isNew: true,
        eventType: event.id,
        action: 'DECLARE',
        declaration: {},
        annotation: {},
        title: '',
        changedAt: now(),
      })
      go(`/records/${recordId}/declare`, { replace: true })
    } catch (error) {
      setFailure(error)
    }
  }
  if (offered.length === 0) return <EmptyState title={t('forms.mayNotBegin')} />
  return (
    <Page title={t('forms.newRecord')} narrow>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault()
          setAsked(true)
          const event = offered.find(({ id }) => id === chosen)
          if (event) void begin(event)
        }}
      >
        <Card>
          <RadioGroup
            label={t('forms.whichEvent')}
            options={offered.map((event) => ({ value: event.id, label: tc(event.label) }))}
            value={chosen}
            onChange={setChosen}
            problem={asked && !chosen ? t('forms.chooseEvent') : undefined}
          />
          {failure ? <ErrorState error={failure} /> : null}
          <div>
            <Button type="submit">{t('forms.continue')}</Button>
          </div>
        </Card>
      </form>
    </Page>
  )
}
