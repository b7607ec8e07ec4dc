import { useMemo, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useConfiguration } from '../../configuration/Configuration'
import { Button } from '../../design/Button'
import { TextField } from '../../design/Field'
import { EmptyState, Tag } from '../../design/Notice'
import { Card, Page } from '../../design/Page'
import { useToday } from '../../device/world'
import { useText } from '../../language/Language'
import styles from '../Console.module.css'
import { CHANGE_PLACES } from '../scopes'
import { useMay } from '../useMay'
import { PlaceDialog } from './PlaceDialog'
import own from './Places.module.css'
import { NOTHING_GIVEN } from './placeForm'
import './texts'
import { type Branch, found, isClosed, treeOf } from './tree'
import { useTypeWords } from './words'

/** More than this nobody reads through: the search is to be narrowed. */
const SHOWN = 200

/** Areas, offices and facilities. Also without a network. */
export default function PlacesPage() {
  const t = useText()
  const { areas, places } = useConfiguration()
  const roots = useMemo(() => treeOf(areas, places), [areas, places])
  const [wanted, setWanted] = useState('')
  const mayChange = useMay(CHANGE_PLACES)
  const [making, setMaking] = useState(false)
  const [, go] = useLocation()
  const results = useMemo(() => (wanted.trim() ? found(roots, wanted) : undefined), [roots, wanted])
  return (
    <Page
      title={t('console.places')}
      subtitle={t('console.places.lead', { areas: areas.length, places: places.length })}
      actions={mayChange ? <Button onPress={() => setMaking(true)}>{t('console.places.new')}</Button> : null}
    >
      <TextField type="search" label={t('console.places.search')} value={wanted} onChange={setWanted} />
      {results === undefined ? (
        <Card>
          <ul className={own.tree}>
            {roots.map((branch) => (
              <BranchItem key={branch.id} branch={branch} />
            ))}
          </ul>
        </Card>
      ) : results.length === 0 ? (
        <EmptyState title={t('console.places.nothing')}>{t('console.places.nothingHelp')}</EmptyState>
      ) : (
        <Card>
          <p className={styles.soft} role="status">
            {t('console.places.found', { count: results.length })}
          </p>
          <ul className={own.tree}>
            {results.slice(0, SHOWN).map(({ branch, above }) => (
              <li key={branch.id} className={own.leaf}>
                <BranchName branch={branch} linked />
                <span className={styles.soft}>
                  {[...above]
                    .reverse()
                    .map(({ name }) => name)
                    .join(', ')}
                </span>
              </li>
            ))}
          </ul>
        </Card>
      )}
      {making ? (
        <PlaceDialog
          title={t('console.places.new')}
          begun={NOTHING_GIVEN}
          onClose={() => setMaking(false)}
          onSaved={(id) => go(`/console/places/${id}`)}
        />
      ) : null}
    </Page>
  )
}

function BranchItem({ branch }: { branch: Branch }) {
  const t = useText()
  // What is folded away is not drawn: a country has thousands of places.
  const [open, setOpen] = useState(false)
  const below = [...branch.areas, ...branch.places]
  if (below.length === 0)
    return (
      <li className={own.leaf}>
        <BranchName branch={branch} linked />
      </li>
    )
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className={own.summary}>
          <BranchName branch={branch} />
        </summary>
        {open ? (
          <ul className={`${own.tree} ${own.below}`}>
            <li className={own.leaf}>
              <Link href={`/console/places/${branch.id}`}>
                {t('console.places.see', { name: branch.name })}
              </Link>
            </li>
            {below.map((each) => (
              <BranchItem key={each.id} branch={each} />
            ))}
          </ul>
        ) : null}
      </details>
    </li>
  )
}

/** `linked` where it may be one: what folds cannot hold a link, too. */
function BranchName({ branch, linked }: { branch: Branch; linked?: boolean }) {
  const t = useText()
  const typeWords = useTypeWords()
  const today = useToday()
  return (
    <span className={own.name}>
      {linked ? <Link href={`/console/places/${branch.id}`}>{branch.name}</Link> : <span>{branch.name}</span>}
      {branch.kind === 'area' ? (
        <span className={styles.soft}>{t('console.places.count', { count: branch.count })}</span>
      ) : branch.locationType ? (
        <Tag>{typeWords(branch.locationType)}</Tag>
      ) : null}
      {branch.externalId ? (
        <span className={`${styles.soft} ${styles.mono}`}>{branch.externalId}</span>
      ) : null}
      {isClosed(branch.validUntil, today) ? <Tag tone="warn">{t('console.places.unused')}</Tag> : null}
    </span>
  )
}
