// Why something could not be looked up, and a way to try again.

import { Button } from '../../design/Button'
import { useOnline } from '../../device/online'
import { useText } from '../../language/Language'
import styles from './Fields.module.css'
import type { Failure } from './request'

interface Failed {
  label: string
  failure: Failure
  url: string
}

/** The sentence about it. */
export function useFailureText(): (failed: Failed) => string {
  const t = useText()
  const online = useOnline()
  return ({ label, failure, url }) => {
    const why = failure === 'noAnswer' && !online ? 'offline' : failure
    return t(`forms.lookup.${why}`, { label, origin: originOf(url) })
  }
}

export function LookupFailure(props: Failed & { retry: () => void }) {
  const t = useText()
  const text = useFailureText()
  return (
    <div className={styles.group} role="alert">
      <p className={styles.problem}>{text(props)}</p>
      {props.failure === 'notAllowed' ? null : (
        <div className={styles.actions}>
          <Button kind="secondary" size="small" onPress={props.retry}>
            {t('forms.lookup.again')}
          </Button>
        </div>
      )}
    </div>
  )
}

function originOf(url: string): string {
  try {
    return new URL(url, window.location.href).origin
  } catch {
    return url
  }
}
