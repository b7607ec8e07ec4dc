// Takes a picture with the camera of a device that has no application of its own for that.
import { useRef, useState } from 'react'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { useText } from '../../language/Language'
import styles from './Fields.module.css'
import { useCamera } from './useCamera'

const TYPE = 'image/jpeg'

export default function PictureTaker(props: {
  title: string
  onTake: (picture: File) => void
  onClose: () => void
}) {
  const t = useText()
  const video = useRef<HTMLVideoElement>(null)
  const camera = useCamera(video)
  const [taken, setTaken] = useState<{ file: File; url: string }>()
  const [failed, setFailed] = useState(false)
  const forget = () => {
    if (taken) URL.revokeObjectURL(taken.url)
    setTaken(undefined)
  }
  const take = async () => {
    const picture = video.current && (await still(video.current))
    setFailed(!picture)
    if (!picture) return
    const file = new File([picture], `${t('forms.picture')}.jpg`, { type: TYPE })
    setTaken({ file, url: URL.createObjectURL(file) })
  }
  const close = () => {
    forget()
    props.onClose()
  }
  const keep = () => {
    if (taken) props.onTake(taken.file)
    close()
  }
  const isOff = camera === 'blocked' || camera === 'none'
  return (
    <Dialog
      open
      title={props.title}
      onClose={close}
      actions={
        <>
          <Button kind="secondary" onPress={close}>
            {t('design.cancel')}
          </Button>
          {taken ? (
            <>
              <Button kind="secondary" onPress={forget}>
                {t('forms.takeAgain')}
              </Button>
              <Button onPress={keep} autoFocus>
                {t('forms.usePicture')}
              </Button>
            </>
          ) : isOff ? null : (
            <Button onPress={() => void take()} isDisabled={camera !== 'on'}>
              {t('forms.takePicture')}
            </Button>
          )}
        </>
      }
    >
      {isOff ? <p role="alert">{t(`forms.camera.${camera}`)}</p> : null}
      {/* It goes on behind the picture that was taken, for when that is taken again. */}
      <video
        ref={video}
        className={styles.video}
        hidden={isOff || taken !== undefined}
        muted
        playsInline
        aria-label={t('forms.camera.sees')}
      />
      {taken ? <img className={styles.video} src={taken.url} alt={t('forms.camera.taken')} /> : null}
      {failed ? (
        <p className={styles.problem} role="alert">
          {t('forms.fileUnreadable')}
        </p>
      ) : null}
    </Dialog>
  )
}

/** What is seen now. */
function still(video: HTMLVideoElement): Promise<Blob | null> {
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return new Promise((done) => canvas.toBlob(done, TYPE, 0.92))
}
