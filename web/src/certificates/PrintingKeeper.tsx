import { type ReactNode, useEffect } from 'react'
import { useWorld } from '../device/world'
import { usePersonalDatabase } from '../records/personal'
import { useScope, useSession } from '../session/SessionContext'
import { keepForPrinting } from './keepForPrinting'
import { useCertificates } from './useCertificates'

/** What somebody came for goes first. */
const AFTER_MS = 5_000
const AGAIN_AFTER_MS = 3_600_000

/** Keeps on the device what whoever may print needs for it. */
export function PrintingKeeper({ children }: { children: ReactNode }) {
  return (
    <>
      {useScope('record.print-certified-copies') ? <Keeping /> : null}
      {children}
    </>
  )
}

function Keeping() {
  const { data } = useCertificates()
  const certificates = data?.body
  const session = useSession()
  const database = usePersonalDatabase()
  const { send, now, wait } = useWorld()
  useEffect(() => {
    if (!certificates) return
    const stop = new AbortController()
    void (async () => {
      for (let pause = AFTER_MS; ; pause = AGAIN_AFTER_MS) {
        await wait(pause, stop.signal)
        if (stop.signal.aborted) return
        const reading = { database: await database(), send, now, token: session.token() }
        // Without a network, or a file that the country does not have: another time.
        await keepForPrinting(certificates, reading).catch(() => undefined)
      }
    })()
    return () => stop.abort()
  }, [certificates, session, database, send, now, wait])
  return null
}
