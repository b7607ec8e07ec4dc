// Puts the desk together: the only place that knows the real clock, network and randomness.
import { QueryClient, QueryClientProvider, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { RouterProvider } from 'react-aria-components'
import { Router, useLocation, useSearchParams } from 'wouter'
import { ApiProvider } from '../api/ApiContext'
import { connect, Refusal } from '../api/client'
import { ConfigurationProvider } from '../configuration/Configuration'
import { Documents } from '../configuration/documents'
import { FaceProvider } from '../configuration/Face'
import { Loading } from '../design/Loading'
import { type CommonDatabase, keepForGood } from '../device/database'
import { WorldProvider } from '../device/world'
import { SignInCore } from '../session/core'
import { PinPage } from '../session/PinPage'
import { SessionProvider, useSession, useStanding } from '../session/SessionContext'
import { SignInPage } from '../session/SignInPage'
import { Session } from '../session/session'
import { forgetUnfinished } from '../session/useUnfinished'
import { Broken } from './Broken'
import { deviceWorld } from './deviceWorld'
import { Pages } from './Pages'
import { parts } from './parts'
import { Shell } from './Shell'

/** One tab renews the token of all: each renewal ends the token before. */
const alone = async (work: () => Promise<void>): Promise<void> => {
  // Browsers have no locks where they trust no address, as over plain HTTP.
  if (!navigator.locks) return work()
  await navigator.locks.request('countersign.renewal', { ifAvailable: true }, async (lock) => {
    if (lock) await work()
  })
}

export function Desk({ database }: { database: CommonDatabase }) {
  const made = useMemo(() => {
    const { now, send, randomBytes } = deviceWorld
    const core = new SignInCore(send, now)
    const session = new Session({
      database,
      now,
      randomBytes,
      renew: core.renew,
      end: core.end,
      alone,
      channel: new BroadcastChannel('countersign.session'),
    })
    const credentials = {
      token: () => session.token(),
      refused: (token: string) => void session.tokenRefused(token),
    }
    const api = connect(credentials, send)
    const documents = new Documents({ database, send, now, token: () => session.token() })
    const client = new QueryClient({
      defaultOptions: {
        queries: {
          // A network that is said to be away may be there, and the other way round: always ask.
          networkMode: 'always',
          staleTime: 15_000,
          retry: (count, error) => count < 2 && !(error instanceof Refusal && !error.passes),
        },
        mutations: { networkMode: 'always', retry: false },
      },
    })
    return { core, session, api, documents, client }
  }, [database])
  useEffect(() => {
    void made.session.start()
    const timer = setInterval(() => {
      void made.session.lockWhenIdle()
      void made.session.renewWhenDue()
    }, 15_000)
    const touched = () => made.session.touched()
    for (const kind of ['keydown', 'pointerdown', 'scroll'] as const)
      window.addEventListener(kind, touched, { passive: true, capture: true })
    return () => {
      clearInterval(timer)
      for (const kind of ['keydown', 'pointerdown', 'scroll'] as const)
        window.removeEventListener(kind, touched, { capture: true })
    }
  }, [made])
  return (
    <WorldProvider world={deviceWorld}>
      <QueryClientProvider client={made.client}>
        <FaceProvider documents={made.documents}>
          <Broken>
            <SessionProvider session={made.session}>
              <ApiProvider api={made.api}>
                <Router base="/desk">
                  <Navigating>
                    <Standing core={made.core} documents={made.documents} />
                  </Navigating>
                </Router>
              </ApiProvider>
            </SessionProvider>
          </Broken>
        </FaceProvider>
      </QueryClientProvider>
    </WorldProvider>
  )
}

/** Lets links inside menus and lists of the component library go through our router. */
function Navigating({ children }: { children: ReactNode }) {
  const [, go] = useLocation()
  return (
    <RouterProvider navigate={go} useHref={(href) => `/desk${href}`}>
      {children}
    </RouterProvider>
  )
}

function Standing({ core, documents }: { core: SignInCore; documents: Documents }) {
  const standing = useStanding()
  const session = useSession()
  const [location, go] = useLocation()
  const [parameters] = useSearchParams()
  const signingInAgain = standing.is === 'open' && standing.expired && location === '/sign-in'
  // Whoever signs in again goes on where they were; somebody else begins at their own start.
  const whosePage = useRef<string>(undefined)
  const back = parameters.get('back') ?? '/'
  useEffect(() => {
    if (standing.is !== 'open') return
    const { userId } = standing.account
    const isSomebodyElses = whosePage.current !== undefined && whosePage.current !== userId
    whosePage.current = userId
    if (isSomebodyElses) go('/', { replace: true })
    else if (!standing.expired && location === '/sign-in')
      go(/^\/(?!\/)/.test(back) ? back : '/', { replace: true })
  }, [standing, location, go, back])
  useEffect(() => {
    if (standing.is === 'open') void keepForGood()
  }, [standing.is])
  const client = useQueryClient()
  useEffect(() => {
    if (standing.is !== 'signed-out') return
    // Whoever comes next in this tab finds nothing of what the one before was shown or was at.
    // What is still on the screen, such as the country's texts, is nobody's.
    client.removeQueries({ type: 'inactive' })
    forgetUnfinished()
  }, [standing.is, client])
  if (standing.is === 'starting') return <Loading />
  if (standing.is === 'signed-out')
    return (
      <SignInPage
        core={core}
        accounts={standing.accounts}
        tooManyTries={standing.tooManyTries ?? false}
        key={standing.tooManyTries ? 'after wrong PINs' : 'as usual'}
      />
    )
  if (signingInAgain)
    return <SignInPage core={core} accounts={[standing.account]} cancel={() => go(back, { replace: true })} />
  if (standing.is === 'locked')
    return <PinPage account={standing.account} choose={standing.choose} key={session.account()?.userId} />
  return (
    // Another person begins with nothing of the one before in memory.
    <ConfigurationProvider documents={documents} key={standing.account.userId}>
      <Providers>
        <Shell>
          <Pages />
        </Shell>
      </Providers>
    </ConfigurationProvider>
  )
}

/** What the parts need around all pages, the outermost first. */
function Providers({ children }: { children: ReactNode }) {
  let all = children
  for (const { Provider } of [...parts].reverse()) if (Provider) all = <Provider>{all}</Provider>
  return all
}
