import { useText } from '../language/Language'
import { filesAmong } from './filesOf'
import { useOpenRecord } from './RecordContext'
import { RecordFile } from './RecordFile'
import { Nothing } from './RecordGate'
import styles from './RecordPage.module.css'
import { declarationFields } from './recordTitle'
import { useWords } from './useWords'

/** All pictures and documents of a record. */
export function Documents() {
  const t = useText()
  const words = useWords()
  const { config, state } = useOpenRecord()
  const files = filesAmong(declarationFields(config), state.declaration, words)
  if (files.length === 0) return <Nothing>{t('records.noDocuments')}</Nothing>
  return (
    <div className={styles.files}>
      {files.map((file) => (
        <RecordFile key={`${file.field}${file.path}`} file={file} />
      ))}
    </div>
  )
}
