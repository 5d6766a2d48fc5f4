import type { Status as Standing } from '#schemas/status-list.ts'
import { table } from '#web/components/table.ts'
import { emptyState, linkButton, notice, section, stat } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import type { Page } from '#web/pages/page.ts'
import { secondsOf, showAgo, showBytes, showDay, showNumber, showTime } from '#web/pages/show.ts'
import { STANDING_WORDS } from '#web/texts/member-words.ts'
import type { HealthCheck } from '../actions/check-health.ts'
import type { ListedDataset } from '../actions/list-datasets.ts'
import type { ListedPull } from '../actions/list-pulls.ts'
import type { Receipt } from '../actions/list-receipts.ts'
import { datasetPath, dueBadge, stateBadge } from './dataset-words.ts'
import { sectionLink } from './nav.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'
import { isNewToUs, pullableOf } from './pullable.ts'
import { receiptBadge } from './receipts.ts'

/** What `status` answers, as far as this page looks. */
interface Status {
  readonly standing: Standing | null
  readonly time: string
  readonly certificates: { readonly until: string }
  readonly directory: { readonly issued: string } | null
  readonly status: { readonly issued: string } | null
  readonly hub: { readonly streaming: boolean; readonly seen: string | null }
  readonly outbox: number
  readonly alarms: number
}

interface Request {
  readonly state: string
  readonly path: string
}

interface Agreement {
  readonly id: string
  readonly dataset: string
  readonly consumer: string
  readonly state: string
  readonly pulls: number | null
}

const DAY_SECONDS = 86_400
const LATEST = 6

/** The first page: is everything in order, what waits for a person, what went out and came in. */
export function overviewPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/', { roles: 'any' }, async (visit): Promise<Page> => {
    const status = await visit.act<Status>('status')
    const [incoming, outgoing, receipts, datasets, news, checks, toSign] = await Promise.all([
      visit.act('requests', { incoming: true }) as Promise<Request[]>,
      visit.act('requests', { outgoing: true }) as Promise<Request[]>,
      visit.act('receipts') as Promise<Receipt[]>,
      visit.act('datasets') as Promise<ListedDataset[]>,
      countNews(visit, deps, status),
      deps.checks(() => visit.act('doctor') as Promise<{ checks: HealthCheck[] }>),
      deps.toSign(),
    ])
    const { name } = deps.membership()
    return {
      title: name,
      layout: 'wide',
      beside: linkButton(visit.href('/publish'), visit.t('发布数据', 'Publish data'), 'primary'),
      body: html`
        ${connection(visit, status)}
        ${figures(visit, status, checks)}
        ${section(visit.t('等您处理', 'Waiting for you'), waitingList(visit, deps, { status, incoming, outgoing, receipts, datasets, news, toSign }))}
        ${dueTable(visit, datasets)}
        <div class="split even">
          ${section(visit.t('最近被调取', 'Lately pulled from here'), receiptTable(visit, deps, receipts, 'owner'))}
          ${section(visit.t('最近取得', 'Lately received'), receiptTable(visit, deps, receipts, 'consumer'))}
        </div>`,
    }
  })
}

function connection(visit: NodeVisit, { hub, standing, status, outbox }: Status): Html {
  const { t, lang, now } = visit
  const away =
    !hub.streaming &&
    standing === 'good' &&
    notice('warn', {
      title: t('与共享中心的连接中断', 'The hub cannot be reached'),
      body: t(
        `${hub.seen === null ? '还没有联系上过。' : `最近一次联系在${showAgo(lang, hub.seen, now)}。`}已有的授权在有效期内照常调取；新的申请和发布会在恢复后自动送出${outbox > 0 ? `，现有 ${outbox} 份等待送出` : ''}。`,
        `${hub.seen === null ? 'It has never answered. ' : `It last answered ${showAgo(lang, hub.seen, now)}. `}Pulls under valid grants go on; requests and publications are sent when it is back${outbox > 0 ? ` (${outbox} wait)` : ''}.`,
      ),
    })
  const stale =
    status !== null &&
    now - secondsOf(status.issued) > 3_600 &&
    notice('bad', {
      title: t('状态列表已过时', 'The status list is old'),
      body: t(
        `最近一份是${showAgo(lang, status.issued, now)}的。超过 24 小时后将停止一切调取，请检查网络。`,
        `The newest is from ${showAgo(lang, status.issued, now)}. After 24 hours all pulls stop: check the network.`,
      ),
    })
  const bad =
    standing !== 'good' &&
    notice('bad', {
      title:
        standing === null
          ? t('本单位不在信任目录中', 'We are not in the directory')
          : t(
              `本单位的成员资格或证书${STANDING_WORDS[standing].zh}`,
              `Our membership or certificate is ${STANDING_WORDS[standing].en.toLowerCase()}`,
            ),
      body: t(
        '在恢复之前不能发布、申请和调取，别人也不能从本节点调取。请联系共享中心。',
        'Until it is restored nothing can be published, asked for or pulled, from us neither: contact the hub.',
      ),
    })
  return html`${bad}${stale}${away}`
}

function figures(
  visit: NodeVisit,
  { hub, directory, status, certificates }: Status,
  checks: readonly HealthCheck[] | undefined,
): Html {
  const { t, lang, now } = visit
  const days = Math.floor((secondsOf(certificates.until) - now) / DAY_SECONDS)
  const failed = checks?.filter(({ ok }) => !ok) ?? []
  const age = (signed: { readonly issued: string } | null) =>
    signed === null ? t('尚未取得', 'None yet') : showAgo(lang, signed.issued, now)
  return html`<div class="grid small">
      ${stat(hub.streaming ? t('已连接', 'Connected') : t('未连接', 'Away'), t('共享中心', 'Hub'))}
      ${stat(age(directory), t('信任目录更新', 'Directory'))}
      ${stat(age(status), t('状态列表更新', 'Status list'))}
      ${stat(t(`${Math.max(days, 0)} 天`, `${Math.max(days, 0)} days`), html`${t('证书剩余，至 ', 'Certificate, until ')}<span class="nowrap">${showDay(lang, certificates.until)}</span>`)}
      ${stat(checks === undefined ? t('正在检查', 'Checking') : failed.length === 0 ? t('全部正常', 'All well') : t(`${failed.length} 项异常`, `${failed.length} failed`), t('自检', 'Self-check'))}
    </div>
    ${
      failed.length > 0 &&
      notice('warn', {
        title: t('自检发现的问题', 'What the self-check found'),
        body: html`<ul>${failed.map(({ remedy }) => html`<li>${pick(lang, remedy)}</li>`)}</ul>`,
      })
    }`
}

interface Gathered {
  readonly status: Status
  readonly incoming: readonly Request[]
  readonly outgoing: readonly Request[]
  readonly receipts: readonly Receipt[]
  readonly datasets: readonly ListedDataset[]
  /** How many agreements have data to fetch that are not here yet. */
  readonly news: number
  /** How many joint entries wait for our signature. */
  readonly toSign: number
}

async function countNews(visit: NodeVisit, deps: NodePagesDeps, { hub }: Status): Promise<number> {
  const { entries } = deps.using
  const [agreements, pulls] = await Promise.all([
    visit.act<Agreement[]>('agreements'),
    visit.act<ListedPull[]>('pulls', {}),
  ])
  const ours = agreements.filter(({ consumer, state }) => consumer === deps.member && state === 'FINALIZED')
  if (hub.streaming) await entries.refresh(ours.map(({ dataset }) => dataset))
  return ours.filter((one) => isNewToUs(pullableOf(one, pulls, deps))).length
}

/** Each with its number and where it is dealt with; nothing that waits for somebody else. */
function waitingList(
  visit: NodeVisit,
  deps: NodePagesDeps,
  { status, incoming, outgoing, receipts, datasets, news, toSign }: Gathered,
): Html {
  const { t } = visit
  const asked = incoming.filter(
    ({ state, path }) => path === 'conditional' && (state === 'REQUESTED' || state === 'ACCEPTED'),
  ).length
  const offered = outgoing.filter(({ state }) => state === 'OFFERED').length
  const unacknowledged = receipts.filter(({ role, state }) => role === 'owner' && state === 'delivered').length
  const refused = datasets.filter(({ problem }) => problem !== undefined).length
  const drafts = deps.drafts.list().length
  const rows = [
    [asked, '/requests?direction=incoming', t('份数据申请等您答复', 'requests wait for your answer')],
    [offered, '/requests?direction=outgoing', t('份对方提出的条件等您答复', 'offers wait for your answer')],
    [news, '/pulls', t('份数据有新版本或还没取过', 'agreements have data that are not here yet')],
    [
      refused,
      '/datasets',
      t('个数据集被共享中心退回，请修改后重发', 'datasets were refused by the hub: mend and publish again'),
    ],
    [toSign, '/datasets', t('个共有数据集等本单位会签', 'joint datasets wait for your signature')],
    [unacknowledged, '/receipts', t('次调取对方尚未确认收到', 'pulls are not acknowledged by the other side yet')],
    [drafts, '/publish', t('份草稿没有完成', 'drafts are unfinished')],
    [status.alarms, '/health', t('条告警', 'alarms')],
  ] as const
  const waiting = rows.filter(([count]) => count > 0)
  if (waiting.length === 0)
    return emptyState(
      t('没有等您处理的事', 'Nothing waits for you'),
      t('新的申请、对方提出的条件和告警会出现在这里。', 'New requests, offers and alarms appear here.'),
    )
  return html`<ul class="todo">${waiting.map(
    ([count, path, words]) =>
      html`<li>${sectionLink(visit, path, html`<strong>${showNumber(visit.lang, count)}</strong> ${words}`)}</li>`,
  )}</ul>`
}

function dueTable(visit: NodeVisit, datasets: readonly ListedDataset[]): Html {
  const { t, lang, href } = visit
  const due = datasets
    .filter((one) => one.due !== undefined)
    .toSorted((a, b) => String(a.due).localeCompare(String(b.due)))
  if (due.length === 0) return null
  return section(
    t('下一期何时该发布', 'When the next period is due'),
    table({
      caption: t('下一期何时该发布', 'When the next period is due'),
      stacked: true,
      rows: due.slice(0, LATEST),
      columns: [
        {
          head: t('数据集', 'Dataset'),
          kind: 'row',
          cell: ({ dataset, title }) => html`<a href=${href(datasetPath(dataset))}>${pick(lang, title)}</a>`,
        },
        { head: t('已发布到', 'Published up to'), cell: ({ period }) => period?.to },
        { head: t('下一期', 'Next'), cell: (one) => dueBadge(visit, one) },
        { head: t('状态', 'State'), cell: (one) => stateBadge(visit, one) },
      ],
    }),
  )
}

function receiptTable(
  visit: NodeVisit,
  deps: NodePagesDeps,
  receipts: readonly Receipt[],
  role: Receipt['role'],
): Html {
  const { t, lang } = visit
  const latest = receipts
    .filter((one) => one.role === role)
    .slice(-LATEST)
    .toReversed()
  const other = (one: Receipt) => deps.nameOf(role === 'owner' ? one.consumer : one.owner)
  return table({
    caption: role === 'owner' ? t('最近被调取', 'Lately pulled from here') : t('最近取得', 'Lately received'),
    rows: latest,
    empty: emptyState(
      role === 'owner' ? t('还没有人调取过', 'Nobody has pulled yet') : t('还没有取得过数据', 'Nothing received yet'),
    ),
    columns: [
      {
        head: t('数据集', 'Dataset'),
        kind: 'row',
        cell: (one) =>
          html`${deps.titleOf(lang, one.dataset)} <small>${t(`第 ${one.version} 版`, `v${one.version}`)}</small><br /><small class="quiet-text">${other(one)}${t('，', ', ')}<span class="nowrap">${showTime(lang, one.opened)}</span></small>`,
      },
      { head: t('大小', 'Size'), kind: 'number', cell: ({ bytes }) => showBytes(lang, bytes) },
      { head: t('结果', 'Outcome'), cell: (one) => receiptBadge(visit, one) },
    ],
  })
}
