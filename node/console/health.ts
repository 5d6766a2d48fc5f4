import type { Text } from '#schemas/refusals/entry.ts'
import { table } from '#web/components/table.ts'
import {
  badge,
  code,
  emptyState,
  facts,
  linkButton,
  more,
  notice,
  section,
  submitButton,
} from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { secondsOf, showAgo, showDay, showTime } from '#web/pages/show.ts'
import type { HealthCheck } from '../actions/check-health.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'

interface Alarm {
  readonly id: string
  readonly kind: string
  readonly since: string
  readonly summary: Text
}

/** What `status` answers, as far as this page looks. */
interface Status {
  readonly endpoint: string | null
  readonly certificates: { readonly until: string; readonly tls: string; readonly signing: string }
  readonly hub: { readonly address: string | null; readonly streaming: boolean; readonly seen: string | null }
  readonly directory: { readonly issued: string; readonly expires: string } | null
  readonly status: { readonly issued: string; readonly expires: string } | null
  readonly outbox: number
}

const DAY_SECONDS = 86_400

const NAMES: Readonly<Record<string, Text>> = {
  hub: { zh: '共享中心', en: 'Hub' },
  clock: { zh: '时钟', en: 'Clock' },
  certificates: { zh: '本单位证书', en: 'Our certificates' },
  'foreign-certificates': { zh: '冒名证书', en: 'Certificates in our name' },
  directory: { zh: '信任目录', en: 'Directory' },
  status: { zh: '状态列表', en: 'Status list' },
  membership: { zh: '成员资格', en: 'Membership' },
  endpoint: { zh: '对外地址', en: 'Our address' },
  disk: { zh: '磁盘', en: 'Disk' },
  permissions: { zh: '文件权限', en: 'Permissions' },
  outbox: { zh: '待发送', en: 'To be sent' },
  alarms: { zh: '告警', en: 'Alarms' },
}

/** The button that mends what a check found, or leads to where it is mended. */
const REMEDIES: Readonly<Record<string, (visit: NodeVisit, deps: NodePagesDeps) => Html>> = {
  hub: syncNow,
  clock: checkAgain,
  certificates: (visit, deps) =>
    deps.standing() === 'revoked'
      ? askHub(visit, deps)
      : actionForm(visit, 'renew', visit.t('现在更新证书', 'Renew now'), 'primary'),
  'foreign-certificates': askHub,
  directory: syncNow,
  status: syncNow,
  membership: askHub,
  endpoint: checkAgain,
  disk: ({ t, href }) => linkButton(href('/publish'), t('清理不要的草稿', 'Delete drafts not needed'), 'primary'),
  permissions: (visit) => actionForm(visit, 'permissions', visit.t('收紧权限', 'Make private'), 'primary'),
  outbox: syncNow,
  alarms: ({ t }) => linkButton('#alarms', t('逐条查看', 'See them'), 'primary'),
}

function syncNow(visit: NodeVisit): Html {
  return actionForm(visit, 'sync', visit.t('现在同步', 'Sync now'), 'primary')
}

function checkAgain(visit: NodeVisit): Html {
  return actionForm(visit, 'doctor', visit.t('改好了，再查一次', 'Mended: check again'), 'primary')
}

/** Only the hub can mend it: how to reach it stands on its portal. */
function askHub(visit: NodeVisit, { portal }: NodePagesDeps): Html {
  const address = portal()
  return address === undefined
    ? syncNow(visit)
    : linkButton(`${address}${visit.href('/about')}`, visit.t('联系共享中心', 'Contact the hub'), 'primary')
}

/** How the node is: the self-check with a button per remedy, alarms, our certificates. */
export function healthPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/health', { roles: 'any' }, (visit) => healthPage(visit, deps))
  for (const [name, zh, en] of [
    ['doctor', '重新自检', 'Checking'],
    ['renew', '更新证书', 'Renewing the certificates'],
    ['sync', '与共享中心同步', 'Syncing with the hub'],
  ] as const)
    pages.post(`/health/${name}`, { roles: 'any' }, (visit) =>
      visit.begin(
        name,
        {},
        { title: visit.t(zh, en), back: visit.href('/health'), done: () => visit.href(`/health?done=${name}`) },
      ),
    )
  pages.post('/health/permissions', { roles: 'any' }, (visit) => {
    deps.closePaths()
    return redirect(visit.href('/health?done=permissions'))
  })
}

async function healthPage(visit: NodeVisit, deps: NodePagesDeps): Promise<Page> {
  const { t, query } = visit
  const done = query.get('done')
  if (done !== null) deps.forgetChecks()
  const [status, alarms, checks] = await Promise.all([
    visit.act<Status>('status'),
    visit.act<Alarm[]>('alarms'),
    deps.checks(() => visit.act<{ checks: HealthCheck[] }>('doctor')),
  ])
  return {
    title: t('运行状况', 'Health'),
    layout: 'wide',
    beside: actionForm(visit, 'doctor', t('重新自检', 'Check again'), 'plain'),
    ...(checks === undefined && { refresh: 3 }),
    body: html`
      ${done === 'renew' && notice('good', { title: t('证书已更新。', 'The certificates are renewed.') })}
      ${done === 'permissions' && notice('good', { title: t('已改为仅本用户可读。', 'They are private now.') })}
      ${done === 'sync' && notice('good', { title: t('已与共享中心同步。', 'Synced with the hub.') })}
      ${section(t('自检', 'Self-check'), checkList(visit, deps, checks))}
      ${section(t('告警', 'Alarms'), alarmTable(visit, alarms), { id: 'alarms' })}
      <div class="split even">
        ${section(t('本单位证书', 'Our certificates'), certificates(visit, status), { card: true })}
        ${section(t('与共享中心的联系', 'The hub'), hubFacts(visit, status), { card: true })}
      </div>
      ${more(t('用命令查看', 'On the command line'), html`<p><code>hanghui node doctor</code>${t('、', ', ')}<code>hanghui node status</code>${t('、', ', ')}<code>hanghui node alarms</code></p>`)}`,
  }
}

function checkList(visit: NodeVisit, deps: NodePagesDeps, checks: readonly HealthCheck[] | undefined): Html {
  const { t, lang } = visit
  if (checks === undefined)
    return emptyState(
      t('正在检查……', 'Checking …'),
      t(
        '共享中心连不上时要等几秒，本页会自动刷新。',
        'With the hub away it takes some seconds; this page reloads by itself.',
      ),
    )
  const inOrder = [...checks.filter(({ ok }) => !ok), ...checks.filter(({ ok }) => ok)]
  return table<HealthCheck>({
    caption: t('自检', 'Self-check'),
    stacked: true,
    rows: inOrder,
    columns: [
      {
        head: t('项目', 'Check'),
        kind: 'row',
        cell: ({ name }) => (NAMES[name] === undefined ? name : pick(lang, NAMES[name])),
      },
      {
        head: t('结果', 'Result'),
        cell: ({ ok }) => (ok ? badge('good', t('正常', 'Well')) : badge('bad', t('异常', 'Failed'))),
      },
      { head: t('说明', 'Details'), cell: ({ remedy }) => pick(lang, remedy) },
      ...(inOrder[0]?.ok === false
        ? [{ head: t('处理', 'Remedy'), cell: ({ name, ok }: HealthCheck) => !ok && REMEDIES[name]?.(visit, deps) }]
        : []),
    ],
  })
}

function actionForm({ href, formToken }: NodeVisit, name: string, text: string, kind: 'primary' | 'plain'): Html {
  return html`<form method="post" action=${href(`/health/${name}`)}>${formToken()}${submitButton(text, { kind })}</form>`
}

function alarmTable({ t, lang, now }: NodeVisit, alarms: readonly Alarm[]): Html {
  return table<Alarm>({
    caption: t('告警', 'Alarms'),
    stacked: true,
    rows: alarms,
    empty: emptyState(
      t('没有告警', 'No alarms'),
      t(
        '节点发现不正常的事时会记在这里，处理好后自动消失。',
        'What this node finds amiss is kept here until it is over.',
      ),
    ),
    columns: [
      { head: t('内容', 'What'), kind: 'row', cell: ({ summary }) => pick(lang, summary) },
      {
        head: t('始于', 'Since'),
        cell: ({ since }) =>
          html`<span class="nowrap">${showTime(lang, since)}</span><br /><small class="quiet-text">${showAgo(lang, since, now)}</small>`,
      },
      { head: t('代码', 'Code'), cell: ({ kind }) => html`<code>${kind}</code>` },
    ],
  })
}

function certificates(visit: NodeVisit, { certificates: { until, tls, signing } }: Status): Html {
  const { t, lang, now, href } = visit
  const days = Math.max(0, Math.floor((secondsOf(until) - now) / DAY_SECONDS))
  return html`
    ${facts([
      [
        t('有效期至', 'Valid until'),
        t(`${showDay(lang, until)}（还有 ${days} 天）`, `${showDay(lang, until)} (${days} days)`),
      ],
      [
        t('自动更新', 'Renewal'),
        t('剩三分之一时自动更新，平时不用管。', 'By itself when a third of the time remains.'),
      ],
    ])}
    <div class="cluster">
      ${actionForm(visit, 'renew', t('现在更新', 'Renew now'), 'plain')}
      ${linkButton(href('/staff'), t('工作人员证书', 'Certificates of staff'))}
    </div>
    ${more(
      t('指纹', 'Fingerprints'),
      facts([
        [t('签名证书', 'Signing'), code(signing)],
        [t('连接证书', 'Connections'), code(tls)],
      ]),
    )}`
}

function hubFacts(visit: NodeVisit, { hub, directory, status, outbox, endpoint }: Status): Html {
  const { t, lang, now } = visit
  const age = (signed: { readonly issued: string; readonly expires: string } | null) =>
    signed === null
      ? t('还没有取得', 'none yet')
      : t(
          `${showAgo(lang, signed.issued, now)}更新，可用到 ${showTime(lang, signed.expires)}`,
          `${showAgo(lang, signed.issued, now)}, usable until ${showTime(lang, signed.expires)}`,
        )
  return html`
    ${facts([
      [
        t('连接', 'Connection'),
        hub.streaming
          ? t('已连接', 'connected')
          : hub.seen === null
            ? t('从未连上', 'never')
            : t(`中断，最近一次在${showAgo(lang, hub.seen, now)}`, `away, last seen ${showAgo(lang, hub.seen, now)}`),
      ],
      [t('信任目录', 'Directory'), age(directory)],
      [t('状态列表', 'Status list'), age(status)],
      [t('待发送的文件', 'Documents to be sent'), String(outbox)],
      [t('共享中心地址', 'Address of the hub'), hub.address],
      [
        t('本节点对外地址', 'Our own address'),
        endpoint ?? t('未设，不对外提供数据', 'none: nothing is served to others'),
      ],
    ])}
    ${actionForm(visit, 'sync', t('现在同步', 'Sync now'), 'plain')}`
}
