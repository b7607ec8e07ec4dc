// Which component shows which type of field.
import type { ComponentType } from 'react'
import { AddressAnswer } from './AddressField'
import { AutocompleteAnswer } from './AutocompleteField'
import {
  CheckboxAnswer,
  CountryAnswer,
  NumberWithUnitAnswer,
  RadioAnswer,
  RoleAnswer,
  SelectAnswer,
} from './ChoiceFields'
import { AgeAnswer, DateAnswer, DateRangeAnswer, PeriodAnswer } from './DateFields'
import { FileAnswerField, FilesAnswerField } from './FileFields'
import type { FieldProps } from './fieldProps'
import { GroupAnswer } from './GroupField'
import { HttpRequest } from './HttpField'
import { IdReader, LinkAway, PressButton, QrReader, QueryParamReader } from './IdentityFields'
import { NameAnswer } from './NameField'
import { AreaAnswer, LocationAnswer } from './PlaceFields'
import { PrintButton } from './PrintButton'
import { RecordSearch } from './SearchField'
import { SignatureAnswer } from './SignatureField'
import {
  BulletList,
  Divider,
  Heading,
  ImageView,
  Loader,
  Nothing,
  Paragraph,
  Readout,
  VerificationStatus,
} from './TextBlocks'
import { NumberAnswer, TextAnswer } from './TextFields'

export const FIELDS: Readonly<Record<string, ComponentType<FieldProps>>> = {
  ADDRESS: AddressAnswer,
  ADMINISTRATIVE_AREA: AreaAnswer,
  AGE: AgeAnswer,
  ALPHA_HIDDEN: Nothing,
  ALPHA_PRINT_BUTTON: PrintButton,
  AUTOCOMPLETE: AutocompleteAnswer,
  BULLET_LIST: BulletList,
  BUTTON: PressButton,
  CHECKBOX: CheckboxAnswer,
  COUNTRY: CountryAnswer,
  DATA: Readout,
  DATE: DateAnswer,
  DATE_RANGE: DateRangeAnswer,
  DIVIDER: Divider,
  EMAIL: TextAnswer,
  FACILITY: LocationAnswer,
  FIELD_GROUP: GroupAnswer,
  FILE: FileAnswerField,
  FILE_WITH_OPTIONS: FilesAnswerField,
  HEADING: Heading,
  HTTP: HttpRequest,
  ID: TextAnswer,
  ID_READER: IdReader,
  IMAGE_VIEW: ImageView,
  LINK_BUTTON: LinkAway,
  LOADER: Loader,
  LOCATION: LocationAnswer,
  NAME: NameAnswer,
  NUMBER: NumberAnswer,
  NUMBER_WITH_UNIT: NumberWithUnitAnswer,
  OFFICE: LocationAnswer,
  PAGE_HEADER: Paragraph,
  PARAGRAPH: Paragraph,
  PHONE: TextAnswer,
  QR_READER: QrReader,
  QUERY_PARAM_READER: QueryParamReader,
  RADIO_GROUP: RadioAnswer,
  SEARCH: RecordSearch,
  SELECT: SelectAnswer,
  SELECT_DATE_RANGE: PeriodAnswer,
  SIGNATURE: SignatureAnswer,
  TEXT: TextAnswer,
  TEXTAREA: TextAnswer,
  TIME: TextAnswer,
  USER_ROLE: RoleAnswer,
  VERIFICATION_STATUS: VerificationStatus,
}

/** Fields that ask nothing: no answer to list, none to miss. */
export const ASKS_NOTHING: readonly string[] = [
  'ALPHA_HIDDEN',
  'ALPHA_PRINT_BUTTON',
  'BULLET_LIST',
  'BUTTON',
  'DATA',
  'DIVIDER',
  'HEADING',
  'HTTP',
  'ID_READER',
  'IMAGE_VIEW',
  'LINK_BUTTON',
  'LOADER',
  'PAGE_HEADER',
  'PARAGRAPH',
  'QR_READER',
  'QUERY_PARAM_READER',
  'SEARCH',
]
