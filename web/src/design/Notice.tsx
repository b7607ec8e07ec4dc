import type { ReactNode } from 'react'
import { useText } from '../language/Language'
import { Button } from './Button'
import styles from './Notice.module.css'
import { sentenceOf } from './sentence'

export type Tone = 'plain' | 'info' | 'good' | 'warn' | 'bad'

/** Something that a person should read here and now. `live` says it aloud when it appears. */
export function Notice(props: {
  tone?: Tone
  title?: string
  children?: ReactNode
  actions?: ReactNode
  live?: boolean
}) {
  const tone = props.tone ?? 'info'
  return (
    <div
      className={`${styles.notice} ${tone === 'plain' ? '' : styles[tone]}`}
      {...(props.live ? { role: tone === 'bad' ? 'alert' : 'status' } : {})}
    >
      {props.title ? <p className={styles.title}>{props.title}</p> : null}
      {props.children ? <div>{props.children}</div> : null}
      {props.actions ? <div className={styles.actions}>{props.actions}</div> : null}
    </div>
  )
}

/** One or two words about a state. The words carry the meaning, the colour only helps. */
export function Tag({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`${styles.tag} ${tone === 'plain' ? '' : styles[tone]}`}>{children}</span>
}

/** In place of a list that has nothing in it: says so, and what one can do. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      {children ? <p>{children}</p> : null}
      {action}
    </div>
  )
}

/** In place of what could not be read: why, and a way to try again. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useText()
  return (
    <Notice
      tone="bad"
      live
      title={t('design.failed')}
      actions={
        retry ? (
          <Button kind="secondary" size="small" onPress={retry}>
            {t('design.retry')}
          </Button>
        ) : null
      }
    >
      {sentenceOf(error, t)}
    </Notice>
  )
}
