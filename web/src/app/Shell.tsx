import { type ReactNode, useState } from 'react'
import { Dialog, Modal, ModalOverlay } from 'react-aria-components'
import { Link, useLocation, useSearch } from 'wouter'
import { useConfiguration } from '../configuration/Configuration'
import { Button, LinkButton } from '../design/Button'
import { Menu } from '../design/Menu'
import { Notice } from '../design/Notice'
import { useOnline } from '../device/online'
import { useText } from '../language/Language'
import { useAccount, useScope, useSession, useStanding } from '../session/SessionContext'
import { SignOutDialog } from '../session/SignOutDialog'
import { useNewVersion } from './newVersion'
import { parts } from './parts'
import styles from './Shell.module.css'

/** The frame of every page: header, navigation, and what a person has to know wherever they are. */
export function Shell({ children }: { children: ReactNode }) {
  const t = useText()
  const { application } = useConfiguration()
  const [drawer, setDrawer] = useState(false)
  const name = typeof application.APPLICATION_NAME === 'string' ? application.APPLICATION_NAME : 'Countersign'
  const logo = (application.COUNTRY_LOGO as { file?: string } | undefined)?.file
  const navigation = (
    <>
      {parts.map(({ Navigation }, index) =>
        Navigation ? <Navigation key={index} onGo={() => setDrawer(false)} /> : null,
      )}
    </>
  )
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {t('app.skip')}
      </a>
      <header className={styles.header}>
        <div className={styles.menuButton}>
          <Button kind="quiet" size="icon" aria-label={t('app.menu')} onPress={() => setDrawer(true)}>
            <span aria-hidden="true">☰</span>
          </Button>
        </div>
        <Link href="/" className={styles.brand ?? ''} aria-label={name}>
          <img src={logo ?? '/desk/icon.svg'} alt="" />
          <span className={styles.hideOnPhone}>{name}</span>
        </Link>
        <div className={styles.space} />
        <NewRecordButton />
        {parts.map(({ Badge }, index) => (Badge ? <Badge key={index} /> : null))}
        <AccountMenu />
      </header>
      <nav className={styles.nav} aria-label={t('app.navigation')}>
        {navigation}
      </nav>
      <ModalOverlay
        className={styles.drawerOverlay ?? ''}
        isDismissable
        isOpen={drawer}
        onOpenChange={setDrawer}
      >
        <Modal className={styles.drawer ?? ''}>
          <Dialog aria-label={t('app.navigation')} className={styles.drawerContent ?? ''}>
            <Button kind="quiet" size="small" onPress={() => setDrawer(false)}>
              {t('design.close')}
            </Button>
            {navigation}
          </Dialog>
        </Modal>
      </ModalOverlay>
      <main className={styles.main} id="content" tabIndex={-1}>
        <Notices />
        {children}
      </main>
    </div>
  )
}

function NewRecordButton() {
  const t = useText()
  const may = useScope('record.create')
  if (!may) return null
  return (
    <LinkButton href="/records/new" size="small">
      <span aria-hidden="true">+</span> {t('app.newRecord')}
    </LinkButton>
  )
}

function AccountMenu() {
  const t = useText()
  const { name } = useAccount()
  const session = useSession()
  const [, go] = useLocation()
  const [leaving, setLeaving] = useState(false)
  const initials = `${name.firstname.charAt(0)}${name.surname.charAt(0)}`.toUpperCase()
  return (
    <>
      <Menu
        kind="quiet"
        label={
          <>
            <span className="visually-hidden">{`${t('app.account')}: ${name.firstname} ${name.surname}`}</span>
            <span aria-hidden="true">{initials || '•'}</span>
          </>
        }
        choices={[
          { id: 'settings', label: t('app.settings') },
          { id: 'lock', label: t('app.lock') },
          { id: 'leave', label: t('app.signOut') },
        ]}
        onChoose={(id) => {
          if (id === 'settings') go('/settings')
          else if (id === 'lock') void session.lock()
          else setLeaving(true)
        }}
      />
      <SignOutDialog open={leaving} onClose={() => setLeaving(false)} />
    </>
  )
}

function Notices() {
  const t = useText()
  const online = useOnline()
  const standing = useStanding()
  const version = useNewVersion()
  const [location, go] = useLocation()
  const search = useSearch()
  const here = search ? `${location}?${search}` : location
  const expired = standing.is === 'open' && standing.expired
  return (
    <div className={styles.notices}>
      {online ? null : (
        <Notice tone="warn" live>
          {t('app.offline')}
        </Notice>
      )}
      {expired ? (
        <Notice
          tone="warn"
          live
          actions={
            <Button
              kind="secondary"
              size="small"
              onPress={() => go(`/sign-in?back=${encodeURIComponent(here)}`)}
            >
              {t('app.signInAgain')}
            </Button>
          }
        >
          {t('app.signedOutByServer')}
        </Notice>
      ) : null}
      {version ? (
        <Notice
          live
          actions={
            <Button kind="secondary" size="small" onPress={version}>
              {t('app.takeNewVersion')}
            </Button>
          }
        >
          {t('app.newVersion')}
        </Notice>
      ) : null}
    </div>
  )
}
