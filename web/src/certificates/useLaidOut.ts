import { useEffect, useState } from 'react'
import { layOut } from './print'
import type { CertificatePage } from './svg'

/** Has these pages, and nothing else, come out of the printer for as long as they are shown; true once they would. */
export function useLaidOut(pages: readonly CertificatePage[]): boolean {
  const [ready, setReady] = useState(false)
  useEffect(() => {
    const laidOut = layOut(pages)
    let current = true
    void laidOut.ready.then(() => {
      if (current) setReady(true)
    })
    return () => {
      current = false
      laidOut.remove()
    }
  }, [pages])
  return ready
}
