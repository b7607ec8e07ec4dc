import type { ReactNode } from 'react'
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { useText } from '../language/Language'
import { Button } from './Button'
import styles from './Dialog.module.css'

/** A question or a short form over the page. Esc and the shade close it; focus goes in and comes back. */
export function Dialog(props: {
  open: boolean
  onClose: () => void
  title: string
  children: ReactNode
  actions?: ReactNode
  wide?: boolean
  /** A mistaken click beside it must not lose what was typed. */
  keepOpen?: boolean
}) {
  return (
    <ModalOverlay
      className={styles.overlay ?? ''}
      isOpen={props.open}
      onOpenChange={(open) => {
        if (!open) props.onClose()
      }}
      isDismissable={!props.keepOpen}
    >
      <Modal className={`${styles.modal} ${props.wide ? styles.wide : ''}`}>
        <AriaDialog className={styles.dialog ?? ''}>
          <Heading slot="title" level={2}>
            {props.title}
          </Heading>
          {props.children}
          {props.actions ? <div className={styles.actions}>{props.actions}</div> : null}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}

/** Asks before something that cannot be taken back. */
export function Confirm(props: {
  open: boolean
  onClose: () => void
  title: string
  children?: ReactNode
  action: string
  onConfirm: () => void
  danger?: boolean
  busy?: boolean
}) {
  const t = useText()
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={props.title}
      actions={
        <>
          <Button kind="secondary" onPress={props.onClose}>
            {t('design.cancel')}
          </Button>
          <Button
            kind={props.danger ? 'danger' : 'primary'}
            busy={props.busy ?? false}
            onPress={props.onConfirm}
            autoFocus
          >
            {props.action}
          </Button>
        </>
      }
    >
      {props.children}
    </Dialog>
  )
}
