import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import { useParams } from 'wouter'
import { Tag } from '../design/Notice'
import { Page } from '../design/Page'
import { useCountryText, useText } from '../language/Language'
import { ActionBar } from './ActionBar'
import { CorrectionReview } from './CorrectionReview'
import { DeclarationCards } from './DeclarationCards'
import { Documents } from './Documents'
import { FlagTags } from './FlagTags'
import { HoldingNotice } from './HoldingNotice'
import { OutboxNotice } from './OutboxNotice'
import { PotentialDuplicates } from './PotentialDuplicates'
import { useOpenRecord } from './RecordContext'
import { RecordAge, RecordGate } from './RecordGate'
import styles from './RecordPage.module.css'
import { SummaryCard } from './SummaryCard'
import { Timeline } from './Timeline'
import { WhyNotice } from './WhyNotice'

export default function RecordPage() {
  const { id } = useParams<{ id: string }>()
  return (
    <RecordGate id={id} key={id}>
      <Record />
    </RecordGate>
  )
}

function Record() {
  const t = useText()
  const tc = useCountryText()
  const { state, config, title, document } = useOpenRecord()
  const number = state.legalStatuses.REGISTERED?.registrationNumber
  return (
    <Page
      title={title}
      subtitle={
        <div className={styles.subtitle}>
          <span>{tc(config.label)}</span>
          <code>{state.trackingId}</code>
          {number ? (
            <span>
              {t('records.number')} <code>{number}</code>
            </span>
          ) : null}
          <Tag tone={state.status === 'REGISTERED' ? 'good' : 'plain'}>
            {t(`records.status.${state.status}`)}
          </Tag>
          <FlagTags flags={state.flags} config={config} />
        </div>
      }
    >
      <RecordAge />
      <OutboxNotice />
      <WhyNotice document={document} state={state} />
      <PotentialDuplicates />
      <HoldingNotice />
      <ActionBar />
      <SummaryCard />
      <CorrectionReview />
      <Tabs className={styles.tabs ?? ''}>
        <TabList aria-label={title} className={styles.tabList ?? ''}>
          <Tab id="declaration" className={styles.tab ?? ''}>
            {t('records.declaration')}
          </Tab>
          <Tab id="history" className={styles.tab ?? ''}>
            {t('records.history')}
          </Tab>
          <Tab id="documents" className={styles.tab ?? ''}>
            {t('records.documents')}
          </Tab>
        </TabList>
        <TabPanel id="declaration" className={styles.panel ?? ''}>
          <DeclarationCards />
        </TabPanel>
        <TabPanel id="history" className={styles.panel ?? ''}>
          <Timeline />
        </TabPanel>
        <TabPanel id="documents" className={styles.panel ?? ''}>
          <Documents />
        </TabPanel>
      </Tabs>
    </Page>
  )
}
