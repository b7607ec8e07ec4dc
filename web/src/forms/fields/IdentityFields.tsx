// Buttons, and the ways to a person's identity: a page of the country's identity system, a code on a card.
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import type { FieldConfig } from '../../configuration/types'
import { Button } from '../../design/Button'
import buttonStyles from '../../design/Button.module.css'
import { useOnline } from '../../device/online'
import { useCountryText, useText } from '../../language/Language'
import { fits } from '../rules/conditionals'
import { isObject } from '../rules/value'
import styles from './Fields.module.css'
import { configurationOf, type FieldProps, messageIn, textOf, useCaption } from './fieldProps'
import { withWayBack } from './links'

const QrScanner = lazy(() => import('./QrScanner'))

/** BUTTON: counts how often it was pressed; others watch the count. */
export function PressButton({ field, value, onChange, disabled, problem }: FieldProps) {
  const tc = useCountryText()
  return (
    <div className={styles.group}>
      {field.hideLabel ? null : <span>{tc(field.label)}</span>}
      <div className={styles.actions}>
        <Button
          kind="secondary"
          isDisabled={disabled}
          onPress={() => onChange((typeof value === 'number' ? value : 0) + 1)}
        >
          {tc(messageIn(field, 'text'))}
        </Button>
      </div>
      {problem ? <p className={styles.problem}>{problem}</p> : null}
    </div>
  )
}

/** LINK_BUTTON: leaves for a page that leads back here. What is filled in is on the device by then. */
export function LinkAway({ field, disabled }: FieldProps) {
  const t = useText()
  const tc = useCountryText()
  const online = useOnline()
  const href = withWayBack(textOf(configurationOf(field).url), window.location.href)
  return (
    <div className={styles.actions}>
      {disabled || !href ? (
        <Button kind="secondary" isDisabled>
          {tc(messageIn(field, 'text'))}
        </Button>
      ) : (
        <a className={`${buttonStyles.button} ${buttonStyles.secondary}`} href={href} rel="noreferrer">
          {tc(messageIn(field, 'text'))}
        </a>
      )}
      {online ? null : <p className={styles.hint}>{t('forms.leadsAway')}</p>}
    </div>
  )
}

/** QUERY_PARAM_READER: takes what such a page brought back out of the address. */
export function QueryParamReader({ field, onChange }: FieldProps) {
  const change = useRef(onChange)
  change.current = onChange
  const picked = JSON.stringify(configurationOf(field).pickParams ?? [])
  useEffect(() => {
    const here = new URL(window.location.href)
    const names: string[] = JSON.parse(picked)
    const found = names.filter((name) => here.searchParams.has(name))
    if (found.length === 0) return
    const data = Object.fromEntries(found.map((name) => [name, here.searchParams.get(name) ?? '']))
    for (const name of found) here.searchParams.delete(name)
    // A code is good once: it must not be taken again on the way back.
    window.history.replaceState(window.history.state, '', here)
    change.current({ data })
  }, [picked])
  return null
}

/** ID_READER: any of several ways to one answer. */
export function IdReader(props: FieldProps) {
  const t = useText()
  const caption = useCaption(props)
  const methods = (Array.isArray(props.field.methods) ? props.field.methods : []) as FieldConfig[]
  return (
    <fieldset className={styles.group}>
      <legend className={caption.hideLabel ? 'visually-hidden' : (styles.legend ?? '')}>
        {caption.label}
      </legend>
      <div className={styles.actions}>
        {methods.map((method) =>
          method.type === 'QR_READER' ? (
            <QrReader key={method.id} {...props} field={method} label={t('forms.scanCode')} />
          ) : (
            <LinkAway key={method.id} {...props} field={method} />
          ),
        )}
      </div>
      {caption.problem ? <p className={styles.problem}>{caption.problem}</p> : null}
    </fieldset>
  )
}

/** QR_READER: what a code says, when it says it in JSON and as the country wants it. */
export function QrReader({ field, value, onChange, disabled, label }: FieldProps & { label?: string }) {
  const t = useText()
  const tc = useCountryText()
  const [open, setOpen] = useState(false)
  const [problem, setProblem] = useState<string>()
  const validator = configurationOf(field).validator as Record<string, unknown> | undefined
  const read = (text: string) => {
    setOpen(false)
    const data = readCode(text)
    if (!data || (validator && !fits(validator, data))) {
      setProblem(t('forms.codeNotKnown'))
      return
    }
    setProblem(undefined)
    onChange({ data })
  }
  return (
    <div className={styles.group}>
      <div className={styles.actions}>
        <Button kind="secondary" isDisabled={disabled} onPress={() => setOpen(true)}>
          {label ?? tc(field.label)}
        </Button>
        {isObject(value) ? <span className={styles.hint}>{t('forms.codeRead')}</span> : null}
      </div>
      {problem ? (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      ) : null}
      {open ? (
        <Suspense fallback={null}>
          <QrScanner title={tc(field.label)} onRead={read} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </div>
  )
}

function readCode(text: string): Record<string, unknown> | undefined {
  try {
    const data: unknown = JSON.parse(text)
    return isObject(data) ? data : undefined
  } catch {
    return undefined
  }
}
