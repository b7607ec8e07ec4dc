import type { ReactNode } from 'react'
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { Button, type ButtonKind } from './Button'
import styles from './Dialog.module.css'

interface MenuChoice {
  id: string
  label: string
  disabled?: boolean
}

/** A button that opens a list of things to do. */
export function Menu(props: {
  label: ReactNode
  accessibleLabel?: string
  choices: MenuChoice[]
  onChoose: (id: string) => void
  kind?: ButtonKind
}) {
  return (
    <MenuTrigger>
      <Button
        kind={props.kind ?? 'secondary'}
        {...(props.accessibleLabel ? { 'aria-label': props.accessibleLabel } : {})}
      >
        {props.label}
        <span aria-hidden="true">▾</span>
      </Button>
      <Popover className={styles.popover ?? ''}>
        <AriaMenu items={props.choices} onAction={(key) => props.onChoose(String(key))}>
          {(choice: MenuChoice) => (
            <MenuItem id={choice.id} isDisabled={choice.disabled ?? false} className={styles.item ?? ''}>
              {choice.label}
            </MenuItem>
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}
