// The country's areas and the places in them, as a tree.
import type { AdministrativeArea, Place } from '../../configuration/types'
import { dayOf } from '../filters'

export interface Branch {
  id: string
  name: string
  kind: 'area' | 'place'
  externalId: string | undefined
  locationType: string | undefined
  /** When it stops being used, or stopped. */
  validUntil: string | undefined
  areas: Branch[]
  places: Branch[]
  /** How many places lie in it and in the areas below. */
  count: number
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Whether a place that is used until then is no longer used today: `YYYY-MM-DD`, where the person is. */
export function isClosed(validUntil: unknown, today: string): boolean {
  const until = text(validUntil)
  return until !== undefined && dayOf(until) <= today
}

function leaf(
  kind: Branch['kind'],
  { id, name, ...more }: { id: string; name: string; [more: string]: unknown },
): Branch {
  return {
    id,
    name,
    kind,
    externalId: text(more.externalId),
    locationType: text(more.locationType),
    validUntil: text(more.validUntil),
    areas: [],
    places: [],
    count: 0,
  }
}

/**
 * The uppermost areas, and places that lie in none. An area whose parent is not known, or which lies in itself,
 * stands at the top: nothing is lost from sight.
 */
export function treeOf(areas: readonly AdministrativeArea[], places: readonly Place[]): Branch[] {
  const branches = new Map(areas.map((area) => [area.id, leaf('area', area)]))
  const above = new Map(areas.map((area) => [area.id, area.parentId ?? undefined]))
  const roots: Branch[] = []
  for (const [id, branch] of branches) {
    const parent = endsAtTop(id, above) ? branches.get(above.get(id) ?? '') : undefined
    if (parent) parent.areas.push(branch)
    else roots.push(branch)
  }
  for (const place of places) {
    const branch = leaf('place', place)
    const area = branches.get(place.administrativeAreaId ?? '')
    if (area) area.places.push(branch)
    else roots.push(branch)
  }
  for (const root of roots) finish(root)
  return sorted(roots)
}

function endsAtTop(id: string, above: ReadonlyMap<string, string | undefined>): boolean {
  const seen = new Set<string>()
  let at: string | undefined = id
  while (at !== undefined && above.has(at)) {
    if (seen.has(at)) return false
    seen.add(at)
    at = above.get(at)
  }
  return true
}

function finish(branch: Branch): number {
  branch.areas = sorted(branch.areas)
  branch.places = sorted(branch.places)
  branch.count = branch.places.length + branch.areas.reduce((sum, area) => sum + finish(area), 0)
  return branch.count
}

const sorted = (branches: Branch[]): Branch[] => branches.sort((a, b) => a.name.localeCompare(b.name))

/** Those whose name or id of the country's contains all words, from the top down, with the areas above each. */
export function found(roots: readonly Branch[], wanted: string): { branch: Branch; above: Branch[] }[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  const results: { branch: Branch; above: Branch[] }[] = []
  const look = (branch: Branch, above: Branch[]) => {
    const said = `${branch.name} ${branch.externalId ?? ''}`.toLowerCase()
    if (words.every((word) => said.includes(word))) results.push({ branch, above })
    for (const below of [...branch.areas, ...branch.places]) look(below, [...above, branch])
  }
  for (const root of roots) look(root, [])
  return results
}
