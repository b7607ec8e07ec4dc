import { LinkButton } from '../../design/Button'
import { Card } from '../../design/Page'
import { useText } from '../../language/Language'
import styles from '../Console.module.css'
import { useEntries } from '../ConsoleNavigation'

/** For whoever looks after people rather than machines: the ways to their pages. */
export function Shortcuts() {
  const t = useText()
  const entries = useEntries().filter((entry) => entry.href !== '/console')
  if (entries.length === 0) return null
  return (
    <Card title={t('console.overview.goTo')}>
      <div className={styles.row}>
        {entries.map((entry) => (
          <LinkButton key={entry.href} kind="secondary" href={entry.href}>
            {t(entry.text)}
          </LinkButton>
        ))}
      </div>
    </Card>
  )
}
