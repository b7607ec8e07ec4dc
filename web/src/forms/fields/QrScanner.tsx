// Reads a QR code with the camera, or from a picture where there is none.
import decode from 'qr/decode.js'
import { useEffect, useRef, useState } from 'react'
import { FileTrigger } from 'react-aria-components'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { useText } from '../../language/Language'
import styles from './Fields.module.css'
import { useCamera } from './useCamera'

/** Looks at the camera this often, in milliseconds: an old phone has other work to do. */
const EVERY = 200
const WIDEST = 800

export default function QrScanner(props: {
  title: string
  onRead: (text: string) => void
  onClose: () => void
}) {
  const t = useText()
  const video = useRef<HTMLVideoElement>(null)
  const camera = useCamera(video)
  const isOff = camera === 'blocked' || camera === 'none'
  const [notFound, setNotFound] = useState(false)
  const read = useRef(props.onRead)
  read.current = props.onRead

  useEffect(() => {
    if (camera !== 'on') return
    const timer = setInterval(() => {
      const seen = video.current
      const text = seen ? textIn(seen, seen.videoWidth, seen.videoHeight) : undefined
      if (text) read.current(text)
    }, EVERY)
    return () => clearInterval(timer)
  }, [camera])

  const fromPicture = async (file: File | undefined) => {
    if (!file) return
    try {
      const picture = await createImageBitmap(file)
      const text = textIn(picture, picture.width, picture.height)
      picture.close()
      if (text) read.current(text)
      else setNotFound(true)
    } catch {
      setNotFound(true)
    }
  }
  return (
    <Dialog
      open
      title={props.title}
      onClose={props.onClose}
      actions={
        <>
          <Button kind="secondary" onPress={props.onClose}>
            {t('design.cancel')}
          </Button>
          <FileTrigger acceptedFileTypes={['image/*']} onSelect={(files) => void fromPicture(files?.[0])}>
            <Button kind="secondary">{t('forms.codeFromPicture')}</Button>
          </FileTrigger>
        </>
      }
    >
      {isOff ? <p role="alert">{t('forms.noCamera')}</p> : null}
      <video
        ref={video}
        className={styles.video}
        hidden={isOff}
        muted
        playsInline
        aria-label={t('forms.holdCode')}
      />
      {notFound ? (
        <p className={styles.problem} role="alert">
          {t('forms.codeNotFound')}
        </p>
      ) : (
        <p className={styles.hint}>{t('forms.holdCode')}</p>
      )}
    </Dialog>
  )
}

/** What a code in the picture says; undefined when there is none to be read. */
function textIn(picture: CanvasImageSource, width: number, height: number): string | undefined {
  if (width === 0 || height === 0) return undefined
  const scale = Math.min(1, WIDEST / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return undefined
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  try {
    return decode(context.getImageData(0, 0, canvas.width, canvas.height))
  } catch {
    return undefined
  }
}
