import { useLocation } from 'wouter'
import { Button } from '../design/Button'
import { Menu } from '../design/Menu'
import { ErrorState } from '../design/Notice'
import { useText } from '../language/Language'
import { useUnfinished } from '../session/useUnfinished'
import { ActionDialog } from './ActionDialog'
import { actionLabel } from './actionLabel'
import { PAGES } from './actionPages'
import { type AssignmentWish, useAssignment } from './assignment'
import { mayWorkOn, type OfferedAction, offeredActions } from './offered'
import { useOpenRecord } from './RecordContext'
import styles from './RecordPage.module.css'
import { useOutboxItems } from './useOutboxItems'
import { useWords } from './useWords'

/** So many stand in the open; the others are behind one button. */
const IN_THE_OPEN = 3

/** All that may be done with the record, in the country's order. */
export function ActionBar() {
  const t = useText()
  const words = useWords()
  const [, go] = useLocation()
  const { state, reach, config, asker, document } = useOpenRecord()
  const [chosen, setChosen] = useUnfinished<OfferedAction | undefined>(`action on ${state.id}`, undefined)
  const assignment = useAssignment(state.id)
  const waiting = useOutboxItems(state.id).some((item) => item.state.is !== 'refused')
  const mine = mayWorkOn(state, asker.person)
  const offered = offeredActions(state, reach, config, asker, document)
  const label = (action: OfferedAction): string => {
    if (action.type === 'ASSIGN') return t(mine ? 'records.take' : 'records.takeOver')
    if (action.type === 'UNASSIGN') return t('records.letGo')
    if (action.type === 'REVIEW_CORRECTION_REQUEST') return t('records.reviewCorrection')
    return actionLabel(action, config, state, words)
  }
  const isHolding = ({ type }: OfferedAction) => type === 'ASSIGN' || type === 'UNASSIGN'
  // While something of this record waits on this device, nothing can be decided on what will come of it.
  const isOff = (action: OfferedAction) => !action.enabled || (!isHolding(action) && (!mine || waiting))
  const start = (action: OfferedAction) => {
    const page = PAGES[action.type]
    const wish: AssignmentWish = action.type === 'UNASSIGN' ? 'let-go' : mine ? 'take' : 'take-over'
    if (isHolding(action)) assignment.mutate(wish)
    else if (action.type === 'REVIEW_CORRECTION_REQUEST')
      globalThis.document.getElementById('correction')?.focus()
    else if (page) go(`/records/${state.id}/${page}`)
    else setChosen(action)
  }
  const open = offered.slice(0, IN_THE_OPEN)
  const others = offered.slice(IN_THE_OPEN)
  if (offered.length === 0) return null
  return (
    <>
      <section className={styles.bar} aria-label={t('records.actions')} data-print="no">
        {open.map((action, at) => (
          <Button
            key={action.key}
            kind={at === 0 && action.type !== 'UNASSIGN' ? 'primary' : 'secondary'}
            isDisabled={isOff(action)}
            busy={isHolding(action) && assignment.isPending}
            onPress={() => start(action)}
          >
            {label(action)}
          </Button>
        ))}
        {others.length > 0 ? (
          <Menu
            label={t('records.moreActions')}
            choices={others.map((action) => ({
              id: action.key,
              label: label(action),
              disabled: isOff(action),
            }))}
            onChoose={(key) => {
              const action = others.find((one) => one.key === key)
              if (action) start(action)
            }}
          />
        ) : null}
      </section>
      {assignment.isError ? <ErrorState error={assignment.error} /> : null}
      {chosen ? (
        <ActionDialog action={chosen} label={label(chosen)} onClose={() => setChosen(undefined)} />
      ) : null}
    </>
  )
}
