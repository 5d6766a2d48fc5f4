import { STATES, type State } from '#schemas/transitions.ts'
import { pager, tabs } from '#web/components/navigation.ts'
import { table } from '#web/components/table.ts'
import { badge, emptyState } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showEnd } from '#web/pages/show.ts'
import { CAUSE_WORDS, STATE_WORDS } from '#web/texts/agreement-words.ts'
import { STANDING_WORDS } from '#web/texts/member-words.ts'
import type { ListedAgreement, PartyName } from '../actions/show-agreement.ts'
import type { OperatorGroup, OperatorVisit } from './operator-pages.ts'

/** Agreements as the list action answers them. */
export interface AgreementList {
  readonly items: readonly ListedAgreement[]
  readonly next: number | null
  readonly counts: Partial<Record<State, number>>
}

/** All agreements and requests, latest change first, by state. */
export const agreementsPages: OperatorGroup = (site) => {
  site.get('/agreements', { roles: 'any' }, async (visit) => {
    const { t, lang, query, href } = visit
    const state = STATES.find((one) => one === query.get('state'))
    const before = Number(query.get('before') ?? '')
    const list = await visit.act<AgreementList>('agreement-list', {
      ...(state === undefined ? {} : { state }),
      ...(Number.isSafeInteger(before) && before > 0 ? { before } : {}),
    })
    const total = Object.values(list.counts).reduce((sum, count) => sum + count, 0)
    const address = (of: State | undefined, from?: number) => {
      const search = new URLSearchParams({
        ...(of === undefined ? {} : { state: of }),
        ...(from === undefined ? {} : { before: String(from) }),
      }).toString()
      return `${href('/agreements')}${search === '' ? '' : `?${search}`}`
    }
    return {
      title: t('协议', 'Agreements'),
      lead: t('从申请到结束的全部协议，最近变化的在前。', 'Everything from request to end, latest change first.'),
      body: html`
        ${tabs(t('按状态', 'By state'), [
          { href: address(undefined), text: t('全部', 'All'), current: state === undefined, count: total },
          ...STATES.filter((one) => (list.counts[one] ?? 0) > 0 || one === state).map((one) => ({
            href: address(one),
            text: pick(lang, STATE_WORDS[one]),
            current: one === state,
            count: list.counts[one] ?? 0,
          })),
        ])}
        ${agreementTable(visit, list.items)}
        ${pager(t, {
          first: query.has('before') ? address(state) : undefined,
          next: list.next === null ? undefined : address(state, list.next),
        })}
      `,
    }
  })
}

/** A table of agreements, also for the page of one member. */
export function agreementTable(visit: OperatorVisit, items: readonly ListedAgreement[]): Html {
  const { t, lang, href } = visit
  return table({
    caption: t('协议', 'Agreements'),
    stacked: true,
    rows: items,
    empty: emptyState(
      t('没有协议', 'No agreements'),
      t('成员提出申请后，会出现在这里。', 'Requests of members appear here.'),
    ),
    columns: [
      {
        head: t('数据集', 'Dataset'),
        kind: 'row',
        cell: ({ id, title, sensitive, withdrawn }) =>
          html`<a href=${href(`/agreements/${id}`)}>${pick(lang, title)}</a>${sensitive && html` ${badge('bad', t('敏感', 'Sensitive'))}`}${withdrawn && html` ${badge('warn', t('数据集已撤回', 'Dataset withdrawn'))}`}`,
      },
      { head: t('使用方', 'Consumer'), cell: ({ consumer }) => partyName(visit, consumer) },
      {
        head: t('提供方', 'Owner'),
        cell: ({ owners }) => owners.map((owner, at) => html`${at > 0 && t('、', ', ')}${partyName(visit, owner)}`),
      },
      {
        head: t('状态', 'State'),
        cell: ({ state, cause }) => {
          const word = STATE_WORDS[state]
          return badge(
            word.tone,
            cause === null ? pick(lang, word) : `${pick(lang, word)}${t('：', ': ')}${pick(lang, CAUSE_WORDS[cause])}`,
          )
        },
      },
      { head: t('期限', 'Until'), cell: ({ until }) => html`<time>${showEnd(lang, until)}</time>` },
    ],
  })
}

function partyName(visit: OperatorVisit, party: PartyName): Html {
  return html`${party.name} ${standingMark(visit, party)}`
}

/** Beside a party: only where its standing keeps it from giving or pulling. */
export function standingMark({ lang }: OperatorVisit, { standing }: PartyName): Html {
  if (standing === null || standing === 'good') return null
  const word = STANDING_WORDS[standing]
  return badge(word.tone, pick(lang, word))
}
