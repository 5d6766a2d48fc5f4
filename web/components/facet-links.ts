import { addressOf, type CatalogQuery, FACETS, type Sort, searchParameters, toggled } from '../pages/catalog-query.ts'
import { type Html, html } from '../pages/html.ts'
import { pick } from '../pages/language.ts'
import { showNumber } from '../pages/show.ts'
import type { Visit } from '../pages/visit.ts'
import { FACET_NAMES, type FacetName, nameFacetValue } from '../texts/facets.ts'
import type { FacetGroup, FacetLink } from './facets.ts'

/** One value to choose, with how many entries it would leave. Industries have their 大类 below them. */
export interface FacetValue {
  readonly value: string
  readonly count: number
  readonly label?: string
  readonly children?: readonly FacetValue[]
}

/** What can be chosen in each facet, as the hub's search answers. */
export type FacetLists = Readonly<Record<FacetName, readonly FacetValue[]>>

/** Where the search has its page: `/datasets` at the portal. */
export interface SearchPlace {
  readonly path: string
}

const shownValues = 8
const shownChosen = 20

/** Facets of a result as links: each adds its value to the search, or takes it back. */
export function facetGroups(visit: Visit, place: SearchPlace, search: CatalogQuery, lists: FacetLists): FacetGroup[] {
  return FACETS.map((facet) => {
    const values = lists[facet]
    const shown = search.all === facet ? values : shorten(values, search.chosen[facet] ?? [])
    return {
      name: pick(visit.lang, FACET_NAMES[facet]),
      links: shown.map((value) => linkOf(visit, place, search, facet, value)),
      all:
        shown.length === values.length ? undefined : { href: allOf(visit, place, search, facet), count: values.length },
    }
  })
}

/** Chosen values, each with the search without it. */
export function chosenValues(visit: Visit, { path }: SearchPlace, search: CatalogQuery, lists: FacetLists) {
  const names = new Map(lists.member.map(({ value, label }) => [value, label]))
  return FACETS.flatMap((facet) =>
    (search.chosen[facet] ?? []).map((value) => ({
      facet: pick(visit.lang, FACET_NAMES[facet]),
      text: nameFacetValue(visit.lang, facet, value, facet === 'member' ? names.get(value) : undefined),
      href: addressOf(visit.href(path), searchParameters(toggled(search, facet, value))),
    })),
  )
}

function linkOf(
  visit: Visit,
  place: SearchPlace,
  search: CatalogQuery,
  facet: FacetName,
  { value, count, label, children }: FacetValue,
): FacetLink {
  const chosen = search.chosen[facet] ?? []
  // 大类 are shown below a 门类 that is chosen, or of which one is; the whole tree on a page of its own.
  const opened = search.all === facet || chosen.some((one) => one.startsWith(value))
  return {
    href: addressOf(visit.href(place.path), searchParameters(toggled(search, facet, value))),
    text: nameFacetValue(visit.lang, facet, value, label),
    count,
    chosen: chosen.includes(value),
    ...(children !== undefined &&
      opened && { children: children.map((child) => linkOf(visit, place, search, facet, child)) }),
  }
}

function shorten(values: readonly FacetValue[], chosen: readonly string[]): readonly FacetValue[] {
  const isChosen = ({ value }: FacetValue) => chosen.some((one) => one.startsWith(value))
  return values.filter((value, index) => index < shownValues || isChosen(value)).slice(0, shownChosen)
}

function allOf(visit: Visit, { path }: SearchPlace, search: CatalogQuery, facet: FacetName): string {
  return addressOf(visit.href(path), [...searchParameters(search), ['all', facet]])
}

/** How many were found, and the orders in which they may be listed. */
export function resultHead(visit: Visit, { path }: SearchPlace, search: CatalogQuery, total: number): Html {
  const { t, lang, href } = visit
  const orders: readonly [Sort, string][] = [
    ['relevance', t('相关', 'Relevance')],
    ['newest', t('最新', 'Newest')],
    ['used', t('最常调取', 'Most used')],
  ]
  const current = search.sort ?? (search.words === '' ? 'newest' : 'relevance')
  const offered = orders.filter(([sort]) => sort !== 'relevance' || search.words !== '')
  return html`<h2 class="hidden-text">${t('检索结果', 'Results')}</h2>
  <div class="result-head">
    <p role="status">${t(`共 ${showNumber(lang, total)} 个数据集`, `${showNumber(lang, total)} dataset${total === 1 ? '' : 's'}`)}</p>
    ${total > 1 && html`<nav class="orders" aria-label=${t('排序', 'Order')}>${offered.map(([sort, name]) => html`<a href=${addressOf(href(path), searchParameters({ ...search, sort }))} rel="nofollow" aria-current=${sort === current ? 'true' : undefined}>${name}</a>`)}</nav>`}
  </div>`
}
