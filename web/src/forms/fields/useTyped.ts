import { useState } from 'react'

/**
 * What is typed of an answer that is kept in another shape: `007` of 7. It shows as it was typed for as
 * long as it says what is kept. The second of the pair takes what is typed and gives what to keep.
 */
export function useTyped<Typed, Kept>(
  kept: unknown,
  read: (typed: Typed) => Kept,
  print: (kept: unknown) => Typed,
): [Typed, (typed: Typed) => Kept] {
  const [typed, setTyped] = useState(() => print(kept))
  const shown = (read(typed) as unknown) === (kept ?? undefined) ? typed : print(kept)
  return [
    shown,
    (next) => {
      setTyped(next)
      return read(next)
    },
  ]
}
