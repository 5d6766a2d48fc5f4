import { FACETS } from '../index/facets.ts'
import { SORTS } from '../index/ranking.ts'
import type { SearchIndex, SearchQuery, SearchResult } from '../index/search-index.ts'

const TEXT = { type: 'string', maxLength: 200 } as const
/** A value, or several of which one must fit (`?class=1&class=2`). */
const CHOICE = { anyOf: [TEXT, { type: 'array', items: TEXT, maxItems: 50 }] } as const

/** Parameters of a search over HTTP, the same on the member listener and in the open API. */
export const SEARCH_QUERY = {
  type: 'object',
  properties: {
    words: TEXT,
    ...Object.fromEntries(FACETS.map((facet) => [facet, CHOICE])),
    sort: { type: 'string', enum: SORTS },
    cursor: { type: 'string', maxLength: 600 },
    limit: { type: 'string', pattern: '^([1-9][0-9]?|100)$' },
  },
  additionalProperties: false,
} as const

/** Values of {@link SEARCH_QUERY}. */
export type HttpSearch = Omit<SearchQuery, 'limit'> & { readonly limit?: string }

/** A page of the catalog; `next` is null at its end. */
export type SearchPage = Omit<SearchResult, 'next'> & { readonly next: string | null }

/** Protocol 4.3: searches the published catalog. */
export function searchCatalog(index: Pick<SearchIndex, 'search'>, { limit, ...query }: HttpSearch): SearchPage {
  const { next, ...page } = index.search({ ...query, ...(limit === undefined ? {} : { limit: Number(limit) }) })
  return { ...page, next: next ?? null }
}
