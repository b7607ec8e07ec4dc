import { Component, type ErrorInfo, type ReactNode } from 'react'
import { Button } from '../design/Button'
import { Notice } from '../design/Notice'
import { useText } from '../language/Language'

function Sorry({ error }: { error: unknown }) {
  const t = useText()
  return (
    <div style={{ padding: 'var(--s5)' }}>
      <Notice
        tone="bad"
        live
        title={t('app.broken')}
        actions={<Button onPress={() => location.reload()}>{t('app.reload')}</Button>}
      >
        <p>{t('app.brokenHelp')}</p>
        <p>
          <code>{error instanceof Error ? error.message : String(error)}</code>
        </p>
      </Notice>
    </div>
  )
}

/** Keeps a fault in one page from taking the rest of the desk with it. */
export class Broken extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error: error ?? new Error('unknown') }
  }

  override componentDidCatch(error: unknown, info: ErrorInfo) {
    console.error(error, info.componentStack)
  }

  override render() {
    return this.state.error === undefined ? this.props.children : <Sorry error={this.state.error} />
  }
}
