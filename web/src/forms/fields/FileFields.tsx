// Pictures and documents, from the camera or the disk.
import { lazy, Suspense, useRef, useState } from 'react'
import { FileTrigger } from 'react-aria-components'
import { Button } from '../../design/Button'
import { Select } from '../../design/Field'
import fieldStyles from '../../design/Field.module.css'
import { useCountryText, useText } from '../../language/Language'
import { useForm } from '../FormContext'
import { type FileAnswer, limitsOf } from '../files/keepFile'
import { useFileKeeper, useLocalUrl } from '../files/useFiles'
import { isShown } from '../rules/form'
import { isObject } from '../rules/value'
import styles from './Fields.module.css'
import { configurationOf, type FieldProps, orNothing, useCaption } from './fieldProps'
import { useHasCamera } from './useCamera'

const PictureTaker = lazy(() => import('./PictureTaker'))

type OptionFile = FileAnswer & { option: string }

const isFile = (value: unknown): value is FileAnswer => isObject(value) && typeof value.path === 'string'

/** FILE: one. */
export function FileAnswerField(props: FieldProps) {
  const tc = useCountryText()
  const caption = useCaption(props)
  const limits = limitsOf(configurationOf(props.field))
  const { keep, busy, refusal } = useFileKeeper(limits)
  const name = tc(props.field.configuration?.fileName as never)
  const take = async (file: File) => {
    const kept = await keep(file)
    if (kept) props.onChange(kept)
  }
  return (
    <Frame {...caption} refusal={refusal}>
      {isFile(props.value) ? (
        <ul className={styles.files}>
          <Kept
            file={props.value}
            name={name || props.value.originalFilename}
            disabled={caption.disabled}
            onRemove={() => props.onChange(undefined)}
          />
        </ul>
      ) : (
        <Pick types={limits.types} disabled={caption.disabled} busy={busy} onPick={take} of={caption.label} />
      )}
    </Frame>
  )
}

/** FILE_WITH_OPTIONS: one or more of each kind that the country names. */
export function FilesAnswerField(props: FieldProps) {
  const t = useText()
  const tc = useCountryText()
  const caption = useCaption(props)
  const { data } = useForm()
  const limits = limitsOf(configurationOf(props.field))
  const { keep, busy, refusal } = useFileKeeper(limits)
  const [chosen, setChosen] = useState<string>()
  const files = (Array.isArray(props.value) ? props.value : []).filter(isFile) as OptionFile[]
  const options = (props.field.options ?? [])
    .filter((option) => isShown(option, data))
    .map(({ value, label }) => ({ value, label: typeof label === 'string' ? label : tc(label) }))
  const option = chosen ?? (options.length === 1 ? options[0]?.value : undefined)
  const take = async (file: File) => {
    const kept = option ? await keep(file) : undefined
    if (!kept || !option) return
    props.onChange([...files, { ...kept, option }])
    setChosen(undefined)
  }
  const remove = (gone: OptionFile) => {
    const left = files.filter((file) => file !== gone)
    props.onChange(left.length > 0 ? left : undefined)
  }
  const labelOf = (value: string) => options.find((one) => one.value === value)?.label ?? value
  return (
    <Frame {...caption} refusal={refusal}>
      {files.length > 0 ? (
        <ul className={styles.files}>
          {files.map((file) => (
            <Kept
              key={file.path}
              file={file}
              name={labelOf(file.option)}
              disabled={caption.disabled}
              onRemove={() => remove(file)}
            />
          ))}
        </ul>
      ) : null}
      {options.length > 1 ? (
        <Select
          label={t('forms.kindOfDocument')}
          disabled={caption.disabled}
          options={options}
          value={orNothing(option ?? '')}
          onChange={setChosen}
        />
      ) : null}
      {option === undefined && !caption.disabled ? (
        <p className={styles.hint}>{t('forms.kindFirst')}</p>
      ) : null}
      <Pick
        types={limits.types}
        disabled={caption.disabled || option === undefined}
        busy={busy}
        onPick={take}
        of={caption.label}
      />
    </Frame>
  )
}

function Frame(props: {
  label: string
  hideLabel: boolean
  help?: string
  required: boolean
  problem: string | undefined
  refusal: string | undefined
  children: React.ReactNode
}) {
  const t = useText()
  return (
    <fieldset className={styles.group}>
      <legend className={props.hideLabel ? 'visually-hidden' : (styles.legend ?? '')}>
        {props.label}
        {props.required ? null : <span className={fieldStyles.optional}> ({t('design.optional')})</span>}
      </legend>
      {props.help ? <p className={styles.hint}>{props.help}</p> : null}
      {props.children}
      {props.refusal || props.problem ? (
        <p className={styles.problem} role="alert">
          {props.refusal ?? props.problem}
        </p>
      ) : null}
    </fieldset>
  )
}

/** Two ways to a file: the device's camera, where it has one, and its disk. */
function Pick(props: {
  types: readonly string[]
  disabled: boolean
  busy: boolean
  onPick: (file: File) => void
  of: string
}) {
  const t = useText()
  const picked = (files: FileList | null) => {
    const file = files?.[0]
    if (file) props.onPick(file)
  }
  const pictures = props.types.some((type) => type.startsWith('image/'))
  // Phones ask for the kinds that their cameras make, which are made into ones that are taken.
  const types = pictures ? [...props.types, 'image/*'] : [...props.types]
  return (
    <div className={styles.actions}>
      <FileTrigger acceptedFileTypes={types} onSelect={picked}>
        <Button kind="secondary" isDisabled={props.disabled} busy={props.busy}>
          {t('forms.chooseFile')}
          <span className="visually-hidden"> · {props.of}</span>
        </Button>
      </FileTrigger>
      {pictures ? <TakePicture {...props} picked={picked} /> : null}
    </div>
  )
}

/** Phones and tablets have an application of their own for it, which does it better than a page can. */
function TakePicture(props: {
  disabled: boolean
  busy: boolean
  onPick: (file: File) => void
  picked: (files: FileList | null) => void
  of: string
}) {
  const t = useText()
  const hasCamera = useHasCamera()
  const [open, setOpen] = useState(false)
  const button = (onPress?: () => void) => (
    <Button kind="secondary" isDisabled={props.disabled} busy={props.busy} {...(onPress ? { onPress } : {})}>
      {t('forms.takePicture')}
      <span className="visually-hidden"> · {props.of}</span>
    </Button>
  )
  if (matchMedia('(pointer: coarse)').matches)
    return (
      <FileTrigger acceptedFileTypes={['image/*']} defaultCamera="environment" onSelect={props.picked}>
        {button()}
      </FileTrigger>
    )
  if (!hasCamera) return null
  return (
    <>
      {button(() => setOpen(true))}
      {open ? (
        <Suspense fallback={null}>
          <PictureTaker title={props.of} onTake={props.onPick} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  )
}

function Kept(props: { file: FileAnswer; name: string; disabled: boolean; onRemove: () => void }) {
  const t = useText()
  const url = useLocalUrl(props.file.path)
  const item = useRef<HTMLLIElement>(null)
  return (
    <li className={styles.file} ref={item}>
      {url && props.file.type.startsWith('image/') ? <img src={url} alt="" /> : null}
      <span className={styles.fileName}>
        {props.name}
        {props.name === props.file.originalFilename ? null : (
          <span className={fieldStyles.help}> {props.file.originalFilename}</span>
        )}
      </span>
      {url ? (
        <a href={url} target="_blank" rel="noreferrer">
          {t('forms.openFile')}
        </a>
      ) : null}
      {props.disabled ? null : (
        <Button
          kind="quiet"
          size="small"
          aria-label={t('forms.removeFile', { name: props.name })}
          onPress={props.onRemove}
        >
          {t('forms.remove')}
        </Button>
      )}
    </li>
  )
}
