import type { Schemas } from '../../api/client'
import { EmptyState, Notice } from '../../design/Notice'
import { Card, Facts, Page } from '../../design/Page'
import { Table } from '../../design/Table'
import { useText } from '../../language/Language'
import { Asked, useAsked } from '../asking'
import styles from '../Console.module.css'
import { Moment } from '../Moment'
import './texts'

type Problem = Schemas['ConfigurationProblem']

/** Which of the country's configurations is in use, and what is wrong with a newer one. */
export default function ConfigurationPage() {
  const t = useText()
  const status = useAsked(['configuration'], (api, signal) => api.GET('/configuration/status', { signal }), {
    live: true,
  })
  return (
    <Page title={t('console.configuration')} subtitle={t('console.configuration.lead')}>
      <Asked asking={status}>
        {(found) => (
          <>
            {found.failure ? (
              <Notice tone="warn" title={t('console.configuration.failure')}>
                <p>{found.failure}</p>
                <p className={styles.soft}>{t('console.configuration.goesOn')}</p>
              </Notice>
            ) : null}
            <Card title={t('console.configuration.live')}>
              <Facts
                facts={[
                  {
                    name: t('console.configuration.version'),
                    value: <span className={styles.mono}>{found.version ?? '–'}</span>,
                  },
                  { name: t('console.configuration.since'), value: <Moment at={found.since} exact /> },
                  {
                    name: t('console.configuration.answeredAt'),
                    value: <Moment at={found.answeredAt} exact />,
                  },
                ]}
              />
            </Card>
            {found.refused ? (
              <Card title={t('console.configuration.refused')}>
                <p>
                  {t('console.configuration.refusedHelp')} <Moment at={found.refused.since} />
                </p>
                <Problems problems={found.refused.problems} caption={t('console.configuration.refused')} />
              </Card>
            ) : null}
            <Card title={t('console.configuration.warnings')}>
              {found.warnings.length > 0 ? (
                <>
                  <p>{t('console.configuration.warningsHelp')}</p>
                  <Problems problems={found.warnings} caption={t('console.configuration.warnings')} />
                </>
              ) : (
                <EmptyState title={t('console.configuration.noWarnings')} />
              )}
            </Card>
          </>
        )}
      </Asked>
    </Page>
  )
}

function Problems({ problems, caption }: { problems: Problem[]; caption: string }) {
  const t = useText()
  return (
    <Table
      caption={caption}
      rows={problems}
      rowKey={(problem) => `${problem.document}${problem.path}${problem.reason}`}
      columns={[
        {
          id: 'document',
          label: t('console.configuration.document'),
          cell: (problem) => problem.document,
        },
        {
          id: 'path',
          label: t('console.configuration.path'),
          cell: (problem) => <span className={styles.mono}>{problem.path}</span>,
        },
        { id: 'reason', label: t('console.configuration.reason'), cell: (problem) => problem.reason },
      ]}
    />
  )
}
