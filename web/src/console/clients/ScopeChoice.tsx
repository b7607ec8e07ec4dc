import { useConfiguration } from '../../configuration/Configuration'
import { Checkbox, TextField } from '../../design/Field'
import { Tag } from '../../design/Notice'
import { useCountryText, useText } from '../../language/Language'
import styles from '../Console.module.css'
import own from './Clients.module.css'
import { type ChosenScopes, canBeNarrowed, POWERFUL, SCOPE_GROUPS } from './clientScopes'

/** What a client may do, each with what that means. */
export function ScopeChoice(props: {
  value: ChosenScopes
  onChange: (value: ChosenScopes) => void
  problem?: string | undefined
}) {
  const t = useText()
  const tc = useCountryText()
  const { events } = useConfiguration()
  const { value, onChange } = props
  const toggle = (list: string[], entry: string, on: boolean) =>
    on ? [...list, entry] : list.filter((each) => each !== entry)
  return (
    <div className={styles.stack}>
      {SCOPE_GROUPS.map((group) => (
        <fieldset key={group.id} className={own.group}>
          <legend>{t(`console.scopeGroup.${group.id}`)}</legend>
          {group.kinds.map((kind) => (
            <Checkbox
              key={kind}
              value={value.kinds.includes(kind)}
              onChange={(on) => onChange({ ...value, kinds: toggle(value.kinds, kind, on) })}
            >
              <span className={own.scope}>
                <span className={styles.row}>
                  <strong>{t(`console.scope.${kind}`)}</strong>
                  {POWERFUL.includes(kind) ? <Tag tone="warn">{t('console.scopes.powerful')}</Tag> : null}
                </span>
                <span className={styles.soft}>{t(`console.scope.${kind}.help`)}</span>
              </span>
            </Checkbox>
          ))}
        </fieldset>
      ))}
      {value.kinds.some(canBeNarrowed) ? (
        <fieldset className={own.group}>
          <legend>{t('console.clients.events')}</legend>
          <p className={styles.soft}>{t('console.clients.eventsHelp')}</p>
          {events.map((event) => (
            <Checkbox
              key={event.id}
              value={value.events.includes(event.id)}
              onChange={(on) => onChange({ ...value, events: toggle(value.events, event.id, on) })}
            >
              {tc(event.label)}
            </Checkbox>
          ))}
        </fieldset>
      ) : null}
      <TextField
        label={t('console.clients.further')}
        help={t('console.clients.furtherHelp')}
        rows={2}
        required={false}
        value={value.further.join('\n')}
        onChange={(text) => onChange({ ...value, further: text === '' ? [] : text.split('\n') })}
      />
      {props.problem ? (
        <p className={own.problem} role="alert">
          {props.problem}
        </p>
      ) : null}
    </div>
  )
}
