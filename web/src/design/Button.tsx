import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components'
import { Link } from 'wouter'
import styles from './Button.module.css'
import { Spinner } from './Loading'

export type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger'

interface ButtonProps extends Omit<AriaButtonProps, 'children' | 'className'> {
  children: ReactNode
  kind?: ButtonKind
  size?: 'normal' | 'small' | 'icon'
  /** Work goes on: shows so, and takes no second press. */
  busy?: boolean
}

const classes = (kind: ButtonKind, size: 'normal' | 'small' | 'icon'): string =>
  [styles.button, kind === 'primary' ? '' : styles[kind], size === 'normal' ? '' : styles[size]]
    .filter(Boolean)
    .join(' ')

export function Button({ kind = 'primary', size = 'normal', busy = false, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} isPending={busy} className={classes(kind, size)}>
      {busy ? <Spinner /> : null}
      {children}
    </AriaButton>
  )
}

/** Looks like a button, goes to another page. `href` is below /desk. */
export function LinkButton(props: {
  href: string
  children: ReactNode
  kind?: ButtonKind
  size?: 'normal' | 'small'
}) {
  return (
    <Link href={props.href} className={classes(props.kind ?? 'primary', props.size ?? 'normal')}>
      {props.children}
    </Link>
  )
}
