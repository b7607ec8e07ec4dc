import { useState } from 'react'
import type { EventDocument } from '../api/client'
import type { EventConfig } from '../configuration/types'
import { Button } from '../design/Button'
import { Loading } from '../design/Loading'
import { ErrorState, Notice } from '../design/Notice'
import { useText } from '../language/Language'
import type { EventState } from '../records/eventState'
import type { People } from '../records/people'
import styles from './Certificate.module.css'
import type { Certificate } from './certificate'
import type { CertificatePage } from './svg'
import { useFilled } from './useFilled'

interface ViewProps {
  certificate: Certificate
  template: string
  event: EventDocument
  state: EventState
  config: EventConfig
  people: People
  /** A look before it is printed: the template may say so on it. */
  review: boolean
  children?: (pages: CertificatePage[]) => React.ReactNode
}

/** A certificate as it will be printed. Pages are pictures: nothing in them can run or load anything. */
export function CertificateView({ children, ...props }: ViewProps) {
  const t = useText()
  const { data, error, isPending, refetch } = useFilled(props)
  const [large, setLarge] = useState(false)
  if (isPending) return <Loading label={t('certificates.filling')} />
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />
  return (
    <>
      {data.unknown.length > 0 ? (
        <Notice tone="warn">{t('certificates.unknown', { names: data.unknown.join(', ') })}</Notice>
      ) : null}
      <div className={styles.size} data-print="no">
        <Button kind="quiet" size="small" onPress={() => setLarge(!large)}>
          {t(large ? 'certificates.fit' : 'certificates.large')}
        </Button>
      </div>
      <div className={`${styles.pages} ${large ? styles.large : ''}`}>
        {data.pages.map(({ source, width, height }, at) => (
          <img
            key={source}
            src={source}
            width={width}
            height={height}
            className={styles.page}
            alt={t('certificates.page', { page: at + 1, pages: data.pages.length })}
          />
        ))}
      </div>
      {children?.(data.pages)}
    </>
  )
}
