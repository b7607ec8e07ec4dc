import { useId, useRef, useState } from 'react'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { Notice } from '../../design/Notice'
import { useText } from '../../language/Language'
import own from './Clients.module.css'

export interface Secrets {
  clientId: string
  clientSecret: string
  shaSecret?: string
}

/** A client's secrets, this once: Core keeps only a digest. It stays until one says that they are kept. */
export function SecretsDialog(props: { secrets: Secrets | undefined; onClose: () => void }) {
  const t = useText()
  const { secrets } = props
  if (!secrets) return null
  return (
    <Dialog
      open
      keepOpen
      onClose={props.onClose}
      title={t('console.clients.secretTitle')}
      actions={<Button onPress={props.onClose}>{t('console.clients.secretKept')}</Button>}
    >
      <Notice tone="warn">{t('console.clients.secretOnce')}</Notice>
      <CopyField label={t('console.clients.id')} value={secrets.clientId} />
      <CopyField label={t('console.clients.secret')} value={secrets.clientSecret} />
      {secrets.shaSecret ? (
        <CopyField label={t('console.clients.shaSecret')} value={secrets.shaSecret} />
      ) : null}
    </Dialog>
  )
}

/** A text to take along. */
function CopyField({ label, value }: { label: string; value: string }) {
  const t = useText()
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [told, setTold] = useState('')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value)
      setTold(t('console.copied'))
    } catch {
      input.current?.select()
      setTold(t('console.notCopied'))
    }
  }
  return (
    <div className={own.secret}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        ref={input}
        readOnly
        value={value}
        onFocus={(event) => event.target.select()}
        autoComplete="off"
        spellCheck={false}
      />
      <Button kind="secondary" onPress={() => void copy()} aria-label={`${t('console.copy')}: ${label}`}>
        {t('console.copy')}
      </Button>
      <span role="status">{told}</span>
    </div>
  )
}
