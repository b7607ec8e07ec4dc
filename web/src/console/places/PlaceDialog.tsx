import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Api } from '../../api/client'
import { useConfiguration } from '../../configuration/Configuration'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { ComboBox, Select, TextField } from '../../design/Field'
import { useWorld } from '../../device/world'
import { useText } from '../../language/Language'
import { usePlaces } from '../../records/places'
import { useCommand } from '../asking'
import { EnterSubmits } from '../EnterSubmits'
import { Failure } from '../Failure'
import { AREA, areaOf, locationOf, type PlaceField, type PlaceGiven, problemsOf, TOP } from './placeForm'
import { useTypeWords } from './words'

const OFFICE = 'CRVS_OFFICE'
const FACILITY = 'HEALTH_FACILITY'

/** Makes a place, or changes one that is there. */
export function PlaceDialog(props: {
  title: string
  /** Of one that is there. */
  id?: string
  begun: PlaceGiven
  onClose: () => void
  onSaved: (id: string) => void
}) {
  const t = useText()
  const { areas, places } = useConfiguration()
  const client = useQueryClient()
  const { newId } = useWorld()
  const [given, setGiven] = useState(props.begun)
  const [tried, setTried] = useState(false)
  const all = useMemo(() => [...areas, ...places], [areas, places])
  const missing = problemsOf(given, props.id, all)
  const problem = (field: PlaceField) => (tried && missing[field] ? t(missing[field]) : undefined)
  const change = (changes: Partial<PlaceGiven>) => setGiven({ ...given, ...changes })
  const save = useCommand((api: Api, { id, ...place }: PlaceGiven & { id: string }) =>
    place.type === AREA
      ? api.POST('/administrative-areas', { body: [areaOf(place, id)] })
      : api.POST('/locations', { body: [locationOf(place, id)] }),
  )
  const submit = async () => {
    setTried(true)
    if (Object.keys(missing).length > 0 || save.isPending) return
    const id = props.id ?? newId()
    try {
      await save.mutateAsync({ ...given, id })
    } catch {
      return // The dialog stays and says why.
    }
    await client.invalidateQueries({ queryKey: ['configuration', 'fresh'] })
    props.onSaved(id)
  }
  return (
    <Dialog
      open
      keepOpen
      onClose={props.onClose}
      title={props.title}
      actions={
        <>
          <Button kind="secondary" onPress={props.onClose}>
            {t('design.cancel')}
          </Button>
          <Button busy={save.isPending} onPress={() => void submit()}>
            {t('console.save')}
          </Button>
        </>
      }
    >
      <EnterSubmits onSubmit={() => void submit()}>
        <TextField
          label={t('console.places.name')}
          value={given.name}
          onChange={(name) => change({ name })}
          required
          autoComplete="off"
          autoFocus
          problem={problem('name')}
        />
        <TypeField
          id={props.id}
          value={given.type}
          onChange={(type) => change({ type })}
          problem={problem('type')}
        />
        <WithinField
          id={props.id}
          value={given.within}
          onChange={(within) => change({ within })}
          problem={problem('within')}
        />
        <TextField
          label={t('console.places.externalId')}
          help={t('console.places.externalIdHelp')}
          value={given.externalId}
          onChange={(externalId) => change({ externalId })}
          required={false}
          autoComplete="off"
          problem={problem('externalId')}
        />
        <TextField
          type="date"
          label={t('console.places.closes')}
          help={t('console.places.closesHelp')}
          value={given.closes}
          onChange={(closes) => change({ closes })}
          required={false}
        />
        <Failure error={save.error} />
      </EnterSubmits>
    </Dialog>
  )
}

interface FieldProps {
  id: string | undefined
  value: string | undefined
  onChange: (value: string | undefined) => void
  problem: string | undefined
}

/** An area stays one, and a location too: records and people refer to them as what they are. */
function TypeField({ id, value, onChange, problem }: FieldProps) {
  const t = useText()
  const words = useTypeWords()
  const { places } = useConfiguration()
  if (id !== undefined && value === AREA) return null
  const known = new Set([OFFICE, FACILITY, ...places.map((place) => place.locationType ?? '')])
  if (value !== undefined && value !== AREA) known.add(value)
  const types = [...known].filter((type) => type !== '' || value === '')
  return (
    <Select
      label={t('console.places.type')}
      options={[
        ...types.map((type) => ({ value: type, label: words(type) })),
        ...(id === undefined ? [{ value: AREA, label: t('console.places.area') }] : []),
      ]}
      value={value}
      onChange={onChange}
      required
      problem={problem}
    />
  )
}

/** Any area but itself and those below it. */
function WithinField({ id, value, onChange, problem }: FieldProps) {
  const t = useText()
  const { areas } = useConfiguration()
  const places = usePlaces()
  const options = useMemo(
    () => [
      { value: TOP, label: t('console.places.top') },
      ...areas
        .filter((area) => id === undefined || !places.hierarchy(area.id).includes(id))
        .map((area) => ({ value: area.id, label: places.path(area.id).join(', ') }))
        .sort((a, b) => a.label.localeCompare(b.label)),
    ],
    [areas, places, id, t],
  )
  return (
    <ComboBox
      label={t('console.places.within')}
      options={options}
      value={value}
      onChange={onChange}
      required
      problem={problem}
    />
  )
}
