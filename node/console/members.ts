import { MEMBER_CLASS_LABELS } from '#schemas/codes/member-classes.ts'
import type { MemberEntry } from '#schemas/kinds.ts'
import { MEMBER_CLASSES } from '#schemas/shapes.ts'
import { tabs } from '#web/components/navigation.ts'
import { table } from '#web/components/table.ts'
import { badge, emptyState, linkButton, notice } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import type { Page } from '#web/pages/page.ts'
import { showNumber } from '#web/pages/show.ts'
import { STANDING_WORDS } from '#web/texts/member-words.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'

const SHOWN = 200

/** Who takes part, as the newest directory says. */
export function memberPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/members', { roles: 'any' }, (visit) => membersPage(visit, deps))
}

function membersPage(visit: NodeVisit, deps: NodePagesDeps): Page {
  const { t, lang, href, query } = visit
  const all = deps.using.members()
  const words = (query.get('q') ?? '').trim()
  const kind = MEMBER_CLASSES.find((one) => one === query.get('class'))
  const named = all
    .filter(({ id, name }) => words === '' || name.includes(words) || id.startsWith(words.toUpperCase()))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'zh-CN'))
  const chosen = named.filter((one) => kind === undefined || one.class === kind)
  const address = (of?: string) => {
    const search = new URLSearchParams({ ...(words !== '' && { q: words }), ...(of !== undefined && { class: of }) })
    return `${href('/members')}${search.size === 0 ? '' : `?${search}`}`
  }
  const sponsors = deps.membership().memberClass === 'association'
  return {
    title: t('成员', 'Members'),
    layout: 'wide',
    beside: sponsors && linkButton(href('/sponsorships'), t('担保关联单位', 'Sponsor affiliates')),
    body: html`
      ${all.length === 0 && notice('warn', { title: t('还没有取得信任目录', 'The directory has not been fetched yet') })}
      <form method="get" action=${href('/members')} role="search" class="search">
        <input type="search" name="q" value=${words} aria-label=${t('名称或统一社会信用代码', 'Name or credit code')} placeholder=${t('名称或统一社会信用代码', 'Name or credit code')} />
        <button class="button plain" type="submit">${t('查找', 'Find')}</button>
      </form>
      ${tabs(t('按类别', 'By class'), [
        { href: address(), text: t('全部', 'All'), current: kind === undefined, count: named.length },
        ...MEMBER_CLASSES.map((one) => ({
          href: address(one),
          text: pick(lang, MEMBER_CLASS_LABELS[one]),
          current: one === kind,
          count: named.filter((member) => member.class === one).length,
        })),
      ])}
      ${memberTable(visit, deps, chosen.slice(0, SHOWN))}
      ${chosen.length > SHOWN && html`<p>${t(`只显示前 ${SHOWN} 个，共 ${showNumber(lang, chosen.length)} 个，请输入名称查找。`, `The first ${SHOWN} of ${showNumber(lang, chosen.length)}: search by name for the others.`)}</p>`}`,
  }
}

function memberTable(visit: NodeVisit, deps: NodePagesDeps, rows: readonly MemberEntry[]): Html {
  const { t, lang, href } = visit
  return table<MemberEntry>({
    caption: t('成员', 'Members'),
    stacked: true,
    rows,
    empty: emptyState(t('没有符合的成员', 'No member fits'), t('请检查名称或代码。', 'Check the name or code.')),
    columns: [
      {
        head: t('名称', 'Name'),
        kind: 'row',
        cell: ({ id, name }) => html`${name}${id === deps.member && html` ${badge('info', t('本单位', 'Us'))}`}`,
      },
      { head: t('统一社会信用代码', 'Credit code'), cell: ({ id }) => html`<code>${id}</code>` },
      { head: t('类别', 'Class'), cell: (one) => pick(lang, MEMBER_CLASS_LABELS[one.class]) },
      {
        head: t('资格', 'Standing'),
        cell: ({ standing }) => badge(STANDING_WORDS[standing].tone, pick(lang, STANDING_WORDS[standing])),
      },
      {
        head: t('担保单位', 'Sponsored by'),
        cell: ({ sponsors }) => sponsors.map(({ sponsor }) => deps.nameOf(sponsor)).join(t('、', ', ')) || '—',
      },
      {
        head: t('数据', 'Data'),
        cell: ({ id }) => html`<a href=${href(`/find?member=${id}`)}>${t('查找它的数据', 'Find its data')}</a>`,
      },
    ],
  })
}
