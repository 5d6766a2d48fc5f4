import { isRefusal, type Refusal } from '#schemas/refusal.ts'
import { type CardItem, datasetCard } from '#web/components/dataset-card.ts'
import { chosenValues, type FacetLists, facetGroups, resultHead } from '#web/components/facet-links.ts'
import { chips, facetList } from '#web/components/facets.ts'
import { pager } from '#web/components/navigation.ts'
import { refusalBox } from '#web/components/refusal-box.ts'
import { searchBox } from '#web/components/search-box.ts'
import { badge, emptyState, linkButton } from '#web/components/words.ts'
import { addressOf, type CatalogQuery, readSearch, searchParameters } from '#web/pages/catalog-query.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Page } from '#web/pages/page.ts'
import { caseBadge } from './case-words.ts'
import { datasetPath, providerBadge } from './dataset-words.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'

/** A page of the hub's catalogue. */
interface Found {
  readonly items: readonly CardItem[]
  readonly total: number
  readonly facets: FacetLists
  readonly next: string | null
}

const PLACE = { path: '/find' } as const

/** Find data: the hub's catalogue, searched from here. */
export function findPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/find', { roles: 'any' }, async (visit) => {
    const search = readSearch(visit.query)
    try {
      return foundPage(visit, deps, search, await ask(visit, search))
    } catch (error) {
      if (!isRefusal(error)) throw error
      return awayPage(visit, search, error)
    }
  })
}

function ask(visit: NodeVisit, { words, chosen, sort, cursor }: CatalogQuery): Promise<Found> {
  return visit.act<Found>('search', {
    ...chosen,
    ...(words !== '' && { words }),
    ...(sort !== undefined && { sort }),
    ...(cursor !== undefined && { cursor }),
  })
}

function foundPage(visit: NodeVisit, deps: NodePagesDeps, search: CatalogQuery, found: Found): Page {
  const { t, lang, href } = visit
  const { words, cursor } = search
  const { items, total, facets, next } = found
  const taken = chosenValues(visit, PLACE, search, facets)
  const address = (more: readonly [string, string][] = []) =>
    addressOf(href(PLACE.path), [...searchParameters(search), ...more])
  return {
    title: t('查找数据', 'Find data'),
    layout: 'wide',
    lead: t(
      '目录来自共享中心；数据在各提供方的节点上，申请获准后由本节点直接调取。',
      "The catalogue is the hub's; the data lie at their owners' nodes and are pulled from there once a request is granted.",
    ),
    body: html`
      ${searchBox(visit, { words, kept: searchParameters({ ...search, words: '' }), action: PLACE.path, suggest: false })}
      <div class="split">
        ${facetList(lang, t, facetGroups(visit, PLACE, search, facets), taken.length)}
        <div class="results stack">
          ${chips(t, taken, addressOf(href(PLACE.path), words === '' ? [] : [['words', words]]))}
          ${resultHead(visit, PLACE, search, total)}
          ${total === 0 ? nothing(visit, search) : html`<ul class="result-list">${items.map((item) => card(visit, deps, item))}</ul>`}
          ${pager(t, {
            first: cursor === undefined ? undefined : address(),
            next: next === null ? undefined : address([['cursor', next]]),
          })}
        </div>
      </div>`,
  }
}

/** With what concerns us: our own datasets, and cases under way. */
function card(visit: NodeVisit, deps: NodePagesDeps, item: CardItem): Html {
  const { t, href } = visit
  const own = item.dataset.startsWith(`${deps.member}/`)
  const standing = deps.standingOf(item.dataset.slice(0, 18))
  const ours = deps.using
    .stories()
    .findLast(
      ({ dataset, consumer, state }) => dataset === item.dataset && consumer === deps.member && state !== 'TERMINATED',
    )
  return datasetCard(visit, item, visit.now, {
    links: {
      dataset: (id) => (own ? datasetPath(id) : `/find/${id}`),
      member: (id) => `/find?member=${id}`,
    },
    more: own
      ? html`<p>${badge('quiet', t('本单位的数据集', 'Our own'))}</p>`
      : html`${standing !== 'good' && html`<p>${providerBadge(visit, standing)}</p>`}
        ${ours !== undefined && html`<p>${t('本单位的申请：', 'Our request: ')}<a href=${href(`/requests/${ours.request}`)}>${caseBadge(visit, ours)}</a></p>`}`,
  })
}

function nothing({ t, href }: NodeVisit, { words, chosen }: CatalogQuery): Html {
  const narrowed = Object.keys(chosen).length > 0
  return emptyState(
    words === '' && !narrowed
      ? t('目录里还没有数据集', 'The catalogue is still empty')
      : t('没有符合的数据集', 'No dataset fits'),
    html`<p>${
      narrowed
        ? t('条件可能太窄，可以去掉一些。', 'The conditions may be too narrow.')
        : words === ''
          ? t('其他单位发布后会出现在这里。', 'What others publish appears here.')
          : t('换一个更短、更通用的词试试。', 'Try a shorter, more general word.')
    }</p>
    ${(narrowed || words !== '') && linkButton(href(PLACE.path), t('查看全部', 'See all'))}`,
  )
}

/** The catalogue cannot be asked: what can be done all the same. */
function awayPage(visit: NodeVisit, search: CatalogQuery, error: Refusal): Page {
  const { t, lang, href } = visit
  const problem = error.problem(visit.requestId)
  return {
    title: t('查找数据', 'Find data'),
    layout: 'wide',
    status: problem.status,
    body: html`
      ${searchBox(visit, { words: search.words, action: PLACE.path, suggest: false })}
      ${refusalBox(lang, problem)}
      <p>${t('已有协议的数据不受影响，仍可调取。', 'Data under agreements in force can still be pulled.')}</p>
      <div class="cluster">
        ${linkButton(href('/find'), t('重新查找', 'Search anew'), 'primary')}
        ${linkButton(href('/pulls'), t('调取数据', 'Pull data'))}
      </div>`,
  }
}
