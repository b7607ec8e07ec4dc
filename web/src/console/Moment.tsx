import { useNow } from '../device/world'
import { useFormats, useText } from '../language/Language'
import styles from './Console.module.css'
import { wordsOf } from './duration'

/** A moment: how long ago, and exactly when. */
export function Moment({ at, exact }: { at: string | null | undefined; exact?: boolean }) {
  const { ago, dateTime } = useFormats()
  const now = useNow()
  if (!at) return <>–</>
  const then = Date.parse(at)
  if (Number.isNaN(then)) return <>{at}</>
  return (
    <time dateTime={at} title={dateTime(at)} className={exact ? undefined : styles.together}>
      {exact ? `${dateTime(at)} (${ago(then, now)})` : ago(then, now)}
    </time>
  )
}

/** A length of time in its largest unit, such as `3 hours`. */
export function Duration({ seconds }: { seconds: number }) {
  const t = useText()
  const { count, unit } = wordsOf(seconds)
  return <>{t(`console.${unit}`, { count })}</>
}

/** When something is tried again. Past that, it waits for its turn or until the country answers again. */
export function NextAttempt({ at, exact }: { at: string | null | undefined; exact?: boolean }) {
  const t = useText()
  const now = useNow()
  if (!at) return <>–</>
  return Date.parse(at) < now ? t('console.itsTurn') : <Moment at={at} exact={exact ?? false} />
}
