import { barChart } from '#web/charts/chart.ts'
import { searchBox } from '#web/components/search-box.ts'
import { emptyState, section, stat } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showBytes, showDay, showNumber } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import { nameFacetValue } from '#web/texts/facets.ts'
import type { SearchResult } from '../index/search-index.ts'
import type { Notice } from '../store/contents.ts'
import { datasetList } from './dataset-list.ts'
import type { PageGroup, PortalDeps } from './portal-deps.ts'
import { countTotals, type Totals } from './totals.ts'

const shownItems = 5
const shownNotices = 6
const shownIndustries = 10
const shownMemberWords = 6

/** 首页: where a stranger begins. */
export const homePages: PageGroup = (pages, deps) => {
  const totals = countTotals(deps)
  pages.get('/', async (visit) => {
    const newest = deps.index.search({ sort: 'newest', limit: shownItems })
    const used = deps.index.search({ sort: 'used', limit: shownItems })
    return {
      title: deps.hub().name,
      heading: false,
      layout: 'wide',
      description: visit.t(
        '行业协会商会信息公示、数据目录与共享服务：查找数据集，了解提供方，核验签名，申请共享。',
        'Open information, catalogue and data sharing of industry associations: find datasets, see who provides them, verify signatures, apply.',
      ),
      feeds: [
        {
          href: visit.href('/datasets.atom'),
          title: visit.t('数据目录更新 (Atom)', 'News of the catalogue (Atom)'),
          type: 'application/atom+xml',
        },
      ],
      scripts: ['suggest.js'],
      body: html`
        ${hero(visit, deps, newest)}
        ${counters(visit, totals())}
        <div class="split even">
          ${listOf(visit, deps, visit.t('最新发布', 'Newest'), 'newest', newest)}
          ${listOf(visit, deps, visit.t('最常调取', 'Most used'), 'used', used)}
        </div>
        <div class="split right">
          ${await industries(visit, newest)}
          <div class="stack">
            ${notices(visit, await deps.contents.notices(shownNotices))}
            ${services(visit)}
          </div>
        </div>`,
    }
  })
}

function hero(visit: Visit, { hub }: PortalDeps, { facets }: SearchResult): Html {
  const { t, lang, href } = visit
  const words = facets.theme.slice(0, shownMemberWords)
  return html`<div class="hero">
    <h1>${hub().name}</h1>
    <p class="lead">${t('查找行业协会商会公示的数据：看说明和样例，核验签名，申请共享。', 'Find the data that industry associations publish: read, verify, apply.')}</p>
    ${searchBox(visit, { big: true })}
    ${words.length > 0 && html`<p class="hero-words"><span>${t('按主题：', 'By theme:')}</span>${words.map(({ value }) => html`<a href=${href(`/datasets?theme=${value}`)}>${nameFacetValue(lang, 'theme', value)}</a>`)}</p>`}
  </div>`
}

function counters({ t, lang, href }: Visit, { members, datasets, pulls, bytes }: Totals): Html {
  return html`<div class="grid small counters">
    ${stat(showNumber(lang, members), t('成员单位', 'Members'), href('/members'))}
    ${stat(showNumber(lang, datasets), t('数据集', 'Datasets'), href('/datasets'))}
    ${stat(showNumber(lang, pulls), t('累计调取次数', 'Pulls so far'), href('/statistics'))}
    ${stat(showBytes(lang, bytes), t('累计共享量', 'Shared so far'), href('/statistics'))}
  </div>`
}

function listOf(visit: Visit, deps: PortalDeps, heading: string, sort: string, { items }: SearchResult): Html {
  const { t, href } = visit
  const used = sort === 'used' ? items.filter((item) => item.used > 0) : items
  return section(
    heading,
    used.length === 0
      ? emptyState(
          sort === 'used' ? t('还没有调取记录', 'Nothing was pulled yet') : t('还没有数据集', 'No datasets yet'),
          sort === 'used'
            ? t('第一次调取完成后显示。', 'Shown after the first pull.')
            : t('成员发布后显示。', 'Shown once a member publishes.'),
        )
      : datasetList(visit, deps, used),
    { beside: used.length > 0 && html`<a href=${href(`/datasets?sort=${sort}`)}>${t('更多', 'More')}</a>` },
  )
}

/** Datasets by 门类. */
async function industries({ t, lang, href }: Visit, { facets }: SearchResult): Promise<Html> {
  const sections = facets.industry.slice(0, shownIndustries)
  const name = (value: string) => nameFacetValue(lang, 'industry', value)
  return section(
    t('各行业的数据集', 'Datasets by industry'),
    sections.length === 0
      ? emptyState(t('还没有可统计的数据集', 'Nothing to count yet'))
      : html`${await barChart({
          lang,
          title: t('按国民经济行业门类（GB/T 4754—2017）', 'By section of GB/T 4754—2017'),
          unit: t('个', 'datasets'),
          labelHead: t('行业', 'Industry'),
          labels: sections.map(({ value }) => name(value)),
          series: [{ name: t('数据集', 'Datasets'), values: sections.map(({ count }) => count) }],
        })}
        <p class="tags">${sections.map(({ value }) => html`<a class="tag" href=${href(`/datasets?industry=${value}`)}>${name(value)}</a>`)}</p>`,
    { beside: html`<a href=${href('/datasets?all=industry')}>${t('行业树', 'All industries')}</a>` },
  )
}

function notices({ t, lang, href }: Visit, found: readonly Notice[]): Html {
  return section(
    t('通知公告', 'Notices'),
    found.length === 0
      ? emptyState(t('暂无通知', 'No notices'))
      : html`<ul class="notice-list">${found.map(({ id, title, published }) => html`<li><a href=${href(`/notices/${id}`)}>${pick(lang, title)}</a> <time>${showDay(lang, published)}</time></li>`)}</ul>`,
    { card: true, beside: found.length > 0 && html`<a href=${href('/notices')}>${t('更多', 'More')}</a>` },
  )
}

/** 办事入口: what people come for. */
function services({ t, href }: Visit): Html {
  const entries = [
    ['/guides', t('办事指南', 'Guides'), t('如何加入、发布和申请数据', 'How to join, publish and apply')],
    ['/trust', t('核验', 'Verify'), t('核验文件、回执和签名', 'Check documents, receipts, signatures')],
    ['/members', t('协会名录', 'Members'), t('谁在共享，联系谁', 'Who shares, whom to ask')],
    ['/standards', t('标准规范', 'Standards'), t('元数据、编码和接口', 'Metadata, codes, interfaces')],
  ] as const
  return section(
    t('办事入口', 'Services'),
    html`<ul class="services">${entries.map(([to, name, text]) => html`<li><a href=${href(to)}><strong>${name}</strong><span>${text}</span></a></li>`)}</ul>`,
    { card: true },
  )
}
