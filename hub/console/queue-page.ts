import type { Text } from '#schemas/refusals/entry.ts'
import { table } from '#web/components/table.ts'
import { badge, emptyState, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showAgo, showDay, showTime } from '#web/pages/show.ts'
import type { Renewal } from '../actions/show-renewals.ts'
import type { QueueItem } from '../deps.ts'
import { nameRoles } from '../role-words.ts'
import type { OperatorGroup, OperatorVisit } from './operator-pages.ts'

interface Alarm {
  readonly id: string
  readonly kind: string
  readonly since: string
  readonly summary: Text
}

/** 待办: everything that waits for somebody, what this person may decide first. */
export const queuePages: OperatorGroup = (site) => {
  site.get('/', { roles: 'any' }, async (visit) => {
    const { t, lang, visitor, now } = visit
    const [queue, alarms, renewals] = (await Promise.all([
      visit.act('queue'),
      visit.act('alarms'),
      visit.act('renewals'),
    ])) as [QueueItem[], Alarm[], Renewal[]]
    const own = queue.filter(({ role }) => visitor.roles.includes(role))
    const others = queue.filter(({ role }) => !visitor.roles.includes(role))
    return {
      title: t('待办', 'Queue'),
      lead: t(
        `${own.length} 件等您办理${others.length > 0 ? `，${others.length} 件等其他人办理` : ''}`,
        `${own.length} for you${others.length > 0 ? `, ${others.length} for others` : ''}`,
      ),
      body: html`
        ${section(t('等您办理', 'For you'), cases(visit, own, true))}
        ${others.length > 0 && section(t('等其他人办理', 'For others'), cases(visit, others, false))}
        ${section(t('证书到期', 'Renewals'), renewalTable(visit, renewals))}
        ${
          alarms.length > 0 &&
          section(
            t('告警', 'Alarms'),
            table({
              caption: t('告警', 'Alarms'),
              stacked: true,
              rows: alarms,
              columns: [
                { head: t('告警', 'Alarm'), kind: 'row', cell: ({ summary }) => pick(lang, summary) },
                { head: t('开始', 'Since'), cell: ({ since }) => showAgo(lang, since, now) },
              ],
            }),
          )
        }
      `,
    }
  })
}

function cases(visit: OperatorVisit, items: readonly QueueItem[], own: boolean): Html {
  const { t, lang, href, now } = visit
  return table({
    caption: own ? t('等您办理', 'For you') : t('等其他人办理', 'For others'),
    stacked: true,
    rows: items,
    empty: emptyState(
      t('没有待办', 'Nothing waits'),
      t(
        '新成员接入、协议签好以后，会出现在这里。',
        'New members and agreements that both sides have signed appear here.',
      ),
    ),
    columns: [
      {
        head: t('事项', 'Case'),
        kind: 'row',
        cell: ({ id, kind, summary }) =>
          html`<a href=${href(kind === 'admission' ? `/admissions/${id}` : `/agreements/${id}`)}>${withoutHash(pick(lang, summary))}</a>`,
      },
      {
        head: t('种类', 'Kind'),
        cell: ({ kind }) =>
          kind === 'admission' ? badge('info', t('接入', 'Admission')) : badge('warn', t('审批', 'Approval')),
      },
      { head: t('办理人', 'Who decides'), cell: ({ role }) => nameRoles(lang, [role]) },
      {
        head: t('已等待', 'Waits since'),
        cell: ({ since }) =>
          html`<time datetime=${since} title=${showTime(lang, since)}>${showAgo(lang, since, now)}</time>`,
      },
    ],
  })
}

/** A fingerprint is compared on the case's own page; in a list it only hides the name. */
function withoutHash(summary: string): string {
  return summary.replace(/[；;,，][^；;]*[0-9a-f]{64}\s*$/, '')
}

function renewalTable(visit: OperatorVisit, renewals: readonly Renewal[]): Html {
  const { t, lang, href, now } = visit
  const paths = {
    member: (subject: string) => `/members/${subject}`,
    operator: () => '/operators',
    root: () => '/trust',
  }
  const notes = {
    member: t('节点没有按时自动换证，请联系该成员', 'Its node has not renewed by itself; contact the member'),
    operator: t('请重新签发管理员证书', 'Issue a new certificate'),
    root: t('新信任根等待离线密钥签名', 'A new root waits for the offline key'),
  }
  return table({
    caption: t('证书到期', 'Renewals'),
    stacked: true,
    rows: renewals,
    empty: html`<p class="quiet-text">${t('没有即将到期而未更换的证书。', 'No certificate is about to end without its renewal.')}</p>`,
    columns: [
      {
        head: t('对象', 'Whose'),
        kind: 'row',
        cell: ({ kind, subject, name }) => html`<a href=${href(paths[kind](subject))}>${name}</a>`,
      },
      { head: t('说明', 'What'), cell: ({ kind }) => notes[kind] },
      {
        head: t('到期', 'Ends'),
        cell: ({ until }) =>
          until === null ? '' : `${showDay(lang, until)}${t('，', ', ')}${showAgo(lang, until, now)}`,
      },
      { head: t('办理人', 'Who'), cell: ({ role }) => nameRoles(lang, [role]) },
    ],
  })
}
