import { useEffect, useRef, useState } from 'react'
import { useFormats, useText } from '../language/Language'
import { type Known, knownOf, newsOf } from './news'
import { useOutbox } from './OutboxProvider'
import { wordsOf } from './words'

/** Milliseconds in which an item may go through several states; the last one is told. */
const SETTLES = 1000

/** Says aloud what became of items, on whatever page somebody is. */
export function OutboxNews() {
  const t = useText()
  const formats = useFormats()
  const { items, health } = useOutbox()
  const known = useRef<Known>(undefined)
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (!items) return
    if (!known.current) {
      known.current = knownOf(items)
      return
    }
    const before = known.current
    // What is new is waited for from now on, whatever is told of it.
    known.current = new Map([...knownOf(items), ...before])
    const settling = setTimeout(() => {
      const news = newsOf(before, items)
      known.current = knownOf(items)
      if (news.length === 0) return
      const around = { heldBy: undefined, health, long: false, t, formats }
      const sentences = news.map((item) =>
        t('outbox.news', {
          title: item.title || t('outbox.untitled'),
          action: t(`outbox.action.${item.action}`),
          state: wordsOf(item, around).state,
        }),
      )
      setSaid(sentences.join(' '))
    }, SETTLES)
    return () => clearTimeout(settling)
  }, [items, health, t, formats])
  return (
    <div role="status" className="visually-hidden">
      {said}
    </div>
  )
}
