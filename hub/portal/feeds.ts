import type { FastifyRequest } from 'fastify'
import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import { chosenValues, type FacetLists } from '#web/components/facet-links.ts'
import { addressOf, type CatalogQuery, readSearch, searchParameters } from '#web/pages/catalog-query.ts'
import { pick } from '#web/pages/language.ts'
import type { Raw } from '#web/pages/page.ts'
import type { Visit } from '#web/pages/visit.ts'
import { showHistory } from '../actions/show-dataset.ts'
import { entriesOfHistory, entriesOfItems } from './feed-entries.ts'
import { type Feed, type FeedEntry, toAtom, toJsonFeed } from './feed-format.ts'
import type { PageGroup, PortalDeps } from './portal-deps.ts'
import { tagged } from './tagged.ts'

const FORMATS = {
  atom: { type: 'application/atom+xml; charset=utf-8', write: toAtom },
  json: { type: 'application/feed+json; charset=utf-8', write: toJsonFeed },
} as const

const mostEntries = 50

/** News for programs and feed readers, of a search, a member, a dataset: each in both formats. */
export const feedPages: PageGroup = (pages, deps) => {
  for (const format of ['atom', 'json'] as const) {
    const send = (request: FastifyRequest, feed: Feed): Raw =>
      tagged(request, FORMATS[format].type, FORMATS[format].write(feed))
    pages.get(`/datasets.${format}`, (visit, request) => {
      const search = { ...readSearch(visit.query), sort: undefined, cursor: undefined }
      const title = visit.t('数据目录更新', 'News of the catalogue')
      return send(request, searchFeed(visit, deps, { search, title, path: `/datasets.${format}`, home: '/datasets' }))
    })
    pages.get(`/members/:id/feed.${format}`, (visit, request) => {
      const id = visit.params['id'] ?? ''
      const member = deps.x.trust.findMember(id)
      if (member === undefined) throw new Refusal('NOT_FOUND', { member: id })
      const search = { ...readSearch(new URLSearchParams()), chosen: { member: [id] } }
      const home = `/members/${id}`
      return send(
        request,
        searchFeed(visit, deps, { search, title: member.name, path: `${home}/feed.${format}`, home }),
      )
    })
    pages.get(`/datasets/:member/:slug/feed.${format}`, (visit, request) =>
      send(request, datasetFeed(visit, deps, format)),
    )
  }
}

interface SearchFeed {
  readonly search: CatalogQuery
  readonly title: string
  readonly path: string
  readonly home: string
}

function searchFeed(visit: Visit, deps: PortalDeps, { search, title, path, home }: SearchFeed): Feed {
  const { index, hub } = deps
  const base = hub().public
  const { chosen, words } = search
  const { items, facets } = index.search({ ...chosen, words, sort: 'newest', limit: mostEntries })
  // A member's feed names its member in the path, a search its words and facets in the query.
  const parameters = home === '/datasets' ? searchParameters(search) : []
  const asked = parameters.length === 0 ? '' : `${visit.t('：', ': ')}${inWords(visit, search, facets)}`
  return {
    ...headOf(visit, deps, entriesOfItems(visit, items, base)),
    id: `urn:hanghui:feed:${sha256(JSON.stringify([home, parameters]))}:${visit.lang}`,
    title: `${title}${asked} · ${hub().name}`,
    home: `${base}${addressOf(visit.href(home), parameters)}`,
    self: `${base}${addressOf(visit.href(path), parameters)}`,
  }
}

/** `“钢铁”，地区：河北省`. */
function inWords(visit: Visit, search: CatalogQuery, facets: FacetLists): string {
  const { t } = visit
  const chosen = chosenValues(visit, { path: '/datasets' }, search, facets)
  return [
    ...(search.words === '' ? [] : [`“${search.words}”`]),
    ...chosen.map(({ facet, text }) => `${facet}${t('：', ': ')}${text}`),
  ].join(t('，', ', '))
}

function datasetFeed(visit: Visit, deps: PortalDeps, format: keyof typeof FORMATS): Feed {
  const { x, hub } = deps
  const dataset = `${visit.params['member']}/${visit.params['slug']}`
  const history = showHistory(x, dataset)
  const [newest] = history.versions
  if (newest === undefined) throw new Refusal('DATASET_UNKNOWN', { dataset })
  const base = hub().public
  const home = visit.href(`/datasets/${dataset}`)
  const author = x.trust.findMember(dataset.slice(0, 18))?.name ?? dataset.slice(0, 18)
  return {
    ...headOf(visit, deps, entriesOfHistory(visit, history, { author, base }).slice(0, mostEntries)),
    id: `urn:hanghui:feed:${dataset}:${visit.lang}`,
    title: `${pick(visit.lang, newest.last.meta.title)} · ${hub().name}`,
    home: `${base}${home}`,
    self: `${base}${home}/feed.${format}`,
  }
}

function headOf(
  { lang }: Visit,
  { x }: PortalDeps,
  entries: readonly FeedEntry[],
): Pick<Feed, 'lang' | 'updated' | 'entries'> {
  const [newest] = entries
  return {
    lang: lang === 'zh' ? 'zh-CN' : 'en',
    // Atom demands a time even of an empty feed; the network's first root never moves.
    updated:
      newest?.updated ?? new Date((x.trust.roots()[0]?.payload.iat ?? 0) * 1000).toISOString().replace('.000', ''),
    entries,
  }
}
