import { tabs } from '#web/components/navigation.ts'
import { table } from '#web/components/table.ts'
import { badge, emptyState, linkButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Page } from '#web/pages/page.ts'
import { showEnd } from '#web/pages/show.ts'
import type { ShownCase } from '../actions/show-case.ts'
import type { Story } from '../store/stories.ts'
import { caseBadge, nextStep } from './case-words.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'

type Direction = 'incoming' | 'outgoing'

type Stage = (typeof STAGES)[number]

const STAGES = ['open', 'running', 'ended'] as const
const SHOWN = 50
/** So many are seen at once without choosing among them. */
const FEW = 10

/** Requests and agreements of both directions: what waits for us first, then the newest. */
export function requestsPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/requests', { roles: 'any' }, async (visit) => {
    const { entries, stories } = deps.using
    await entries.learn()
    const open = stories().filter(({ consumer, state }) => consumer === deps.member && state !== 'TERMINATED')
    await entries.refresh(open.map(({ dataset }) => dataset))
    return listPage(visit, deps)
  })
}

function listPage(visit: NodeVisit, deps: NodePagesDeps): Page {
  const { t, href, query } = visit
  const { member, using } = deps
  const all = using.stories().toReversed()
  const sides = {
    incoming: all.filter(({ consumer }) => consumer !== member),
    outgoing: all.filter(({ consumer }) => consumer === member),
  }
  const asked = query.get('direction')
  const direction: Direction =
    asked === 'incoming' || asked === 'outgoing' ? asked : sides.incoming.length > 0 ? 'incoming' : 'outgoing'
  const stage = STAGES.find((one) => one === query.get('stage'))
  const ours = using.ours()
  const isOurs = ({ request }: Story) => ours.has(request)
  const chosen = sides[direction].filter((story) => stage === undefined || stageOf(story) === stage)
  const sorted = [...chosen.filter(isOurs), ...chosen.filter((story) => !isOurs(story))]
  const from = Math.max(0, Number.parseInt(query.get('from') ?? '0', 10) || 0)
  const rows = sorted.slice(from, from + SHOWN).map(({ request }) => using.showCase(request))
  const path = (one: Direction, of: Stage | undefined = undefined, start = 0) => {
    const search = new URLSearchParams({ direction: one, ...(of !== undefined && { stage: of }) })
    if (start > 0) search.set('from', String(start))
    return href(`/requests?${search}`)
  }
  const next = from + SHOWN < sorted.length ? path(direction, stage, from + SHOWN) : undefined
  return {
    title: t('申请与协议', 'Requests and agreements'),
    layout: 'wide',
    beside: linkButton(href('/find'), t('查找并申请数据', 'Find and ask for data'), 'primary'),
    body: html`
      ${tabs(
        t('方向', 'Direction'),
        (['incoming', 'outgoing'] as const).map((one) => ({
          href: path(one),
          text: one === 'incoming' ? t('别人向我申请', 'Made to us') : t('我的申请', 'Made by us'),
          current: one === direction,
          count: sides[one].length,
        })),
      )}
      ${sides[direction].length > FEW && stageLinks(visit, sides[direction], stage, (of) => path(direction, of))}
      ${caseTable(visit, deps, direction, rows)}
      ${
        (from > 0 || next !== undefined) &&
        html`<nav class="pager" aria-label=${t('翻页', 'Pages')}>
        ${from > 0 && linkButton(path(direction, stage, from - SHOWN), t('上一页', 'Previous page'))}
        ${next !== undefined && linkButton(next, t('下一页', 'Next page'))}
      </nav>`
      }`,
  }
}

function stageOf({ state }: Story): Stage {
  if (state === 'FINALIZED' || state === 'SUSPENDED') return 'running'
  return state === 'TERMINATED' ? 'ended' : 'open'
}

function stageLinks(
  { t }: NodeVisit,
  stories: readonly Story[],
  current: Stage | undefined,
  path: (stage?: Stage) => string,
): Html {
  const names: Record<Stage, string> = {
    open: t('办理中', 'Under way'),
    running: t('已生效', 'In force'),
    ended: t('已结束', 'Ended'),
  }
  return tabs(t('按进度', 'By stage'), [
    { href: path(), text: t('全部', 'All'), current: current === undefined },
    ...STAGES.map((one) => ({
      href: path(one),
      text: names[one],
      current: one === current,
      count: stories.filter((story) => stageOf(story) === one).length,
    })),
  ])
}

function caseTable(visit: NodeVisit, deps: NodePagesDeps, direction: Direction, rows: readonly ShownCase[]): Html {
  const { t, lang, href } = visit
  const incoming = direction === 'incoming'
  const ours = deps.using.ours()
  const isOurs = ({ request }: ShownCase) => ours.has(request)
  const isWithdrawn = ({ dataset, state }: ShownCase) =>
    state !== 'TERMINATED' && deps.using.entries.isWithdrawn(dataset)
  return table<ShownCase>({
    caption: incoming ? t('别人向我申请', 'Made to us') : t('我的申请', 'Made by us'),
    stacked: true,
    rows,
    empty: incoming
      ? emptyState(
          t('还没有单位申请本单位的数据', 'Nobody has asked for our data yet'),
          t('有人申请时会出现在这里，并计入左侧的数字。', 'Requests appear here and are counted in the navigation.'),
        )
      : emptyState(
          t('还没有申请过数据', 'Nothing has been asked for yet'),
          html`<p>${t('先在目录里找到需要的数据，再提出申请。', 'Find the data in the catalogue, then ask for them.')}</p>
          <p>${linkButton(href('/find'), t('查找数据', 'Find data'), 'primary')}</p>`,
        ),
    columns: [
      {
        head: t('数据集', 'Dataset'),
        kind: 'row',
        cell: ({ request, dataset }) =>
          html`<a href=${href(`/requests/${request}`)}>${deps.titleOf(lang, dataset)}</a>`,
      },
      {
        head: incoming ? t('申请方', 'Applicant') : t('提供方', 'Owner'),
        cell: ({ consumer, owners }) =>
          incoming ? deps.nameOf(consumer) : owners.map(deps.nameOf).join(t('、', ', ')),
      },
      { head: t('用途', 'Purpose'), cell: ({ terms }) => html`<span class="two-lines">${terms.purpose}</span>` },
      {
        head: t('期限', 'Until'),
        cell: ({ terms }) => html`<span class="nowrap">${showEnd(lang, terms.until)}</span>`,
      },
      {
        head: t('状态', 'State'),
        cell: (one) => html`${isOurs(one) ? badge('warn', t('等您答复', 'Your turn')) : caseBadge(visit, one)}
          ${isWithdrawn(one) && html` ${badge('quiet', t('数据集已撤回', 'Dataset withdrawn'))}`}
          ${!isOurs(one) && html`<br /><small class="quiet-text">${nextStep(visit, one, deps.member)}</small>`}`,
      },
    ],
  })
}
