import type { FacetGroup, FacetLink } from '#web/components/facets.ts'
import { pick } from '#web/pages/language.ts'
import type { Visit } from '#web/pages/visit.ts'
import { FACET_NAMES, nameFacetValue } from '#web/texts/facets.ts'
import type { FacetLists, FacetValue } from '../index/facet-lists.ts'
import { FACETS, type Facet } from '../index/facets.ts'
import { addressOf, type Search, searchParameters, toggled } from './search-query.ts'

const shownValues = 8
const shownChosen = 20

/** Facets of a result as links: each adds its value to the search, or takes it back. */
export function facetGroups(visit: Visit, search: Search, lists: FacetLists): FacetGroup[] {
  return FACETS.map((facet) => {
    const values = lists[facet]
    const shown = search.all === facet ? values : shorten(values, search.chosen[facet] ?? [])
    return {
      name: pick(visit.lang, FACET_NAMES[facet]),
      links: shown.map((value) => linkOf(visit, search, facet, value)),
      all: shown.length === values.length ? undefined : { href: allOf(visit, search, facet), count: values.length },
    }
  })
}

/** Chosen values, each with the search without it. */
export function chosenValues(visit: Visit, search: Search, lists: FacetLists) {
  const names = new Map(lists.member.map(({ value, label }) => [value, label]))
  return FACETS.flatMap((facet) =>
    (search.chosen[facet] ?? []).map((value) => ({
      facet: pick(visit.lang, FACET_NAMES[facet]),
      text: nameFacetValue(visit.lang, facet, value, facet === 'member' ? names.get(value) : undefined),
      href: addressOf(visit.href('/datasets'), searchParameters(toggled(search, facet, value))),
    })),
  )
}

function linkOf(visit: Visit, search: Search, facet: Facet, { value, count, label, children }: FacetValue): FacetLink {
  const chosen = search.chosen[facet] ?? []
  // 大类 are shown below a 门类 that is chosen, or of which one is; the whole tree on a page of its own.
  const opened = search.all === facet || chosen.some((one) => one.startsWith(value))
  return {
    href: addressOf(visit.href('/datasets'), searchParameters(toggled(search, facet, value))),
    text: nameFacetValue(visit.lang, facet, value, label),
    count,
    chosen: chosen.includes(value),
    ...(children !== undefined && opened && { children: children.map((child) => linkOf(visit, search, facet, child)) }),
  }
}

function shorten(values: readonly FacetValue[], chosen: readonly string[]): readonly FacetValue[] {
  const isChosen = ({ value }: FacetValue) => chosen.some((one) => one.startsWith(value))
  return values.filter((value, index) => index < shownValues || isChosen(value)).slice(0, shownChosen)
}

function allOf(visit: Visit, search: Search, facet: Facet): string {
  return addressOf(visit.href('/datasets'), [...searchParameters(search), ['all', facet]])
}
