// The country's places by their ids: names, and the areas they lie in.
import { useMemo } from 'react'
import { useConfiguration } from '../configuration/Configuration'
import type { AdministrativeArea, Place } from '../configuration/types'

interface Known {
  id: string
  name: string
  above: string | undefined
}

export class Places {
  readonly #known = new Map<string, Known>()

  constructor(areas: readonly AdministrativeArea[], places: readonly Place[]) {
    for (const { id, name, parentId } of areas)
      this.#known.set(id, { id, name, above: parentId ?? undefined })
    for (const { id, name, administrativeAreaId } of places)
      this.#known.set(id, { id, name, above: administrativeAreaId ?? undefined })
  }

  name = (id: string): string | undefined => this.#known.get(id)?.name

  /** The place and all areas above it, itself first. A place that is not known is alone. */
  #upward(id: string): string[] {
    const path: string[] = []
    let next: string | undefined = id
    while (next !== undefined && !path.includes(next)) {
      path.push(next)
      next = this.#known.get(next)?.above
    }
    return path
  }

  /** Ids from the uppermost area down to the place itself, as scopes are judged by. */
  hierarchy = (id: string): string[] => this.#upward(id).reverse()

  /** Names from the place itself up to the uppermost area. */
  path = (id: string): string[] => this.#upward(id).map((one) => this.name(one) ?? one)
}

export function usePlaces(): Places {
  const { areas, places } = useConfiguration()
  return useMemo(() => new Places(areas, places), [areas, places])
}
