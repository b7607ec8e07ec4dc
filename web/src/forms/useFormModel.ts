// A form with its answers: what is asked, what follows from an answer, what is wrong.
import { useMemo } from 'react'
import { useConfiguration } from '../configuration/Configuration'
import type { FormPage } from '../configuration/types'
import { useWorld } from '../device/world'
import { usePlaces } from '../records/places'
import type { ConditionData } from '../records/rules'
import { useAsker } from '../records/useConditions'
import { useAccount } from '../session/SessionContext'
import { useLevels } from './fields/levels'
import { ASKS_NOTHING } from './fields/registry'
import { changed, type Filling } from './filling/change'
import type { DefaultSources } from './filling/defaults'
import { withoutHidden, withoutHiddenFields } from './rules/cleaning'
import type { Answers, Field, Page, Problem } from './rules/field'
import { dataOf, fieldProblems, type Surroundings, visiblePages } from './rules/form'

export interface FormModel {
  /** The answers without those to what is not asked. */
  clean: Answers
  data: ConditionData
  /** The pages that are shown. */
  pages: FormPage[]
  change: (id: string, value: unknown) => void
  problems: (page: FormPage) => Problem[]
}

export interface FormModelOptions {
  pages: readonly FormPage[]
  answers: Answers
  onAnswers: (change: (answers: Answers) => Answers) => void
  /** The record's declaration, where the answers are about an action on it. */
  base?: Answers | undefined
  /** Of the record, where there is one. */
  record?: Pick<ConditionData, '$flags' | '$status' | '$event'> | undefined
}

export function useFormModel({ pages, answers, onAnswers, base, record }: FormModelOptions): FormModel {
  const { around } = useAsker()
  const sources = useDefaultSources()
  return useMemo(() => {
    const surroundings: Surroundings = { ...around, ...record }
    // The country's own types have more than the rules read.
    const asked = pages as unknown as Page[]
    const cleaned = (given: Answers): Answers => {
      if (!base) return withoutHidden(asked, given, surroundings)
      const shown = visiblePages(asked, dataOf(given, surroundings, base))
      return withoutHiddenFields(
        shown.flatMap(({ fields }) => fields),
        given,
        surroundings,
        base,
      )
    }
    const clean = cleaned(answers)
    const data = dataOf(clean, surroundings, base)
    const filling: Filling = { fields: pages.flatMap(({ fields }) => fields), sources, clean: cleaned }
    return {
      clean,
      data,
      pages: visiblePages(asked, data) as unknown as FormPage[],
      change: (id, value) => onAnswers((before) => changed(filling, before, id, value)),
      problems: (page) =>
        (page.fields as unknown as Field[])
          .filter((field) => !isUnanswerable(field))
          .flatMap((field) => fieldProblems(field, clean, data)),
    }
  }, [pages, answers, onAnswers, base, record, around, sources])
}

/** Nobody can answer a paragraph, whatever is configured; Core has the last word on it. */
const isUnanswerable = ({ type }: Field): boolean =>
  ASKS_NOTHING.includes(type) &&
  !['BUTTON', 'ID_READER', 'QR_READER', 'SEARCH', 'ALPHA_HIDDEN'].includes(type)

/** What defaults are drawn from: the person before the screen, their office and the clock. */
export function useDefaultSources(): DefaultSources {
  const account = useAccount()
  const { areas } = useConfiguration()
  const places = usePlaces()
  const levels = useLevels()
  const { around } = useAsker()
  const { now } = useWorld()
  return useMemo(() => {
    const { firstname, surname } = account.name
    const name = `${firstname} ${surname}`.trim()
    const isArea = new Set(areas.map(({ id }) => id))
    return {
      user: {
        id: account.userId,
        name,
        fullHonorificName: account.fullHonorificName ?? name,
        device: account.device,
        firstname,
        surname,
        role: account.role,
        primaryOfficeId: account.primaryOfficeId,
        administrativeAreaId: account.administrativeAreaId,
      },
      areaAt: (place, level) =>
        places.hierarchy(place).filter((id) => isArea.has(id))[levels.findIndex(({ id }) => id === level)],
      today: around.$now,
      time: new Date(now()).toTimeString().slice(0, 5),
    }
  }, [account, areas, places, levels, around, now])
}
