import { useState } from 'react'
import { Button } from '../../design/Button'
import { Select, TextField } from '../../design/Field'
import { Notice } from '../../design/Notice'
import { Card, Page } from '../../design/Page'
import { useLanguage, useText } from '../../language/Language'
import { useCommand } from '../asking'
import styles from '../Console.module.css'
import { ReasonDialog } from '../ReasonDialog'
import './texts'

/** A word to everybody who works here, by mail: written, looked at, and sent once. */
export default function AnnouncementPage() {
  const t = useText()
  const { language, languages } = useLanguage()
  const [subject, setSubject] = useState('')
  const [body, setBody] = useState('')
  const [locale, setLocale] = useState(language)
  const [tried, setTried] = useState(false)
  const [asking, setAsking] = useState(false)
  const send = useCommand((api, announcement: { subject: string; body: string; locale: string }) =>
    api.POST('/announcements', { body: announcement }),
  )
  const given = { subject: subject.trim(), body: body.trim(), locale }
  const names = (code: string) => {
    try {
      return new Intl.DisplayNames([language], { type: 'language' }).of(code) ?? code
    } catch {
      return code
    }
  }
  const look = () => {
    setTried(true)
    if (given.subject && given.body) setAsking(true)
  }
  return (
    <Page title={t('console.announcement')} subtitle={t('console.announcement.lead')} narrow>
      {send.isSuccess ? (
        <Notice tone="good" live>
          {t('console.announcement.sent')}
        </Notice>
      ) : null}
      <Card>
        <form
          className={styles.stack}
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            look()
          }}
        >
          <TextField
            label={t('console.announcement.subject')}
            value={subject}
            onChange={setSubject}
            required
            problem={tried && !given.subject ? t('console.announcement.needed') : undefined}
          />
          <TextField
            label={t('console.announcement.body')}
            rows={8}
            value={body}
            onChange={setBody}
            required
            problem={tried && !given.body ? t('console.announcement.needed') : undefined}
          />
          <Select
            label={t('console.announcement.language')}
            help={t('console.announcement.languageHelp')}
            options={languages.map((code) => ({ value: code, label: names(code) }))}
            value={locale}
            onChange={setLocale}
          />
          <div className={styles.row}>
            <Button type="submit">{t('console.announcement.preview')}</Button>
          </div>
        </form>
      </Card>
      <ReasonDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('console.announcement.confirm')}
        action={t('console.announcement.send')}
        reason="none"
        onOrder={async () => {
          await send.mutateAsync(given)
          setSubject('')
          setBody('')
          setTried(false)
        }}
      >
        <p>{t('console.announcement.confirmHelp')}</p>
        <Card title={given.subject}>
          <p className={styles.written}>{given.body}</p>
        </Card>
      </ReasonDialog>
    </Page>
  )
}
