import { useState } from 'react'
import { Link, useParams } from 'wouter'
import { useConfiguration } from '../../configuration/Configuration'
import { Button } from '../../design/Button'
import { EmptyState, Notice, Tag } from '../../design/Notice'
import { Card, Facts, Page } from '../../design/Page'
import { useToday } from '../../device/world'
import { useText } from '../../language/Language'
import { usePlaces } from '../../records/places'
import { Asked, useAsked } from '../asking'
import styles from '../Console.module.css'
import { Moment } from '../Moment'
import { CHANGE_PLACES, USERS } from '../scopes'
import { useMay } from '../useMay'
import { nameOf, useRoleWords } from '../users/words'
import { PlaceDialog } from './PlaceDialog'
import { givenOf, NOTHING_GIVEN } from './placeForm'
import './texts'
import { isClosed } from './tree'
import { useTypeWords } from './words'

/** An area, an office or a facility: what it is, who works there, and what lies in it. */
export default function PlacePage() {
  const t = useText()
  const typeWords = useTypeWords()
  const { placeId = '' } = useParams<{ placeId: string }>()
  const { areas, places } = useConfiguration()
  const known = usePlaces()
  const today = useToday()
  const mayChange = useMay(CHANGE_PLACES)
  const seesPeople = useMay(USERS)
  const [changing, setChanging] = useState<'it' | 'within'>()
  const [said, setSaid] = useState<string>()
  const area = areas.find(({ id }) => id === placeId)
  const place = area ?? places.find(({ id }) => id === placeId)
  if (!place)
    return (
      <Page back="/console/places" title={t('console.places')}>
        <EmptyState title={t('console.places.unknown')} />
      </Page>
    )
  const kind = area ? 'area' : 'place'
  const type = typeof place.locationType === 'string' ? place.locationType : ''
  const until = typeof place.validUntil === 'string' ? place.validUntil : undefined
  const closed = isClosed(until, today)
  const close = () => setChanging(undefined)
  return (
    <Page
      back="/console/places"
      title={place.name}
      subtitle={<Tag>{area ? t('console.places.area') : typeWords(type)}</Tag>}
      actions={
        mayChange ? (
          <>
            <Button kind="secondary" onPress={() => setChanging('it')}>
              {t('console.edit')}
            </Button>
            {area ? (
              <Button kind="secondary" onPress={() => setChanging('within')}>
                {t('console.places.newWithin')}
              </Button>
            ) : null}
          </>
        ) : null
      }
    >
      {said ? (
        <Notice tone="good" live>
          {said}
        </Notice>
      ) : null}
      {closed ? <Notice tone="warn">{t('console.places.isClosed')}</Notice> : null}
      <Card>
        <Facts
          facts={[
            {
              name: t('console.places.within'),
              value: <Above path={known.hierarchy(place.id).slice(0, -1).reverse()} />,
            },
            ...(until ? [{ name: t('console.places.closes'), value: <Moment at={until} exact /> }] : []),
            ...(place.externalId
              ? [
                  {
                    name: t('console.places.externalId'),
                    value: <span className={styles.mono}>{String(place.externalId)}</span>,
                  },
                ]
              : []),
            { name: t('console.places.id'), value: <span className={styles.mono}>{place.id}</span> },
          ]}
        />
      </Card>
      {area ? <Below areaId={area.id} /> : seesPeople ? <Staff officeId={place.id} /> : null}
      {changing === 'it' ? (
        <PlaceDialog
          title={t('console.places.editTitle', { name: place.name })}
          id={place.id}
          begun={givenOf(place, kind)}
          onClose={close}
          onSaved={() => {
            setSaid(t('console.saved'))
            close()
          }}
        />
      ) : changing === 'within' ? (
        <PlaceDialog
          title={t('console.places.new')}
          begun={{ ...NOTHING_GIVEN, within: place.id }}
          onClose={close}
          onSaved={() => {
            setSaid(t('console.places.made'))
            close()
          }}
        />
      ) : null}
    </Page>
  )
}

function Above({ path }: { path: string[] }) {
  const t = useText()
  const places = usePlaces()
  if (path.length === 0) return <>{t('console.places.top')}</>
  return (
    <>
      {path.map((id, index) => (
        <span key={id}>
          {index > 0 ? ', ' : ''}
          <Link href={`/console/places/${id}`}>{places.name(id) ?? id}</Link>
        </span>
      ))}
    </>
  )
}

function Below({ areaId }: { areaId: string }) {
  const t = useText()
  const { areas, places } = useConfiguration()
  const below = [
    ...areas.filter(({ parentId }) => parentId === areaId),
    ...places.filter(({ administrativeAreaId }) => administrativeAreaId === areaId),
  ].sort((a, b) => a.name.localeCompare(b.name))
  return (
    <Card title={t('console.places.below')}>
      {below.length === 0 ? (
        <p className={styles.soft}>{t('console.places.empty')}</p>
      ) : (
        <ul className={styles.plainList}>
          {below.map((one) => (
            <li key={one.id}>
              <Link href={`/console/places/${one.id}`}>{one.name}</Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

/** Who works at an office. */
function Staff({ officeId }: { officeId: string }) {
  const t = useText()
  const roleWords = useRoleWords()
  const query = { primaryOfficeId: officeId, sortBy: 'surname' }
  const users = useAsked(['users', query], (api, signal) => api.GET('/users', { params: { query }, signal }))
  return (
    <Card title={t('console.places.staff')}>
      <Asked asking={users}>
        {(found) =>
          found.length === 0 ? (
            <p className={styles.soft}>{t('console.places.nobody')}</p>
          ) : (
            <ul className={styles.plainList}>
              {found.map((user) => (
                <li key={user.id} className={styles.row}>
                  <Link href={`/console/users/${user.id}`}>{nameOf(user)}</Link>
                  <span className={styles.soft}>{roleWords(user.role)}</span>
                  {user.status === 'deactivated' ? <Tag>{t('console.places.deactivated')}</Tag> : null}
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </Card>
  )
}
