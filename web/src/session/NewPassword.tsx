import { TextField } from '../design/Field'
import { useText } from '../language/Language'

/** What Core asks of a password, said before it is sent. */
export const isGoodPassword = (password: string): boolean =>
  [...password].length >= 12 && /[0-9]/.test(password) && /\p{Ll}/u.test(password) && /\p{Lu}/u.test(password)

export function NewPassword(props: {
  password: string
  repeated: string
  /** Problems are shown only after the first try to save. */
  tried: boolean
  setPassword: (text: string) => void
  setRepeated: (text: string) => void
}) {
  const t = useText()
  return (
    <>
      <TextField
        label={t('session.setUp.password')}
        help={t('session.setUp.passwordHelp')}
        type="password"
        autoComplete="new-password"
        value={props.password}
        onChange={props.setPassword}
        problem={props.tried && !isGoodPassword(props.password) ? t('session.setUp.tooShort') : undefined}
      />
      <TextField
        label={t('session.setUp.repeat')}
        type="password"
        autoComplete="new-password"
        value={props.repeated}
        onChange={props.setRepeated}
        problem={props.tried && props.password !== props.repeated ? t('session.setUp.differ') : undefined}
      />
    </>
  )
}
