// AUTOCOMPLETE: one of a list that the country's systems have, found by typing a part of it.
import { useEffect, useRef, useState } from 'react'
import { ComboBox, type Option } from '../../design/Field'
import { useText } from '../../language/Language'
import { useForm } from '../FormContext'
import styles from './Fields.module.css'
import { configurationOf, type FieldProps, textOf, useCaption } from './fieldProps'
import { LookupFailure, useFailureText } from './LookupFailure'
import { optionsOf } from './options'
import { ask, type Failure, type RequestConfig } from './request'
import { useRequesting } from './useRequesting'

/** How long somebody has to pause while typing before the list is asked. */
const PAUSE_MS = 300

export function AutocompleteAnswer(props: FieldProps) {
  const t = useText()
  const caption = useCaption(props)
  const failureText = useFailureText()
  const requesting = useRequesting()
  const { answers } = useForm()
  const config = configurationOf(props.field)
  const url = textOf(config.url)
  const [found, setFound] = useState<Option[]>([])
  const [failed, setFailed] = useState<{ why: Failure; text: string }>()
  const [searched, setSearched] = useState({ text: '', busy: false })
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined)
  const underWay = useRef<AbortController>(undefined)
  const [answer] = optionsOf([props.value])
  const all = [...(answer ? [answer] : []), ...found, ...optionsOf(config.defaultOptions)]
  const options = all.filter((one, at) => all.findIndex(({ value }) => value === one.value) === at)
  const stop = () => {
    clearTimeout(waiting.current)
    underWay.current?.abort()
  }
  useEffect(
    () => () => {
      clearTimeout(waiting.current)
      underWay.current?.abort()
    },
    [],
  )

  const look = async (text: string) => {
    const mine = new AbortController()
    underWay.current = mine
    setSearched({ text, busy: true })
    setFailed(undefined)
    const request = { ...config, url: `${url}${encodeURIComponent(text)}` } as RequestConfig
    const asked = await ask(request, answers, requesting(mine.signal))
    // Something else was typed meanwhile: what it finds is what counts.
    if (mine.signal.aborted) return
    setSearched({ text, busy: false })
    setFailed(asked.failure && { why: asked.failure, text })
    setFound(asked.failure ? [] : optionsOf(asked.fetched.data))
  }
  const search = (typed: string) => {
    const text = typed.trim()
    if (!url || text === answer?.label) return
    stop()
    // What is not chosen does not stay; what is wrong with the list does, until it is asked again.
    if (text === '') {
      setFound([])
      setSearched({ text, busy: false })
      return
    }
    setSearched({ text, busy: true })
    waiting.current = setTimeout(() => void look(text), PAUSE_MS)
  }
  // The open list hides the rest of the page from screen readers, so that it has to say what is wrong, too.
  const said = failed && failureText({ label: caption.label, failure: failed.why, url })
  const empty = searched.busy
    ? t('forms.lookup.searching')
    : (said ?? t(searched.text ? 'forms.nothingFound' : 'forms.lookup.type'))
  return (
    <div className={styles.group}>
      <ComboBox
        {...caption}
        options={options}
        empty={empty}
        value={answer?.value}
        onInput={search}
        onChange={(value) => {
          const chosen = options.find((option) => option.value === value)
          stop()
          props.onChange(chosen && { label: chosen.label, value: chosen.value })
        }}
      />
      {failed ? (
        <LookupFailure
          label={caption.label}
          failure={failed.why}
          url={url}
          retry={() => void look(failed.text)}
        />
      ) : null}
    </div>
  )
}
