import { MEMBER_CLASS_LABELS } from '#schemas/codes/member-classes.ts'
import { chips, type FacetGroup, facetList } from '#web/components/facets.ts'
import { table } from '#web/components/table.ts'
import { emptyState, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showBytes, showNumber } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import { nameFacetValue } from '#web/texts/facets.ts'
import {
  filterMembers,
  type ListedMember,
  listAssociations,
  type MemberFacets,
  type MemberFilter,
} from '../actions/list-associations.ts'
import { keepFor } from './keep-for.ts'
import { memberPage } from './member.ts'
import type { PageGroup } from './portal-deps.ts'
import { standingBadge } from './standing-badge.ts'

const keptSeconds = 5
const maxShown = 200
const FILTERS = ['class', 'region', 'industry'] as const

/** 信息公示: the list of members (协会名录), and a page for each. */
export const memberPages: PageGroup = (pages, deps) => {
  const findAll = keepFor(deps.x.clock, keptSeconds, () => listAssociations(deps.x, deps.index))

  pages.get('/members', (visit) => {
    const { t, href } = visit
    const filter = readFilter(visit.query)
    const { members, facets } = filterMembers(findAll(), filter)
    const chosen = chosenOf(visit, filter)
    return {
      title: t('信息公示：成员名录', 'Members'),
      crumbs: [{ text: t('首页', 'Home'), href: href('/') }, { text: t('信息公示', 'Members') }],
      lead: t(
        '已接入本网络的行业协会商会、党政机关和关联单位。',
        'Industry associations, government departments and affiliated organisations of this network.',
      ),
      layout: 'wide',
      hidden: chosen.length > 0,
      body: html`
        ${search(visit, filter)}
        <div class="split">
          ${facetList(visit.lang, t, groupsOf(visit, filter, facets), chosen.length)}
          <div class="results stack">
            ${chips(t, chosen, href('/members'))}
            <p role="status">${t(`共 ${members.length} 个成员`, `${members.length} member${members.length === 1 ? '' : 's'}`)}</p>
            ${list(visit, members)}
          </div>
        </div>`,
    }
  })

  pages.get('/members/:id', (visit) => memberPage(visit, deps, findAll()))
}

function search({ t, href }: Visit, filter: MemberFilter): Html {
  return html`<form class="search" role="search" action=${href('/members')} method="get">
    <input type="search" name="words" value=${filter.words} maxlength="60" aria-label=${t('成员名称、代码、地区或行业', 'Name, code, region or industry')} placeholder=${t('成员名称、代码、地区或行业', 'Name, code, region or industry')} />
    ${FILTERS.map((name) => filter[name] !== '' && html`<input type="hidden" name=${name} value=${filter[name]} />`)}
    ${submitButton(t('查找', 'Find'))}
  </form>`
}

function list(visit: Visit, members: readonly ListedMember[]): Html {
  const { t, lang, href } = visit
  return html`${table({
    caption: t('成员名录', 'Members'),
    stacked: true,
    rows: members.slice(0, maxShown),
    empty: emptyState(
      t('没有符合条件的成员', 'No member fits'),
      html`<a href=${href('/members')}>${t('查看全部成员', 'Show all members')}</a>`,
    ),
    columns: [
      {
        head: t('名称', 'Name'),
        kind: 'row',
        cell: ({ id, name }) => html`<a href=${href(`/members/${id}`)}>${name}</a>`,
      },
      { head: t('类别', 'Class'), cell: (one) => pick(lang, MEMBER_CLASS_LABELS[one.class]) },
      { head: t('状态', 'Standing'), cell: (one) => standingBadge(visit, one.standing) },
      {
        head: t('发布数据集', 'Datasets published'),
        kind: 'number',
        cell: ({ datasets }) => showNumber(lang, datasets),
      },
      { head: t('累计提供', 'Given'), kind: 'number', cell: ({ givenBytes }) => showBytes(lang, givenBytes) },
    ],
  })}
  ${members.length > maxShown && html`<p class="small quiet-text">${t(`只显示前 ${maxShown} 个，请用条件缩小范围。`, `The first ${maxShown} are shown: narrow the list down.`)}</p>`}`
}

function readFilter(query: URLSearchParams): MemberFilter {
  const get = (name: string) => (query.get(name) ?? '').trim().slice(0, 60)
  return { words: get('words'), class: get('class'), region: get('region'), industry: get('industry') }
}

function addressWith({ href }: Visit, filter: MemberFilter): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== '')).toString()
  return href(query === '' ? '/members' : `/members?${query}`)
}

function groupsOf(visit: Visit, filter: MemberFilter, facets: MemberFacets): FacetGroup[] {
  return FILTERS.map((name) => ({
    name: nameOf(visit, name),
    links: facets[name].map(({ value, count }) => ({
      text: sayValue(visit, name, value),
      count,
      chosen: filter[name] === value,
      href: addressWith(visit, { ...filter, [name]: filter[name] === value ? '' : value }),
    })),
  }))
}

function chosenOf(visit: Visit, filter: MemberFilter) {
  return FILTERS.filter((name) => filter[name] !== '').map((name) => ({
    facet: nameOf(visit, name),
    text: sayValue(visit, name, filter[name]),
    href: addressWith(visit, { ...filter, [name]: '' }),
  }))
}

function nameOf({ t }: Visit, name: (typeof FILTERS)[number]): string {
  return { class: t('类别', 'Class'), region: t('登记地区', 'Registered in'), industry: t('行业', 'Industry') }[name]
}

function sayValue({ lang }: Visit, name: (typeof FILTERS)[number], value: string): string {
  if (name !== 'class') return nameFacetValue(lang, name, value)
  return Object.hasOwn(MEMBER_CLASS_LABELS, value) ? pick(lang, MEMBER_CLASS_LABELS[value as 'association']) : value
}
