import { LinkButton } from '../../design/Button'
import { Tag } from '../../design/Notice'
import { Card } from '../../design/Page'
import { useFormats, useText } from '../../language/Language'
import { Asked, useAsked } from '../asking'
import styles from '../Console.module.css'
import { Duration } from '../Moment'
import { BarChart } from './BarChart'
import { AGE_GROUPS, inAgeGroups, reach, roundEnd } from './scale'

/** As many as Core gives at once: the oldest, which are those that matter. */
const LOOKED_AT = 500

/** How old the actions are that wait for the country, and how many of them somebody must look at. */
export function PendingOverview() {
  const t = useText()
  const { number } = useFormats()
  const pending = useAsked(
    ['pending', 'overview'],
    (api, signal) => api.GET('/pending-actions', { params: { query: { limit: String(LOOKED_AT) } }, signal }),
    { live: true },
  )
  return (
    <Card
      title={t('console.pending')}
      actions={
        <LinkButton kind="secondary" size="small" href="/console/pending">
          {t('console.overview.seePending')}
        </LinkButton>
      }
    >
      <Asked asking={pending}>
        {({ pendingActions, next }) => {
          const groups = inAgeGroups(pendingActions.map((action) => action.ageSeconds))
          const end = roundEnd(groups)
          const of = (alert: string) => pendingActions.filter((action) => action.alert === alert).length
          const oldest = pendingActions[0]
          return (
            <>
              <p>
                <span className={styles.bigNumber}>
                  {number(pendingActions.length)}
                  {next ? '+' : ''}
                </span>{' '}
                {t('console.overview.pending', { count: pendingActions.length })}
                {oldest ? (
                  <>
                    {' · '}
                    {t('console.overview.oldest')} <Duration seconds={oldest.ageSeconds} />
                  </>
                ) : null}
              </p>
              <p className={styles.row}>
                <Tag tone={of('overdue') > 0 ? 'bad' : 'plain'}>
                  {t('console.overview.overdue', { count: of('overdue') })}
                </Tag>
                <Tag tone={of('due') > 0 ? 'warn' : 'plain'}>
                  {t('console.overview.due', { count: of('due') })}
                </Tag>
              </p>
              {pendingActions.length > 0 ? (
                <BarChart
                  title={t('console.overview.byAge')}
                  bars={AGE_GROUPS.map((group, index) => ({
                    id: group.id,
                    label: t(`console.overview.group.${group.id}`),
                    reach: reach(groups[index] ?? 0, end),
                    value: number(groups[index] ?? 0),
                  }))}
                  note={next ? t('console.overview.oldestOnly', { count: LOOKED_AT }) : undefined}
                />
              ) : null}
            </>
          )
        }}
      </Asked>
    </Card>
  )
}
