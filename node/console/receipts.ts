import { tabs } from '#web/components/navigation.ts'
import { table } from '#web/components/table.ts'
import { badge, emptyState, linkButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Page } from '#web/pages/page.ts'
import { showBytes, showTime } from '#web/pages/show.ts'
import type { Receipt } from '../actions/list-receipts.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'

const SHOWN = 100
const ROLES = ['owner', 'consumer'] as const

/** Receipts of both directions: what we gave, what we received. */
export function receiptsPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/receipts', { roles: 'any' }, async (visit) => {
    await deps.using.entries.learn()
    return listPage(visit, deps, await visit.act<Receipt[]>('receipts'))
  })
}

function listPage(visit: NodeVisit, deps: NodePagesDeps, all: readonly Receipt[]): Page {
  const { t, href, query } = visit
  const agreement = query.get('agreement')
  const wanted = all.filter((one) => agreement === null || one.agreement === agreement).toReversed()
  const counts = { owner: countOf(wanted, 'owner'), consumer: countOf(wanted, 'consumer') }
  const role =
    ROLES.find((one) => one === query.get('role')) ?? (counts.owner >= counts.consumer ? 'owner' : 'consumer')
  const from = Math.max(0, Number.parseInt(query.get('from') ?? '0', 10) || 0)
  const address = (which: Receipt['role'], start = 0) => {
    const search = new URLSearchParams({ role: which })
    if (agreement !== null) search.set('agreement', agreement)
    if (start > 0) search.set('from', String(start))
    return href(`/receipts?${search}`)
  }
  const shown = wanted.filter((one) => one.role === role)
  return {
    title: t('回执', 'Receipts'),
    layout: 'wide',
    lead: t(
      '每次调取由双方节点各签一份：提供方的交付回执，使用方的确认回执。发生争议时以此为证。',
      'Both nodes sign for every pull: the owner its delivery, the consumer its acknowledgement. They are the evidence in a dispute.',
    ),
    beside: agreement !== null && linkButton(href('/receipts'), t('看全部', 'See all')),
    body: html`
      ${tabs(t('方向', 'Direction'), [
        { href: address('owner'), text: t('提供出去的', 'Given'), current: role === 'owner', count: counts.owner },
        {
          href: address('consumer'),
          text: t('取得的', 'Received'),
          current: role === 'consumer',
          count: counts.consumer,
        },
      ])}
      ${receiptTable(visit, deps, role, shown.slice(from, from + SHOWN))}
      ${
        (from > 0 || from + SHOWN < shown.length) &&
        html`<nav class="pager" aria-label=${t('翻页', 'Pages')}>
        ${from > 0 && linkButton(address(role, from - SHOWN), t('上一页', 'Previous page'))}
        ${from + SHOWN < shown.length && linkButton(address(role, from + SHOWN), t('下一页', 'Next page'))}
      </nav>`
      }`,
  }
}

function countOf(receipts: readonly Receipt[], role: Receipt['role']): number {
  return receipts.filter((one) => one.role === role).length
}

function receiptTable(visit: NodeVisit, deps: NodePagesDeps, role: Receipt['role'], rows: readonly Receipt[]): Html {
  const { t, lang, href } = visit
  return table<Receipt>({
    caption: t('回执', 'Receipts'),
    stacked: true,
    rows,
    empty: emptyState(
      role === 'owner'
        ? t('还没有提供过数据', 'Nothing was given yet')
        : t('还没有取得过数据', 'Nothing was received yet'),
    ),
    columns: [
      {
        head: t('数据集', 'Dataset'),
        kind: 'row',
        cell: ({ pull, dataset, version }) =>
          html`<a href=${href(`/receipts/${pull}`)}>${deps.titleOf(lang, dataset)}</a> <small>${t(`第 ${version} 版`, `v${version}`)}</small>`,
      },
      {
        head: role === 'owner' ? t('使用方', 'Consumer') : t('提供方', 'Owner'),
        cell: (one) => deps.nameOf(role === 'owner' ? one.consumer : one.owner),
      },
      {
        head: t('时间', 'Time'),
        kind: 'small',
        cell: ({ opened }) => html`<span class="nowrap">${showTime(lang, opened)}</span>`,
      },
      { head: t('传输', 'Transferred'), kind: 'number', cell: ({ bytes }) => showBytes(lang, bytes) },
      { head: t('状态', 'State'), cell: (one) => receiptBadge(visit, one) },
    ],
  })
}

/** How far the exchange of receipts has come, or how it ended. */
export function receiptBadge({ t }: Pick<NodeVisit, 't'>, { role, state, outcome }: Receipt): Html {
  if (outcome === 'rejected') return badge('bad', t('使用方核验未通过', 'Rejected by the consumer'))
  if (outcome === 'abandoned') return badge('quiet', t('使用方放弃', 'Abandoned by the consumer'))
  if (state === 'acknowledged') return badge('good', t('双方已签', 'Signed by both'))
  if (state === 'acknowledgement-pending') return badge('warn', t('回执待送达提供方', 'Acknowledgement on its way'))
  if (state === 'delivered')
    return badge(
      'warn',
      role === 'owner' ? t('等使用方签收', 'Waits for the consumer') : t('待签收', 'To be acknowledged'),
    )
  if (state === 'complete') return badge('warn', t('待签收', 'To be acknowledged'))
  return badge('info', t('正在传输', 'Under way'))
}
