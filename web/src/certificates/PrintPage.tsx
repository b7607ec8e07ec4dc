import { type ReactNode, useEffect } from 'react'
import { useParams } from 'wouter'
import { Button, LinkButton } from '../design/Button'
import { RadioGroup } from '../design/Field'
import { Loading } from '../design/Loading'
import { EmptyState, ErrorState, Notice } from '../design/Notice'
import { Card, Page } from '../design/Page'
import { useWorld } from '../device/world'
import { ActionForm } from '../forms/ActionForm'
import { useCountryText, useText } from '../language/Language'
import { SendingProblem, useSending } from '../records/ActionDialog'
import type { Answers } from '../records/eventState'
import { useOpenRecord } from '../records/RecordContext'
import { RecordAge, RecordGate } from '../records/RecordGate'
import { useUnfinished } from '../session/useUnfinished'
import styles from './Certificate.module.css'
import { CertificateView } from './CertificateView'
import { type Certificate, offeredCertificates } from './certificate'
import { useMoney } from './money'
import { type Printing, printingOf } from './printing'
import type { CertificatePage } from './svg'
import { useCertificates, useTemplate } from './useCertificates'
import { useLaidOut } from './useLaidOut'

export default function PrintPage() {
  const { id } = useParams<{ id: string }>()
  return (
    <RecordGate id={id} key={id}>
      <PrintSteps />
    </RecordGate>
  )
}

type Stage = { is: 'choosing'; annotation?: Answers } | { is: 'reviewing' | 'done'; printing: Printing }

/** Choosing a certificate, answering who collects it, checking it, and printing it. */
function PrintSteps() {
  const t = useText()
  const { state, document, title, data, reach, asker } = useOpenRecord()
  const world = useWorld()
  const back = `/records/${state.id}`
  const list = useCertificates()
  const [chosen, setChosen] = useUnfinished<string | undefined>(`certificate of ${state.id}`, undefined)
  const [stage, setStage] = useUnfinished<Stage>(`printing of ${state.id}`, { is: 'choosing' })
  const page = (children: ReactNode) => (
    <Page title={t('certificates.title')} subtitle={title} back={back}>
      <RecordAge />
      {children}
    </Page>
  )
  // What is under way goes on, though the record may be one by then that this certificate is not offered of.
  if (stage.is !== 'choosing')
    return page(
      <Reviewing
        printing={stage.printing}
        done={stage.is === 'done'}
        back={() => setStage({ is: 'choosing', annotation: stage.printing.annotation })}
        issued={() => setStage({ is: 'done', printing: stage.printing })}
      />,
    )
  if (list.isPending) return page(<Loading />)
  if (!list.data) return page(<ErrorState error={list.error} retry={() => void list.refetch()} />)
  const offered = offeredCertificates(list.data.body, data, reach, asker.scopes, asker.person, asker.isMet)
  const certificate = offered.find(({ id }) => id === chosen) ?? offered[0]
  if (!certificate) return page(<EmptyState title={t('certificates.none')} />)
  return page(
    <Choosing
      offered={offered}
      certificate={certificate}
      choose={setChosen}
      {...(stage.annotation ? { initial: stage.annotation } : {})}
      go={(annotation) =>
        setStage({
          is: 'reviewing',
          printing: printingOf(certificate, annotation, { document, state }, asker.person, world),
        })
      }
    />,
  )
}

function Choosing(props: {
  offered: Certificate[]
  certificate: Certificate
  choose: (id: string) => void
  initial?: Answers
  go: (annotation: Answers) => void
}) {
  const t = useText()
  const tc = useCountryText()
  const { offered, certificate, choose, go } = props
  const money = useMoney()
  const { config, state, document } = useOpenRecord()
  const feeText = ({ onTime = 0, late = onTime, delayed = late }: NonNullable<Certificate['fee']>) =>
    t('certificates.fee', { onTime: money(onTime), late: money(late), delayed: money(delayed) })
  const pages = config.actions.find(({ type }) => type === 'PRINT_CERTIFICATE')?.printForm?.pages ?? []
  return (
    <div className={styles.choice}>
      <Card>
        <RadioGroup
          label={t('certificates.which')}
          options={offered.map(({ id, label, fee }) => ({
            value: id,
            label: tc(label),
            ...(fee ? { help: feeText(fee) } : {}),
          }))}
          value={certificate.id}
          onChange={choose}
        />
        {pages.length === 0 ? (
          <div className={styles.buttons}>
            <Button onPress={() => go({})}>{t('certificates.continue')}</Button>
          </div>
        ) : null}
      </Card>
      {pages.length > 0 ? (
        <ActionForm
          name={`PRINT_CERTIFICATE ${state.id}`}
          event={config}
          form={pages}
          declaration={state.declaration}
          {...(props.initial ? { initial: props.initial } : {})}
          record={{ $flags: state.flags, $status: state.status, $event: document }}
          action={t('certificates.continue')}
          onDone={go}
        />
      ) : null}
    </div>
  )
}

function Reviewing(props: { printing: Printing; done: boolean; back: () => void; issued: () => void }) {
  const t = useText()
  const { done, back, issued } = props
  const { certificate, annotation, event, state: printed } = props.printing
  const { state, config, people } = useOpenRecord()
  const template = useTemplate(certificate)
  const { send, busy, problem } = useSending(issued)
  const [hasPrinted, setPrinted] = useUnfinished<boolean>(`printed ${state.id}`, false)
  if (template.isPending) return <Loading />
  if (!template.data) return <ErrorState error={template.error} retry={() => void template.refetch()} />
  const body = { declaration: {}, annotation, content: { templateId: certificate.id } }
  return (
    <>
      {done ? (
        <Notice
          tone="good"
          live
          title={t('certificates.done')}
          actions={
            <LinkButton href={`/records/${state.id}`} kind="secondary" size="small">
              {t('certificates.toRecord')}
            </LinkButton>
          }
        >
          {t('certificates.doneWhat')}
        </Notice>
      ) : (
        <Notice title={t('certificates.review')}>{t('certificates.reviewWhat')}</Notice>
      )}
      <CertificateView
        certificate={certificate}
        template={template.data.body}
        event={event}
        state={printed}
        config={config}
        people={people}
        review={!done}
      >
        {(pages) => (
          <div className={styles.buttons} data-print="no">
            {done ? (
              <PrintOnce pages={pages} printed={hasPrinted} setPrinted={setPrinted} />
            ) : (
              <>
                <Button kind="secondary" onPress={back}>
                  {t('certificates.back')}
                </Button>
                <Button busy={busy} onPress={() => void send(state, 'PRINT_CERTIFICATE', body)}>
                  {t('certificates.print')}
                </Button>
              </>
            )}
          </div>
        )}
      </CertificateView>
      <SendingProblem>{problem}</SendingProblem>
    </>
  )
}

/** Opens the print dialog as soon as the final pages are there, and again when asked. */
function PrintOnce(props: {
  pages: CertificatePage[]
  printed: boolean
  setPrinted: (printed: true) => void
}) {
  const t = useText()
  const { pages, printed, setPrinted } = props
  const ready = useLaidOut(pages)
  useEffect(() => {
    if (!ready || printed) return
    setPrinted(true)
    window.print()
  }, [ready, printed, setPrinted])
  return (
    <Button isDisabled={!ready} onPress={() => window.print()}>
      {t('certificates.printAgain')}
    </Button>
  )
}
