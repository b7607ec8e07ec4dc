import { useState } from 'react'
import { useConfiguration } from '../configuration/Configuration'
import { Select } from '../design/Field'
import { Card, Facts, Page } from '../design/Page'
import { languageName, useCountryText, useLanguage, useText } from '../language/Language'
import { PasswordForm } from '../session/PasswordForm'
import { PinChoice } from '../session/PinChoice'
import { useAccount } from '../session/SessionContext'
import { chooseTheme, chosenTheme, type Theme } from './theme'

export default function SettingsPage() {
  const t = useText()
  const tc = useCountryText()
  const account = useAccount()
  const { roles, places } = useConfiguration()
  const { language, languages, choose } = useLanguage()
  const [theme, setTheme] = useState(chosenTheme())
  const role = roles.find((r) => r.id === account.role)
  return (
    <Page title={t('app.settings')} narrow>
      <Card title={t('app.account')}>
        <Facts
          facts={[
            { name: t('session.name'), value: `${account.name.firstname} ${account.name.surname}` },
            { name: t('session.username'), value: account.username },
            { name: t('session.role'), value: tc(role?.label) || account.role },
            {
              name: t('session.office'),
              value: places.find((p) => p.id === account.primaryOfficeId)?.name ?? '–',
            },
          ]}
        />
      </Card>
      <Card>
        <Select
          label={t('app.language')}
          value={language}
          onChange={choose}
          options={languages.map((code) => ({ value: code, label: languageName(code) }))}
        />
        <Select
          label={t('app.theme')}
          value={theme}
          onChange={(value) => {
            chooseTheme(value as Theme)
            setTheme(value as Theme)
          }}
          options={(['system', 'light', 'dark'] as const).map((value) => ({
            value,
            label: t(`app.theme.${value}`),
          }))}
        />
      </Card>
      <Card title={t('session.pin.change')}>
        <PinChoice />
      </Card>
      <Card title={t('session.password.change')}>
        <PasswordForm />
      </Card>
    </Page>
  )
}
