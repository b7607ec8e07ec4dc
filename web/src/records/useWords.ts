import { useMemo } from 'react'
import { useCountryText, useFormats, useText } from '../language/Language'
import type { Words } from './answerText'
import { usePlaces } from './places'

/** What answers are put into words with, in the language of the person before the screen. */
export function useWords(): Words {
  const t = useText()
  const tc = useCountryText()
  const formats = useFormats()
  const places = usePlaces()
  return useMemo(
    () => ({
      t,
      tc,
      date: formats.date,
      dateTime: formats.dateTime,
      place: places.name,
      placePath: places.path,
    }),
    [t, tc, formats, places],
  )
}
