import { MEMBER_CLASS_LABELS } from '#schemas/codes/member-classes.ts'
import type { MemberClass } from '#schemas/shapes.ts'
import type { Status } from '#schemas/status-list.ts'
import { tabs } from '#web/components/navigation.ts'
import { table } from '#web/components/table.ts'
import { badge, emptyState, linkButton } from '#web/components/words.ts'
import { html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showDay } from '#web/pages/show.ts'
import { STANDING_WORDS } from '#web/texts/member-words.ts'
import { holds, type OperatorGroup } from './operator-pages.ts'

interface ListedMember {
  readonly id: string
  readonly name: string
  readonly class: MemberClass
  readonly state: Status
  readonly endpoint: string | null
  readonly since: string
  readonly certificates: readonly { readonly until: string; readonly state?: Status }[]
}

const STANDINGS = ['good', 'suspended', 'revoked'] as const

/** Every member, by name or standing. */
export const membersPages: OperatorGroup = (site) => {
  site.get('/members', { roles: 'any' }, async (visit) => {
    const { t, lang, href, query } = visit
    const all = await visit.act<ListedMember[]>('members')
    const words = (query.get('q') ?? '').trim()
    const state = STANDINGS.find((one) => one === query.get('state'))
    const named = all.filter(
      ({ id, name }) => words === '' || name.includes(words) || id.startsWith(words.toUpperCase()),
    )
    const shown = named.filter((one) => state === undefined || one.state === state)
    const address = (of?: Status) => {
      const search = new URLSearchParams({
        ...(words === '' ? {} : { q: words }),
        ...(of === undefined ? {} : { state: of }),
      })
      return `${href('/members')}${search.size === 0 ? '' : `?${search}`}`
    }
    return {
      title: t('成员', 'Members'),
      beside: holds(visit, 'registrar') && linkButton(href('/codes'), t('签发接入码', 'Make a code'), 'primary'),
      body: html`
        <form method="get" action=${href('/members')} role="search" class="search">
          <input type="search" name="q" value=${words} aria-label=${t('名称或统一社会信用代码', 'Name or credit code')} placeholder=${t('名称或统一社会信用代码', 'Name or credit code')} />
          <button class="button plain" type="submit">${t('查找', 'Find')}</button>
        </form>
        ${tabs(t('按资格', 'By standing'), [
          { href: address(), text: t('全部', 'All'), current: state === undefined, count: named.length },
          ...STANDINGS.map((one) => ({
            href: address(one),
            text: pick(lang, STANDING_WORDS[one]),
            current: one === state,
            count: named.filter((member) => member.state === one).length,
          })),
        ])}
        ${table({
          caption: t('成员', 'Members'),
          stacked: true,
          rows: shown,
          empty: emptyState(
            words === '' ? t('没有成员', 'No members') : t('没有符合的成员', 'No member fits'),
            words === ''
              ? t('签发接入码，请成员用它接入。', 'Make a code, and have the member join with it.')
              : t('请检查名称或代码。', 'Check the name or code.'),
          ),
          columns: [
            {
              head: t('名称', 'Name'),
              kind: 'row',
              cell: ({ id, name }) => html`<a href=${href(`/members/${id}`)}>${name}</a>`,
            },
            { head: t('统一社会信用代码', 'Credit code'), cell: ({ id }) => html`<code>${id}</code>` },
            { head: t('类别', 'Class'), cell: (one) => pick(lang, MEMBER_CLASS_LABELS[one.class]) },
            {
              head: t('资格', 'Standing'),
              cell: (one) => badge(STANDING_WORDS[one.state].tone, pick(lang, STANDING_WORDS[one.state])),
            },
            {
              head: t('证书有效期至', 'Certificates until'),
              cell: ({ certificates }) => {
                const ends = certificates.filter((one) => one.state === 'good').map(({ until }) => until)
                return ends.length === 0
                  ? t('无有效证书', 'none valid')
                  : showDay(lang, ends.toSorted().at(-1) as string)
              },
            },
            { head: t('加入', 'Joined'), cell: ({ since }) => html`<time>${showDay(lang, since)}</time>` },
          ],
        })}
      `,
    }
  })
}
