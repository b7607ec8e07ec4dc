import { useMemo } from 'react'
import { useConfiguration } from '../../configuration/Configuration'
import type { EventConfig } from '../../configuration/types'
import { fieldPlaces } from '../filling/places'
import { isObject } from '../rules/value'

/** Which country is at home: the one that addresses in the country's own forms begin with. */
function homeCountryOf(events: readonly EventConfig[]): string | undefined {
  const fields = events.flatMap(({ declaration }) => declaration.pages.flatMap((page) => page.fields))
  for (const { field } of fieldPlaces(fields)) {
    const { defaultValue } = field
    if (
      isObject(defaultValue) &&
      defaultValue.addressType === 'DOMESTIC' &&
      typeof defaultValue.country === 'string'
    )
      return defaultValue.country
  }
  const country = fieldPlaces(fields).find(({ field }) => field.type === 'COUNTRY' && field.defaultValue)
  return typeof country?.field.defaultValue === 'string' ? country.field.defaultValue : undefined
}

export function useHomeCountry(): string | undefined {
  const { events } = useConfiguration()
  return useMemo(() => homeCountryOf(events), [events])
}
