// Core with its country, as far as the outbox meets them, with the semantics of the real ones: a
// transaction acts once, a record is held by one person, one action at a time waits for the
// country, and what is answered before country config has acknowledged is 503.
import type { World } from './world'

export interface Reply {
  status: number
  body: unknown
  retryAfter?: number
}

export interface Call {
  user: string
  method: string
  path: string
  body: Record<string, unknown>
  bytes: number
  offset: number
}

interface Act {
  id: string
  transaction: string
  type: string
  user: string
  marker: number
  delivery: 'queued' | 'delivered'
  attempts: number
  status: 'Requested' | 'Accepted' | 'Rejected'
  handedBack: boolean
}

interface Rec {
  id: string
  type: string
  holder: string | null
  acts: Act[]
  transactions: Set<string>
}

const USER_WAIT = 10_000

export class SimulatedCore {
  /** Whether country config answers. */
  countryUp = true
  /** Whether Core takes anybody's token. */
  takesTokens = true
  readonly records = new Map<string, Rec>()
  readonly acts = new Map<string, Act>()
  /** Those that were begun, by who began them and the transaction. */
  readonly begun = new Map<string, string>()
  private deleted = new Set<string>()
  private uploads = new Map<string, { id: string; size: number; offset: number }>()
  private ids = 0

  constructor(
    private readonly world: World,
    private readonly wrong: (what: string) => void,
  ) {}

  /** A record that Core knows and this device did not begin. */
  addRecord(): string {
    const id = `core-${++this.ids}`
    this.records.set(id, { id, type: 'birth', holder: null, acts: [], transactions: new Set() })
    return id
  }

  async handle(call: Call): Promise<Reply> {
    if (!this.takesTokens) return refusal(401, 'UNAUTHORIZED')
    const [, first, second, third, fourth] = call.path.split('/')
    if (first === 'events' && second === undefined) return this.begin(call)
    if (first === 'transactions') return this.transaction(call, second ?? '')
    if (first === 'attachments') return this.upload(call, third)
    const record = this.records.get(second ?? '')
    if (call.method === 'DELETE' && this.deleted.has(second ?? ''))
      return { status: 200, body: { id: second } }
    if (!record) return refusal(404, 'NOT_FOUND')
    if (call.method === 'DELETE') return this.delete(call, record)
    if (third === 'assign' || third === 'unassign') return this.assign(call, record, third)
    if (third === 'actions') return this.act(call, record, fourth ?? '')
    return refusal(404, 'NOT_FOUND')
  }

  private begin({ user, body }: Call): Reply {
    const transaction = `${user}/${body.transactionId}`
    const before = this.begun.get(transaction)
    const there = before === undefined ? undefined : this.records.get(before)
    if (there) return { status: 200, body: document(there) }
    const id = `core-${++this.ids}`
    const record = { id, type: String(body.type), holder: user, acts: [], transactions: new Set<string>() }
    this.records.set(id, record)
    this.begun.set(transaction, id)
    return { status: 200, body: document(record) }
  }

  private assign({ user, body }: Call, record: Rec, step: string): Reply {
    const transaction = `${step}/${user}/${body.transactionId}`
    const doneBefore = record.transactions.has(transaction)
    if (!doneBefore) {
      if (step === 'assign' && record.holder !== null && record.holder !== user)
        return refusal(409, 'CONFLICT', { assignedTo: { id: record.holder } })
      record.holder = step === 'assign' ? user : null
      record.transactions.add(transaction)
    }
    return { status: 200, body: document(record) }
  }

  private delete({ user }: Call, record: Rec): Reply {
    if (record.holder !== user)
      return refusal(409, 'You are not assigned to this event', {
        assignedTo: record.holder === null ? null : { id: record.holder },
      })
    if (record.acts.length > 0) return refusal(409, 'It has come too far')
    this.records.delete(record.id)
    this.deleted.add(record.id)
    return { status: 200, body: { id: record.id } }
  }

  private async act({ user, body }: Call, record: Rec, step: string): Promise<Reply> {
    const transaction = String(body.transactionId)
    const type = step.toUpperCase().replaceAll('-', '_')
    const before = record.acts.find((act) => act.transaction === transaction && act.type === type)
    if (before) return this.acknowledged(record, before)
    const declaration = (body.declaration ?? {}) as Record<string, unknown>
    if (record.holder !== user) {
      const assignedTo = record.holder === null ? null : { id: record.holder }
      return refusal(409, 'You are not assigned to this event', { assignedTo })
    }
    const waits = record.acts.find((act) => act.status === 'Requested')
    if (waits) return refusal(409, 'waits for the decision', { waitingFor: { actionId: waits.id } })
    if (declaration.bad === 'answers')
      return {
        ...refusal(400, 'An answer will not do'),
        body: {
          ...errorBody(400, 'An answer will not do'),
          fields: [{ field: 'a', messageId: 'b', message: 'c' }],
        },
      }
    if (declaration.bad === 'state') return refusal(409, 'cannot be performed')
    if (declaration.bad === 'scope') return refusal(403, 'FORBIDDEN')
    this.checkPictures(declaration)
    const act = this.write(user, record, type, transaction, Number(declaration.marker))
    if (declaration.owner !== user) this.wrong(`${user} sent an item of ${declaration.owner}`)
    return this.acknowledged(record, act)
  }

  private checkPictures(declaration: Record<string, unknown>): void {
    const { picture } = declaration
    if (picture === undefined) return
    const whole = [...this.uploads.values()].some(
      (one) => `/files/${one.id}` === picture && one.offset === one.size,
    )
    if (!whole) this.wrong(`an action went ahead of its file: ${String(picture)}`)
  }

  private write(user: string, record: Rec, type: string, transaction: string, marker: number): Act {
    const last = record.acts.at(-1)
    for (const act of this.acts.values())
      if (act.marker === marker) this.wrong(`item ${marker} was done twice`)
    if (last && last.user === user && last.marker > marker)
      this.wrong(`item ${marker} was done after item ${last.marker} of the same record`)
    const act: Act = {
      id: `act-${++this.ids}`,
      transaction,
      type,
      user,
      marker,
      delivery: 'queued',
      attempts: 0,
      status: 'Requested',
      handedBack: false,
    }
    record.acts.push(act)
    this.acts.set(`${user}/${transaction}`, act)
    this.world.after(this.world.between(5, 400), () => this.deliver(record, act))
    return act
  }

  private deliver(record: Rec, act: Act): void {
    if (act.delivery === 'delivered') return
    act.attempts++
    if (!this.countryUp || this.world.happens(0.1)) {
      const most = Math.min(300_000, 1000 * 2 ** act.attempts)
      this.world.after(this.world.between(200, most), () => this.deliver(record, act))
      return
    }
    act.delivery = 'delivered'
    if (this.world.happens(0.75)) this.decide(record, act)
    else this.world.after(this.world.between(500, 400_000), () => this.decide(record, act))
  }

  private decide(record: Rec, act: Act): void {
    act.status = this.world.happens(0.9) ? 'Accepted' : 'Rejected'
    act.handedBack = act.status === 'Rejected' && this.world.happens(0.2)
    if (record.holder === act.user) record.holder = null
  }

  private async acknowledged(record: Rec, act: Act): Promise<Reply> {
    const over = this.world.time + USER_WAIT
    while (act.delivery !== 'delivered' && this.world.time < over) await this.world.sleep(500)
    if (act.delivery === 'delivered') return { status: 200, body: document(record) }
    const details = { actionId: act.id, delivery: standingOf(act) }
    return { ...refusal(503, 'safe with Core', details), retryAfter: 5 }
  }

  private transaction({ user }: Call, id: string): Reply {
    const act = this.acts.get(`${user}/${id}`)
    const eventId = this.begun.get(`${user}/${id}`)
    if (eventId !== undefined && this.records.has(eventId))
      return { status: 200, body: { transactionId: id, submissions: [{ type: 'CREATE', eventId }] } }
    if (!act) return refusal(404, 'NOT_FOUND')
    const submission = {
      actionId: act.id,
      type: act.type,
      status: act.status,
      reason: act.status === 'Rejected' ? 'not so' : null,
      handedBack: act.handedBack,
      byHand: act.handedBack,
      delivery: act.status === 'Requested' ? standingOf(act) : null,
    }
    return { status: 200, body: { transactionId: id, submissions: [submission] } }
  }

  private upload({ method, user, body, bytes, offset }: Call, id?: string): Reply {
    if (method === 'POST') {
      const transaction = `${user}/${body.transactionId}`
      const upload = this.uploads.get(transaction) ?? {
        id: `up-${++this.ids}`,
        size: Number(body.size),
        offset: 0,
      }
      this.uploads.set(transaction, upload)
      return { status: 200, body: onWire(upload) }
    }
    const upload = [...this.uploads.values()].find((one) => one.id === id)
    if (!upload) return refusal(404, 'NOT_FOUND')
    if (offset !== upload.offset) return refusal(409, 'The upload is elsewhere', { offset: upload.offset })
    upload.offset += bytes
    return { status: 200, body: onWire(upload) }
  }
}

const onWire = (upload: { id: string; size: number; offset: number }) => ({
  id: upload.id,
  offset: upload.offset,
  path: `/files/${upload.id}`,
  complete: upload.offset === upload.size,
})

const standingOf = (act: Act) => ({ state: act.delivery, attempts: act.attempts, lastError: 'no connection' })

const errorBody = (status: number, message: string, details?: Record<string, unknown>) => ({
  message,
  code: message,
  data: { code: message, httpStatus: status, ...(details && { details }) },
})

const refusal = (status: number, message: string, details?: Record<string, unknown>): Reply => ({
  status,
  body: errorBody(status, message, details),
})

function document(record: Rec) {
  const actions = record.acts.flatMap((act) => {
    const asked = { id: act.id, transactionId: act.transaction, type: act.type, status: 'Requested' }
    if (act.status === 'Requested') return [asked]
    const content = { reason: 'not so', handedBack: act.handedBack }
    return [asked, { ...asked, id: `${act.id}-d`, status: act.status, originalActionId: act.id, content }]
  })
  return { id: record.id, type: record.type, trackingId: 'ABC123', actions }
}
