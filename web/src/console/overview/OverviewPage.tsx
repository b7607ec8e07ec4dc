import { Page } from '../../design/Page'
import { useText } from '../../language/Language'
import styles from '../Console.module.css'
import { READ_DELIVERIES, SEE_PENDING } from '../scopes'
import { useMay } from '../useMay'
import { DeliveriesOverview } from './DeliveriesOverview'
import { HealthCard } from './HealthCard'
import { PendingOverview } from './PendingOverview'
import { Shortcuts } from './Shortcuts'
import './texts'

/** What an administrator wants to know first: is everything well, and what waits for whom. */
export default function OverviewPage() {
  const t = useText()
  const seesDeliveries = useMay(READ_DELIVERIES)
  const seesPending = useMay(SEE_PENDING)
  return (
    <Page title={t('console.overview')} subtitle={t('console.overview.lead')}>
      <div className={styles.cards}>
        <HealthCard />
        {seesPending ? <PendingOverview /> : null}
      </div>
      {seesDeliveries ? <DeliveriesOverview /> : null}
      {seesDeliveries || seesPending ? null : <Shortcuts />}
    </Page>
  )
}
