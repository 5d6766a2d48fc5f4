import { chosenValues, facetGroups, resultHead } from '#web/components/facet-links.ts'
import { chips, facetList } from '#web/components/facets.ts'
import { pager } from '#web/components/navigation.ts'
import { searchBox } from '#web/components/search-box.ts'
import { addressOf, type CatalogQuery, readSearch, searchParameters } from '#web/pages/catalog-query.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { FeedLink, Page } from '#web/pages/page.ts'
import type { Visit } from '#web/pages/visit.ts'
import { datasetList } from './dataset-list.ts'
import type { PageGroup, PortalDeps } from './portal-deps.ts'
import { nothingFound } from './search-nothing.ts'

const PLACE = { path: '/datasets' } as const

/** 数据目录: the search, its facets, its result. */
export const searchPages: PageGroup = (pages, deps) => {
  pages.get('/datasets', (visit) => searchPage(visit, deps))
}

function searchPage(visit: Visit, { x, index }: PortalDeps): Page {
  const { t } = visit
  const search = readSearch(visit.query)
  const { words, chosen, sort, cursor } = search
  const result = index.search({ ...chosen, words, sort, cursor })
  const taken = chosenValues(visit, PLACE, search, result.facets)
  return {
    title: words === '' ? t('数据目录', 'Catalogue') : t(`搜索“${words}”`, `Search: ${words}`),
    layout: 'wide',
    crumbs: [{ text: t('首页', 'Home'), href: visit.href('/') }, { text: t('数据目录', 'Catalogue') }],
    feeds: feedsOf(visit, search),
    scripts: ['suggest.js'],
    hidden: cursor !== undefined || taken.length > 1,
    body: html`
      ${searchBox(visit, { words, kept: searchParameters({ ...search, words: '' }) })}
      <div class="split">
        ${facetList(visit.lang, t, facetGroups(visit, PLACE, search, result.facets), taken.length)}
        <div class="results stack">
          ${chips(t, taken, addressOf(visit.href('/datasets'), words === '' ? [] : [['words', words]]))}
          ${resultHead(visit, PLACE, search, result.total)}
          ${result.total === 0 ? nothingFound(visit, search, index) : datasetList(visit, { x }, result.items)}
          ${pager(t, {
            first: cursor === undefined ? undefined : addressOf(visit.href('/datasets'), searchParameters(search)),
            next:
              result.next === undefined
                ? undefined
                : addressOf(visit.href('/datasets'), [...searchParameters(search), ['cursor', result.next]]),
          })}
          ${result.total > 0 && followSearch(visit, search)}
        </div>
      </div>`,
  }
}

/** Whoever comes back with the same wish: the address keeps it, the feeds tell what is new under it. */
function followSearch(visit: Visit, search: CatalogQuery): Html {
  const { t } = visit
  const [atom, json] = feedsOf(visit, search) as [FeedLink, FeedLink]
  return html`<p class="small quiet-text no-print">${t('收藏本页地址即保存了这次检索；有新数据时想知道，可订阅：', 'The address of this page keeps the search. To hear of new data under it: ')}<a href=${atom.href}>Atom</a>${t('、', ', ')}<a href=${json.href}>JSON Feed</a>${t('。', '.')}</p>`
}

function feedsOf(visit: Visit, search: CatalogQuery): FeedLink[] {
  const { t } = visit
  const parameters = searchParameters({ ...search, sort: undefined })
  const title =
    parameters.length === 0 ? t('数据目录更新', 'News of the catalogue') : t('本次检索的更新', 'News under this search')
  return [
    {
      href: addressOf(visit.href('/datasets.atom'), parameters),
      title: `${title} (Atom)`,
      type: 'application/atom+xml',
    },
    {
      href: addressOf(visit.href('/datasets.json'), parameters),
      title: `${title} (JSON Feed)`,
      type: 'application/feed+json',
    },
  ]
}
