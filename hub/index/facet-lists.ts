import { FACETS, type Facet, type Filters, type Selection } from './facets.ts'

/** One value to choose, with how many entries it would leave. Industries have their 大类 below them. */
export interface FacetValue {
  readonly value: string
  readonly count: number
  readonly label?: string
  readonly children?: readonly FacetValue[]
}

/** What can be chosen in each facet. */
export type FacetLists = Readonly<Record<Facet, readonly FacetValue[]>>

/** `industry` value of entries without an industry code: shown as missing, never refused. */
export const WITHOUT_INDUSTRY = 'none'

type MemberNames = ReadonlyMap<string, { readonly name: string }>

const maxValues = 100

/** Lists most frequent first; a chosen value is listed even when nothing is left of it. `names`: members by id. */
export function listFacets(selection: Selection, filters: Filters, names: MemberNames): FacetLists {
  const lists = FACETS.map((facet) => {
    const values = listFacet(facet, selection.counts[facet], filters[facet] ?? [])
    return [
      facet,
      facet === 'industry' ? nestIndustries(values) : facet === 'member' ? nameMembers(values, names) : values,
    ]
  })
  return Object.fromEntries(lists)
}

function nameMembers(values: readonly FacetValue[], names: MemberNames): readonly FacetValue[] {
  return values.map((item) => ({ ...item, label: names.get(item.value)?.name ?? item.value }))
}

function listFacet(
  facet: Facet,
  counts: ReadonlyMap<string, number>,
  chosen: readonly string[],
): readonly FacetValue[] {
  const missing = chosen.filter((value) => !counts.has(value)).map((value) => ({ value, count: 0 }))
  const present = [...counts]
    .map(([value, count]) => ({ value, count }))
    .filter(({ value }) => isShown(facet, value, chosen))
  const sorted = present.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  return [...sorted.filter(({ value }, index) => index < maxValues || chosen.includes(value)), ...missing]
}

/** Finer codes can be filtered on, but lists stop at the province and the 大类. */
function isShown(facet: Facet, value: string, chosen: readonly string[]): boolean {
  if (chosen.includes(value)) return true
  if (facet === 'region') return value.endsWith('0000')
  return facet !== 'industry' || value.length <= 3 || value === WITHOUT_INDUSTRY
}

function nestIndustries(values: readonly FacetValue[]): readonly FacetValue[] {
  const isSection = ({ value }: FacetValue) => value.length === 1 || value === WITHOUT_INDUSTRY
  const below = (section: string) => values.filter((item) => !isSection(item) && item.value.startsWith(section))
  return values.filter(isSection).map((section) => ({ ...section, children: below(section.value) }))
}
