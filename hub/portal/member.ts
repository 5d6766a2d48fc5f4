import { MEMBER_CLASS_LABELS } from '#schemas/codes/member-classes.ts'
import type { MemberEntry } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { code, emptyState, facts, more, section, stat } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import type { Page } from '#web/pages/page.ts'
import { showBytes, showNumber, showPercent } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import { dueOf, sayDue } from '#web/texts/due-words.ts'
import { nameFacetValue } from '#web/texts/facets.ts'
import type { ListedMember } from '../actions/list-associations.ts'
import type { CatalogItem } from '../index/entry-row.ts'
import { datasetList } from './dataset-list.ts'
import type { PortalDeps } from './portal-deps.ts'
import { standingBadge } from './standing-badge.ts'

const maxCards = 20
const maxCounted = 100

/** 协会主页: who it is, what it publishes and whether in time, what it gave and received. NOT_FOUND for none of ours. */
export function memberPage(visit: Visit, { x, index }: PortalDeps, all: readonly ListedMember[]): Page {
  const { t, href, lang } = visit
  const id = (visit.params['id'] ?? '').toUpperCase()
  const entry = x.trust.findMember(id)
  const listed = all.find((one) => one.id === id)
  if (entry === undefined || listed === undefined) throw new Refusal('NOT_FOUND')
  const { items, total } = index.search({ member: id, sort: 'newest', limit: maxCounted })
  const catalogue = href(`/datasets?member=${id}`)
  return {
    title: entry.name,
    beside: standingBadge(visit, entry.standing),
    crumbs: [
      { text: t('首页', 'Home'), href: href('/') },
      { text: t('信息公示', 'Members'), href: href('/members') },
      { text: entry.name },
    ],
    description: t(`${entry.name}：登记信息、数据集和更新情况`, `${entry.name}: registration, datasets and timeliness`),
    feeds: [
      {
        href: href(`/members/${id}/feed.atom`),
        title: t(`${entry.name}的新数据`, `New data of ${entry.name}`),
        type: 'application/atom+xml',
      },
      {
        href: href(`/members/${id}/feed.json`),
        title: t(`${entry.name}的新数据`, `New data of ${entry.name}`),
        type: 'application/feed+json',
      },
    ],
    body: html`
      <div class="split right">
        <div class="stack">
          ${section(
            t('数据集', 'Datasets'),
            total === 0
              ? emptyState(t('还没有发布数据集', 'No dataset published yet'))
              : datasetList(visit, { x }, items.slice(0, maxCards), id),
            {
              beside:
                total > 0 &&
                html`<a href=${catalogue}>${t(`在目录中查看全部 ${showNumber(lang, total)} 个`, `All ${showNumber(lang, total)} in the catalogue`)}</a>`,
            },
          )}
          ${total > 0 && section(t('更新情况', 'Timeliness'), timeliness(visit, items, x.clock.now()), { id: 'timeliness' })}
        </div>
        <div class="stack">
          ${section(t('登记信息', 'Registration'), registration(visit, entry, listed, x.trust), { card: true })}
          ${section(t('提供和获得', 'Given and received'), share(visit, listed), { card: true })}
          <p class="small no-print">${t('订阅它的新数据：', 'Follow its new data: ')}<a href=${href(`/members/${id}/feed.atom`)}>Atom</a>${t('、', ', ')}<a href=${href(`/members/${id}/feed.json`)}>JSON Feed</a></p>
        </div>
      </div>`,
  }
}

function registration(
  { t, lang, href }: Visit,
  entry: MemberEntry,
  listed: ListedMember,
  trust: PortalDeps['x']['trust'],
): Html {
  const sponsors = entry.sponsors.map(
    ({ sponsor }) => html`<a href=${href(`/members/${sponsor}`)}>${trust.findMember(sponsor)?.name ?? sponsor}</a> `,
  )
  return html`${facts([
    [t('名称', 'Name'), entry.name],
    [t('统一社会信用代码', 'Unified code'), html`<code>${entry.id}</code>`],
    [t('类别', 'Class'), pick(lang, MEMBER_CLASS_LABELS[entry.class])],
    [t('登记地区', 'Registered in'), nameFacetValue(lang, 'region', listed.region)],
    [
      t('行业', 'Industries'),
      listed.industries.map((value) => nameFacetValue(lang, 'industry', value)).join(t('、', ', ')),
    ],
    [t('担保单位', 'Sponsored by'), sponsors.length > 0 && sponsors],
    [
      t('接入节点', 'Node'),
      entry.endpoint === null ? t('只获取，不对外提供', 'Consumes only') : t('对外提供数据', 'Serves data'),
    ],
  ])}
  ${more(
    t('证书指纹', 'Certificate fingerprints'),
    facts(
      entry.certificates.map(({ use, thumbprint }) => [
        use === 'tls' ? t('连接', 'TLS') : t('签名', 'Signing'),
        code(thumbprint),
      ]),
    ),
  )}`
}

function share({ t, lang }: Visit, one: ListedMember): Html {
  return html`<div class="grid small">
    ${stat(showBytes(lang, one.givenBytes), t(`提供 ${showNumber(lang, one.givenPulls)} 次`, `given in ${showNumber(lang, one.givenPulls)} pulls`))}
    ${stat(showBytes(lang, one.receivedBytes), t(`获得 ${showNumber(lang, one.receivedPulls)} 次`, `received in ${showNumber(lang, one.receivedPulls)} pulls`))}
  </div>
  <p class="small quiet-text">${t('只公布次数和数据量，不公布对方。', 'Counts and volumes only, never the other side.')}</p>`
}

/** 更新及时率: of the datasets that promise a next period, how many are not late today. */
function timeliness({ t, lang, href }: Visit, items: readonly CatalogItem[], now: number): Html {
  const promised = items.flatMap((item) => {
    const due = dueOf(item.periodicity, item.period?.to, now)
    return due === undefined ? [] : [{ item, due }]
  })
  if (promised.length === 0)
    return html`<p>${t('没有承诺固定更新周期的数据集。', 'No dataset promises a regular update.')}</p>`
  const late = promised.filter(({ due }) => due.late > 0)
  const kept = promised.length - late.length
  const rate = showPercent(kept / promised.length)
  return html`<div class="stack">
    <p>${t(
      `承诺定期更新的 ${promised.length} 个数据集中，${kept} 个没有逾期，及时率 ${rate}。`,
      `Of ${promised.length} datasets with a regular update, ${kept} are not late: ${rate}.`,
    )}</p>
    ${late.length > 0 && html`<ul>${late.map(({ item, due }) => html`<li><a href=${href(`/datasets/${item.dataset}`)}>${pick(lang, item.title)}</a>${t('：', ': ')}${sayDue(lang, due)}</li>`)}</ul>`}
  </div>`
}
