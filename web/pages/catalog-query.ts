import { FACET_NAMES, type FacetName } from '../texts/facets.ts'

/** A search of the catalogue as its address says it; what is not understood is left out, so that old links go on working. */
export interface CatalogQuery {
  readonly words: string
  readonly chosen: Readonly<Partial<Record<FacetName, readonly string[]>>>
  readonly sort: Sort | undefined
  readonly cursor: string | undefined
  /** The facet of which every value is wanted. */
  readonly all: FacetName | undefined
}

export const FACETS = Object.keys(FACET_NAMES) as readonly FacetName[]

const SORTS = ['relevance', 'newest', 'used'] as const
export type Sort = (typeof SORTS)[number]

const maxWords = 200
const maxValues = 50

export function readSearch(query: URLSearchParams): CatalogQuery {
  const chosen: Partial<Record<FacetName, readonly string[]>> = {}
  for (const facet of FACETS) {
    const values = query.getAll(facet).map((value) => value.trim().slice(0, maxWords))
    const distinct = [...new Set(values)].filter((value) => value !== '').slice(0, maxValues)
    if (distinct.length > 0) chosen[facet] = distinct
  }
  return {
    words: (query.get('words') ?? '').trim().slice(0, maxWords),
    chosen,
    sort: SORTS.find((one) => one === query.get('sort')),
    cursor: query.get('cursor') ?? undefined,
    all: FACETS.find((one) => one === query.get('all')),
  }
}

/** Parameters of a search without its place in the pages, in one order: equal searches have equal addresses. */
export function searchParameters({ words, chosen, sort }: Omit<CatalogQuery, 'cursor' | 'all'>): [string, string][] {
  return [
    ...(words === '' ? [] : [['words', words] as [string, string]]),
    ...FACETS.flatMap((facet) => (chosen[facet] ?? []).map((value): [string, string] => [facet, value])),
    ...(sort === undefined ? [] : [['sort', sort] as [string, string]]),
  ]
}

/** `/datasets?words=…`; the bare path where nothing is asked. */
export function addressOf(path: string, parameters: readonly (readonly [string, string])[]): string {
  if (parameters.length === 0) return path
  return `${path}?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`
}

/** The search with one more value, or without one that is chosen. A finer or wider industry takes the other's place. */
export function toggled(search: CatalogQuery, facet: FacetName, value: string): CatalogQuery {
  const now = search.chosen[facet] ?? []
  const isKin = (other: string) => facet === 'industry' && (other.startsWith(value) || value.startsWith(other))
  const next = now.includes(value) ? now.filter((one) => one !== value) : [...now.filter((one) => !isKin(one)), value]
  const { [facet]: _, ...others } = search.chosen
  return { ...search, chosen: next.length === 0 ? others : { ...others, [facet]: next } }
}
