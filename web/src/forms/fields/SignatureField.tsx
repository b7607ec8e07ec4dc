// A signature: drawn with a finger or a mouse, or brought as a picture, which a keyboard can do, too.
import { type PointerEvent, useRef, useState } from 'react'
import { FileTrigger } from 'react-aria-components'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { useCountryText, useText } from '../../language/Language'
import type { MessageDescriptor } from '../../language/messages'
import { limitsOf } from '../files/keepFile'
import { blobOf } from '../files/shrink'
import { useFileKeeper, useLocalUrl } from '../files/useFiles'
import { isObject } from '../rules/value'
import styles from './Fields.module.css'
import { configurationOf, type FieldProps, textOf, useCaption } from './fieldProps'

const TYPES = ['image/png', 'image/jpeg']

export function SignatureAnswer(props: FieldProps) {
  const t = useText()
  const tc = useCountryText()
  const caption = useCaption(props)
  const limits = limitsOf(configurationOf(props.field), TYPES)
  const { keep, busy, refusal } = useFileKeeper(limits)
  const [drawing, setDrawing] = useState(false)
  const path = isObject(props.value) ? textOf(props.value.path) : ''
  const url = useLocalUrl(path)
  const take = async (file: File | undefined) => {
    const kept = file && (await keep(file))
    if (kept) props.onChange(kept)
  }
  const prompt = tc(props.field.signaturePromptLabel as MessageDescriptor | undefined) || caption.label
  return (
    <fieldset className={styles.group}>
      <legend className={caption.hideLabel ? 'visually-hidden' : (styles.legend ?? '')}>
        {caption.label}
      </legend>
      {caption.help ? <p className={styles.hint}>{caption.help}</p> : null}
      {url ? (
        <img src={url} alt={t('forms.signatureOf', { label: caption.label })} className={styles.drawn} />
      ) : null}
      {path && !url ? <p className={styles.hint}>{t('forms.signatureKept')}</p> : null}
      <div className={styles.actions}>
        {path ? (
          <Button
            kind="secondary"
            size="small"
            isDisabled={caption.disabled}
            onPress={() => props.onChange(undefined)}
          >
            {t('forms.remove')}
          </Button>
        ) : (
          <>
            <Button
              kind="secondary"
              isDisabled={caption.disabled}
              busy={busy}
              onPress={() => setDrawing(true)}
            >
              {t('forms.sign')}
            </Button>
            <FileTrigger
              acceptedFileTypes={[...limits.types]}
              onSelect={(files) => void take(files?.[0] ?? undefined)}
            >
              <Button kind="secondary" isDisabled={caption.disabled} busy={busy}>
                {t('forms.uploadSignature')}
              </Button>
            </FileTrigger>
          </>
        )}
      </div>
      {refusal || caption.problem ? (
        <p className={styles.problem} role="alert">
          {refusal ?? caption.problem}
        </p>
      ) : null}
      {drawing ? (
        <Pad
          title={prompt}
          onClose={() => setDrawing(false)}
          onDone={(file) => {
            setDrawing(false)
            void take(file)
          }}
        />
      ) : null}
    </fieldset>
  )
}

function Pad(props: { title: string; onClose: () => void; onDone: (file: File) => void }) {
  const t = useText()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [isEmpty, setEmpty] = useState(true)

  const at = (event: PointerEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const { width, height } = event.currentTarget
    return [
      ((event.clientX - box.left) / box.width) * width,
      ((event.clientY - box.top) / box.height) * height,
    ] as const
  }
  const begin = (event: PointerEvent<HTMLCanvasElement>) => {
    const context = event.currentTarget.getContext('2d')
    if (!context) return
    event.currentTarget.setPointerCapture(event.pointerId)
    context.lineWidth = 4
    context.lineCap = 'round'
    context.lineJoin = 'round'
    context.strokeStyle = '#101c2c'
    context.beginPath()
    context.moveTo(...at(event))
    context.lineTo(...at(event))
    context.stroke()
    setEmpty(false)
  }
  const draw = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    const context = event.currentTarget.getContext('2d')
    context?.lineTo(...at(event))
    context?.stroke()
  }
  const clear = () => {
    canvas.current?.getContext('2d')?.clearRect(0, 0, canvas.current.width, canvas.current.height)
    setEmpty(true)
  }
  const done = async () => {
    if (!canvas.current) return
    const blob = await blobOf(canvas.current, 'image/png')
    props.onDone(new File([blob], 'signature.png', { type: 'image/png' }))
  }
  return (
    <Dialog
      open
      keepOpen
      wide
      title={props.title}
      onClose={props.onClose}
      actions={
        <>
          <Button kind="secondary" onPress={props.onClose}>
            {t('design.cancel')}
          </Button>
          <Button kind="secondary" isDisabled={isEmpty} onPress={clear}>
            {t('forms.clear')}
          </Button>
          <Button isDisabled={isEmpty} onPress={() => void done()}>
            {t('forms.keepSignature')}
          </Button>
        </>
      }
    >
      <p className={styles.hint}>{t('forms.signHere')}</p>
      <canvas
        ref={canvas}
        width={900}
        height={300}
        className={styles.pad}
        aria-label={t('forms.signHere')}
        onPointerDown={begin}
        onPointerMove={draw}
      />
    </Dialog>
  )
}
