// Whether an answer has the shape its field's type asks for. Which faults are found, how many and in
// which order is the protocol's (the field type's own check in OpenCRVS 2.0); the shared vectors in
// `field-values.jsonl` are the arbiter.
import { dayOf } from './dates'
import { type Answers, type Field, isRequired, type Message, memberOf } from './field'
import { INVALID, INVALID_DATE, INVALID_EMAIL, REQUIRED } from './messages'
import { isBlank, isEmail, isTime, isUuid } from './text'

type Fault = 'missing' | 'invalid' | 'date' | 'email'

/**
 * Everything wrong with the shape of an answer (`undefined` when there is none). `partial` is for
 * incomplete declarations: a name may lack parts.
 */
export function valueProblems(field: Field, value: unknown, partial = false): Message[] {
  const check = new Check(partial, value === '')
  check.field(field, value)
  const missing = typeof field.required === 'object' ? field.required.message : REQUIRED
  const said: Record<Fault, Message> = {
    missing,
    invalid: INVALID,
    date: INVALID_DATE,
    email: INVALID_EMAIL,
  }
  return check.faults.map((fault) => said[fault])
}

const isNothing = (value: unknown): boolean => value === undefined || value === null
const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => typeof value === 'number'
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean'
export const isObject = (value: unknown): value is Answers =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is of the wrong type altogether, and so has no length, is not called empty on top of that. */
function isEmpty(value: unknown): boolean {
  if (isText(value) || Array.isArray(value)) return value.length === 0
  if (!isObject(value) || memberOf(value, 'length') === undefined) return false
  return !(isNumber(value.length) && value.length >= 1)
}

type Member = (key: string) => unknown

/** One run over an answer, gathering faults in order. */
class Check {
  faults: Fault[] = []

  constructor(
    private readonly partial: boolean,
    /** An empty text that is no date counts as missing, not as malformed. */
    readonly wholeIsEmpty: boolean,
  ) {}

  field(field: Field, value: unknown): void {
    if (!isRequired(field) && isNothing(value)) return
    const check = Object.hasOwn(CHECKS, field.type) ? CHECKS[field.type] : undefined
    if (check) check(this, value, field)
    else if (isRequired(field)) this.filled(value)
    else this.typed(value, isText)
  }

  typed(value: unknown, isRight: (value: unknown) => boolean): void {
    if (isNothing(value)) this.faults.push('missing')
    else if (!isRight(value)) this.faults.push('invalid')
  }

  fits(fits: boolean): void {
    if (!fits) this.faults.push('invalid')
  }

  /** Text with something in it besides space. */
  filled(value: unknown): void {
    this.typed(value, isText)
    if (isText(value) ? isBlank(value) : isEmpty(value)) this.faults.push('missing')
  }

  formatted(value: unknown, fits: (text: string) => boolean, fault: Fault): void {
    if (!isText(value)) this.typed(value, isText)
    else if (!fits(value)) this.faults.push(this.wholeIsEmpty ? 'missing' : fault)
  }

  date(value: unknown): void {
    this.formatted(value, (text) => dayOf(text) !== undefined, 'date')
  }

  /** An object, whose members `then` goes on to check. */
  object(value: unknown, then: (member: Member) => void): void {
    this.typed(value, isObject)
    if (isObject(value)) then((key) => memberOf(value, key))
  }

  /** An object of texts under any names. */
  record(value: unknown, each: (value: unknown) => void = (one) => this.typed(one, isText)): void {
    this.typed(value, isObject)
    if (isObject(value)) for (const one of Object.values(value)) each(one)
  }

  isClean(of: (check: Check) => void): boolean {
    const check = new Check(this.partial, this.wholeIsEmpty)
    of(check)
    return check.faults.length === 0
  }

  dateRange(value: unknown): void {
    if (isText(value)) this.date(value)
    else if (isObject(value) && isText(value.start) && isText(value.end)) {
      this.date(value.start)
      this.date(value.end)
    } else this.fits(false)
  }

  numberWithUnit(required: boolean, value: unknown): void {
    this.object(value, (member) => {
      const [number, unit] = [member('numericValue'), member('unit')]
      if (required || number !== undefined) this.typed(number, isNumber)
      if (required || unit !== undefined) this.typed(unit, isText)
    })
  }

  file(value: unknown, parts: string[]): void {
    this.object(value, (member) => {
      for (const part of parts) this.typed(member(part), isText)
    })
  }

  files(required: boolean, value: unknown): void {
    this.typed(value, Array.isArray)
    for (const file of Array.isArray(value) ? value : [])
      this.file(file, ['path', 'originalFilename', 'type', 'option'])
    if (required && isEmpty(value)) this.faults.push('missing')
  }

  name(field: Field, value: unknown): void {
    if (this.partial) {
      const fits = (part: unknown) => isNothing(part) || isText(part)
      const parts = ['firstname', 'surname', 'middlename']
      this.fits(isNothing(value) || (isObject(value) && parts.every((part) => fits(value[part]))))
      return
    }
    const needed = nameParts(field)
    this.object(value, (member) => {
      for (const part of ['firstname', 'surname'] as const)
        if (needed[part]) this.filled(member(part))
        else this.typed(member(part), isText)
      const middle = member('middlename')
      if (needed.middlename) this.filled(middle)
      else if (middle !== undefined) this.typed(middle, isText)
    })
  }

  http(value: unknown): void {
    const fits =
      isNothing(value) ||
      (isObject(value) &&
        (isNothing(value.loading) || isFlag(value.loading)) &&
        (isNothing(value.error) ||
          this.isClean((check) =>
            check.object(value.error, (member) => {
              check.typed(member('statusCode'), isNumber)
              check.typed(member('message'), isText)
            }),
          )))
    this.fits(fits)
  }

  address(field: Field, address: unknown): void {
    if (!isObject(address)) {
      this.typed(address, isObject)
      return
    }
    const { addressType, country, administrativeArea: area, streetLevelDetails: street } = address
    // Which of the two shapes is meant is the part that is missing.
    if (addressType !== 'DOMESTIC' && addressType !== 'INTERNATIONAL') {
      this.faults.push('missing')
      return
    }
    const domestic = addressType === 'DOMESTIC'
    const required = isRequired(field)
    const before = this.faults.length
    if (required || !isNothing(country)) this.typed(country, isText)
    if (street !== undefined && (required || street !== null))
      this.record(street, (line) => {
        if (required || !isNothing(line)) this.typed(line, isText)
      })
    if (domestic && (required || !isNothing(area))) this.typed(area, isText)
    const typed = this.faults.length === before
    if (domestic && isText(area) && !isUuid(area)) this.faults.push('invalid')
    // Only an address whose parts are of the right type is asked about its lines.
    const lines = new Set(streetLines(field).map(({ id }) => id))
    if (typed && isObject(street)) this.fits(Object.keys(street).every((id) => lines.has(id)))
  }
}

type TypeCheck = (check: Check, value: unknown, field: Field) => void

const anyObject: TypeCheck = (check, value) => check.object(value, () => {})
const file: TypeCheck = (check, value) => check.file(value, ['path', 'originalFilename', 'type'])
const http: TypeCheck = (check, value) => check.http(value)
const number: TypeCheck = (check, value) => check.typed(value, isNumber)

const PERIODS: unknown[] = ['last7Days', 'last30Days', 'last90Days', 'last365Days']

/** Of every type whose answer is not simply a text. */
const CHECKS: Record<string, TypeCheck> = {
  FIELD_GROUP: (check, value, field) =>
    check.object(value, (member) => {
      for (const inner of field.fields ?? []) check.field(inner, member(inner.id))
    }),
  DATE: (check, value) => check.date(value),
  TIME: (check, value) => check.formatted(value, isTime, 'invalid'),
  EMAIL: (check, value) => check.formatted(value, isEmail, 'email'),
  DATE_RANGE: (check, value) => check.dateRange(value),
  SELECT_DATE_RANGE: (check, value) => check.fits(PERIODS.includes(value)),
  AGE: (check, value) =>
    check.object(value, (member) => {
      check.typed(member('age'), isNumber)
      check.typed(member('asOfDateRef'), isText)
    }),
  NUMBER: number,
  BUTTON: number,
  NUMBER_WITH_UNIT: (check, value, field) => check.numberWithUnit(isRequired(field), value),
  CHECKBOX: (check, value) => check.typed(value, isFlag),
  SIGNATURE: file,
  FILE: file,
  FILE_WITH_OPTIONS: (check, value, field) => check.files(isRequired(field), value),
  ADDRESS: (check, value, field) => check.address(field, value),
  NAME: (check, value, field) => check.name(field, value),
  AUTOCOMPLETE: (check, value) =>
    check.object(value, (member) => {
      check.typed(member('label'), isText)
      check.typed(member('value'), isText)
    }),
  DATA: (check, value) => {
    if (!isNothing(value)) check.object(value, (member) => check.object(member('data'), () => {}))
  },
  HTTP: http,
  SEARCH: http,
  QUERY_PARAM_READER: (check, value) => check.object(value, (member) => check.record(member('data'))),
  QR_READER: anyObject,
  ID_READER: anyObject,
  _EXPERIMENTAL_CUSTOM: () => {},
  ALPHA_PRINT_BUTTON: (check, value) => check.typed(value, isText),
}

/** The free lines of an address, as fields; others are refused. */
const streetLines = (field: Field): Field[] =>
  (field.configuration?.streetAddressForm as Field[] | undefined) ?? []

/**
 * Which parts of a NAME must not be empty: first name and surname, unless the configuration names the
 * parts; of the parts it names, one is needed if it says so, and one it leaves out if the whole name is.
 */
export function nameParts(field: Field): Record<'firstname' | 'middlename' | 'surname', boolean> {
  const parts = field.configuration?.name as Record<string, { required?: unknown } | undefined> | undefined
  if (!parts) return { firstname: true, middlename: false, surname: true }
  const needed = (part: string, otherwise: boolean) => {
    const written = parts[part]
    return written === undefined ? otherwise : written.required !== undefined && written.required !== false
  }
  return {
    firstname: needed('firstname', isRequired(field)),
    middlename: needed('middlename', false),
    surname: needed('surname', isRequired(field)),
  }
}
