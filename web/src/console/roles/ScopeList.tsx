import { useMemo } from 'react'
import { useConfiguration } from '../../configuration/Configuration'
import { Tag } from '../../design/Notice'
import { useCountryText, useText } from '../../language/Language'
import { kindOf, POWERFUL } from '../clients/clientScopes'
import '../clients/scopeTexts'
import styles from '../Console.module.css'
import { useRoleWords } from '../users/words'
import './scopeTexts'

/** What scopes allow, in words: each with what it is narrowed to. */
export function ScopeList({ scopes }: { scopes: readonly string[] }) {
  const t = useText()
  const narrowed = useNarrowed()
  const said = (id: string) => {
    const text = t(id)
    return text === id ? undefined : text
  }
  return (
    <ul className={styles.rights}>
      {scopes.map((scope) => {
        const kind = kindOf(scope)
        const help = said(`console.scope.${kind}.help`)
        return (
          <li key={scope}>
            <span className={styles.row}>
              <strong>{said(`console.scope.${kind}`) ?? kind}</strong>
              {POWERFUL.includes(kind) ? <Tag tone="warn">{t('console.scopes.powerful')}</Tag> : null}
            </span>
            {narrowed(scope).map((words) => (
              <p key={words}>{words}</p>
            ))}
            <span className={styles.soft}>
              {help ? `${help} ` : ''}
              <span className={styles.mono}>{kind}</span>
            </span>
          </li>
        )
      })}
    </ul>
  )
}

/** What a scope is narrowed to; the country's own words where it has some. */
function useNarrowed(): (scope: string) => string[] {
  const t = useText()
  const tc = useCountryText()
  const roles = useRoleWords()
  const { events, workqueues } = useConfiguration()
  return useMemo(() => {
    const known = (label: string | undefined, id: string) => label || id
    const worded = (name: string, value: string): string => {
      if (name === 'event') {
        const event = events.find(({ id }) => id === value)
        return known(event && tc(event.label), value)
      }
      if (name === 'role') return roles(value)
      if (name === 'ids') {
        const queue = workqueues.find(({ slug }) => slug === value)
        return known(queue && tc(queue.name), value)
      }
      if (name === 'customActionTypes') {
        const actions = events.flatMap((event) => event.actions)
        const action = actions.find(({ customActionType }) => customActionType === value)
        return known(action && tc(action.label), value)
      }
      const id = `console.scopes.value.${value}`
      const words = t(id)
      return words === id ? value : words
    }
    return (scope) =>
      [...new URLSearchParams(scope)]
        .filter(([name, value]) => name !== 'type' && value !== '')
        .map(([name, value]) => {
          const values = value.split(',').map((one) => worded(name, one))
          const id = `console.scopes.${name}`
          const label = t(id)
          return `${label === id ? name : label}: ${values.join(', ')}`
        })
  }, [t, tc, roles, events, workqueues])
}
