// A form's answers on a template of the country's, looked at and printed before they are sent. Nothing is
// issued by that: the record knows nothing of it.
import { useState } from 'react'
import type { EventDocument } from '../api/client'
import { Button } from '../design/Button'
import { Dialog } from '../design/Dialog'
import { Loading } from '../design/Loading'
import { ErrorState, Notice } from '../design/Notice'
import { useWorld, type World } from '../device/world'
import { useForm } from '../forms/FormContext'
import { useText } from '../language/Language'
import type { Person } from '../records/access'
import type { Answers } from '../records/eventState'
import { usePeople } from '../records/people'
import { declarationFields } from '../records/recordTitle'
import type { EventRules } from '../records/rules'
import { stateOf } from '../records/state'
import { useAsker } from '../records/useConditions'
import { CertificateView } from './CertificateView'
import type { CertificatePage } from './svg'
import { useCertificates, useTemplate } from './useCertificates'
import { useLaidOut } from './useLaidOut'

export default function FilledPages(props: { template: string; title: string; onClose: () => void }) {
  const t = useText()
  const list = useCertificates()
  const certificate = list.data?.body.find(({ id }) => id === props.template)
  const template = useTemplate(certificate)
  const { event: config, data } = useForm()
  const { person, isMet } = useAsker()
  const world = useWorld()
  const [event] = useState(() => {
    const fields = new Set(declarationFields(config).map(({ id }) => id))
    const answers = Object.fromEntries(Object.entries(data.$form).filter(([id]) => fields.has(id)))
    return asDeclared(data.$event as EventDocument | undefined, config.id, answers, person, world)
  })
  const state = stateOf(event, config as unknown as EventRules, isMet)
  const people = usePeople(event.actions.map(({ createdBy }) => createdBy))
  const close = (
    <Button kind="secondary" onPress={props.onClose}>
      {t('design.cancel')}
    </Button>
  )
  const body = () => {
    if (list.isPending || (certificate && template.isPending)) return <Loading />
    if (!list.data) return <ErrorState error={list.error} retry={() => void list.refetch()} />
    if (!certificate || !state) return <Notice tone="warn">{t('certificates.noTemplate')}</Notice>
    if (!template.data) return <ErrorState error={template.error} retry={() => void template.refetch()} />
    return (
      <CertificateView
        certificate={certificate}
        template={template.data.body}
        {...{ event, state, config, people }}
        review={false}
      >
        {(pages) => (
          <div data-print="no">
            {close} <PrintSheets pages={pages} />
          </div>
        )}
      </CertificateView>
    )
  }
  const isReady = certificate && state && template.data
  return (
    <Dialog open wide title={props.title} onClose={props.onClose} {...(isReady ? {} : { actions: close })}>
      {body()}
    </Dialog>
  )
}

function PrintSheets({ pages }: { pages: readonly CertificatePage[] }) {
  const t = useText()
  const ready = useLaidOut(pages)
  return (
    <Button isDisabled={!ready} onPress={() => window.print()}>
      {t('certificates.printPages')}
    </Button>
  )
}

/** The record as it would be if these answers were declared now; it is begun here when there is none yet. */
function asDeclared(
  known: EventDocument | undefined,
  type: string,
  answers: Answers,
  person: Person,
  { newId, now }: World,
): EventDocument {
  const at = new Date(now()).toISOString()
  const step = (taken: 'CREATE' | 'DECLARE', declaration: Answers): EventDocument['actions'][number] => ({
    id: newId(),
    transactionId: '',
    type: taken,
    status: 'Accepted',
    createdAt: at,
    createdBy: person.id,
    createdByUserType: 'user',
    ...(person.role ? { createdByRole: person.role } : {}),
    ...(person.primaryOfficeId ? { createdAtLocation: person.primaryOfficeId } : {}),
    declaration,
  })
  const begun = known ?? {
    id: newId(),
    type,
    trackingId: '',
    createdAt: at,
    updatedAt: at,
    actions: [step('CREATE', {})],
  }
  return { ...begun, actions: [...begun.actions, step('DECLARE', answers)] }
}
