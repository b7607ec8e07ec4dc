// What stands around every page of a form: its title, how far one has come, and the ways out of it.
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button } from '../design/Button'
import { Confirm } from '../design/Dialog'
import { Progress } from '../design/Loading'
import { Notice } from '../design/Notice'
import { Page } from '../design/Page'
import { useFormats, useText } from '../language/Language'
import styles from './Form.module.css'
import { useWantedField } from './useSteps'

/** How much of the step before is still seen, in pixels. */
const PEEP = 16

export interface Step {
  id: string
  label: string
}

interface FormFrameProps {
  title: string
  subtitle?: string
  steps: readonly Step[]
  current: string
  onStep: (id: string) => void
  savedAt: number
  /** The device could not keep the last change. */
  problem: unknown
  onSaveAndLeave: () => Promise<void>
  onForget: () => Promise<void>
  children: ReactNode
}

export function FormFrame(props: FormFrameProps) {
  const t = useText()
  const formats = useFormats()
  const [asking, setAsking] = useState(false)
  const [leaving, setLeaving] = useState(false)
  const at = Math.max(
    0,
    props.steps.findIndex(({ id }) => id === props.current),
  )
  // On a phone only a few of the pages fit: the current one is among them.
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    const here = list.current?.children[at]?.getBoundingClientRect()
    const all = list.current?.getBoundingClientRect()
    if (!here || !all) return
    const isRightToLeft = document.documentElement.dir === 'rtl'
    list.current?.scrollBy(isRightToLeft ? here.right - all.right + PEEP : here.left - all.left - PEEP, 0)
  }, [at])
  // Reading goes on at the new page, unless one field of it is gone to.
  const page = useRef<HTMLElement>(null)
  const shown = useRef(props.current)
  const wanted = useWantedField()
  useEffect(() => {
    if (shown.current === props.current) return
    shown.current = props.current
    if (!wanted) page.current?.focus({ preventScroll: true })
  }, [props.current, wanted])
  const leave = async (how: () => Promise<void>) => {
    setLeaving(true)
    await how()
    setLeaving(false)
  }
  return (
    <Page
      title={props.title}
      {...(props.subtitle ? { subtitle: props.subtitle } : {})}
      narrow
      actions={
        <>
          <Button kind="secondary" busy={leaving} onPress={() => void leave(props.onSaveAndLeave)}>
            {t('forms.saveAndLeave')}
          </Button>
          <Button kind="quiet" onPress={() => setAsking(true)}>
            {t('forms.leaveWithoutSaving')}
          </Button>
        </>
      }
    >
      <Progress
        label={t('forms.stepOf', { at: at + 1, of: props.steps.length })}
        value={props.steps.length > 1 ? at / (props.steps.length - 1) : 1}
        words
      />
      <nav aria-label={t('forms.pages')} className={styles.nav} data-print="no">
        <ol className={styles.steps} ref={list}>
          {props.steps.map(({ id, label }) => (
            <li key={id}>
              <a
                href={`?page=${encodeURIComponent(id)}`}
                className={styles.step}
                aria-current={id === props.current ? 'step' : undefined}
                onClick={(event) => {
                  event.preventDefault()
                  props.onStep(id)
                }}
              >
                {label}
              </a>
            </li>
          ))}
        </ol>
      </nav>
      {props.problem ? (
        <Notice tone="bad" live title={t('forms.notKept')}>
          {t('forms.notKeptAdvice')}
        </Notice>
      ) : null}
      <section ref={page} tabIndex={-1} aria-label={props.steps[at]?.label} className={styles.page}>
        {props.children}
      </section>
      <p className={styles.kept} data-print="no">
        {t('forms.keptAt', { time: formats.dateTime(props.savedAt) })}
      </p>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={t('forms.leaveWithoutSaving')}
        action={t('forms.forget')}
        danger
        onConfirm={() => void leave(props.onForget)}
      >
        <p>{t('forms.forgetAdvice')}</p>
      </Confirm>
    </Page>
  )
}
