import { Refusal } from '#schemas/refusal.ts'
import type { RefusalCode } from '#schemas/refusals.ts'
import { hiddenField, textField } from '#web/components/fields.ts'
import { table } from '#web/components/table.ts'
import { badge, emptyState, linkButton, more, notice, section, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Page, Redirect } from '#web/pages/page.ts'
import { showBytes, showEnd, showNumber, showTime } from '#web/pages/show.ts'
import { sayRemedy } from '#web/texts/page-refusals.ts'
import type { ListedPull } from '../actions/list-pulls.ts'
import type { PullResult } from '../actions/pull-dataset.ts'
import { providerBadge } from './dataset-words.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'
import { type Pullable, pullableOf } from './pullable.ts'

/** An agreement of ours as `agreements` lists it. */
interface ListedAgreement {
  readonly id: string
  readonly request: string
  readonly dataset: string
  readonly consumer: string
  readonly owner: string
  readonly state: string
  readonly until: string
  readonly pulls: number | null
}

/** The newest so many; older ones are among the receipts. */
const SHOWN = 300

/** What may be pulled, and what was: each with the button that goes on with it. */
export function pullsPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/pulls', { roles: 'any' }, async (visit) => {
    await deps.using.entries.learn()
    return listPage(visit, deps)
  })
  pages.post('/pulls', { roles: 'any' }, (visit, fields) => {
    const version = fields.number('version')
    return beginPull(visit, deps, fields.get('agreement'), version)
  })
}

/** Pulls as the command does, in a job; joins a pull under way and goes on with one that was cut. */
export function beginPull(
  visit: NodeVisit,
  deps: NodePagesDeps,
  agreement: string,
  version: number | undefined,
): Redirect {
  const { t, lang, href } = visit
  const story = deps.using.stories().find((one) => one.agreement === agreement)
  const title = story === undefined ? '' : deps.titleOf(lang, story.dataset)
  return visit.begin(
    'pull',
    { agreement, ...(version !== undefined && { version }) },
    {
      title: t(`调取“${title}”`, `Pulling “${title}”`),
      back: href('/pulls'),
      done: ({ pull }: PullResult) => href(`/pulls/${pull}`),
    },
  )
}

async function listPage(visit: NodeVisit, deps: NodePagesDeps): Promise<Page> {
  const { t, href, query } = visit
  const chosen = query.get('agreement')
  const [agreements, pulls] = await Promise.all([
    visit.act<ListedAgreement[]>('agreements'),
    visit.act<ListedPull[]>('pulls', chosen === null ? { limit: SHOWN } : { agreement: chosen, limit: SHOWN }),
  ])
  const running = agreements
    .filter(({ consumer, state }) => consumer === deps.member && (state === 'FINALIZED' || state === 'SUSPENDED'))
    .filter(({ id }) => chosen === null || id === chosen)
    .toReversed()
  await deps.using.entries.refresh(running.map(({ dataset }) => dataset))
  return {
    title: t('调取数据', 'Pull data'),
    layout: 'wide',
    beside: chosen !== null && linkButton(href('/pulls'), t('看全部', 'See all')),
    body: html`
      ${section(t('有协议的数据', 'Data under agreements in force'), agreementTable(visit, deps, running, pulls))}
      ${section(t('取过的数据', 'What was pulled'), pullTable(visit, deps, pulls))}`,
  }
}

function agreementTable(
  visit: NodeVisit,
  deps: NodePagesDeps,
  rows: readonly ListedAgreement[],
  pulls: readonly ListedPull[],
): Html {
  const { t, lang, href } = visit
  const standing = (one: ListedAgreement) => pullableOf(one, pulls, deps)
  return table<ListedAgreement>({
    caption: t('有协议的数据', 'Data under agreements in force'),
    stacked: true,
    rows,
    empty: emptyState(
      t('没有可以调取的数据', 'There is nothing to pull'),
      html`<p>${t('申请获准、协议生效后，数据会出现在这里。', 'Data appear here once a request is granted.')}</p>
      <p>${linkButton(href('/find'), t('查找数据', 'Find data'), 'primary')}</p>`,
    ),
    columns: [
      {
        head: t('数据集', 'Dataset'),
        kind: 'row',
        cell: ({ dataset }) =>
          html`<a href=${href(`/find/${dataset}`)}>${deps.titleOf(lang, dataset)}</a><br /><small class="quiet-text">${deps.nameOf(dataset.slice(0, 18))}</small>`,
      },
      {
        head: t('协议', 'Agreement'),
        cell: (one) => {
          const { left } = standing(one)
          return html`<a href=${href(`/requests/${one.request}`)}>${t(`至 ${showEnd(lang, one.until)}`, `until ${showEnd(lang, one.until)}`)}</a>${one.pulls !== null && left !== null && html`<br /><small class="quiet-text">${t(`共 ${showNumber(lang, one.pulls)} 次，还剩 ${showNumber(lang, left)} 次`, `${showNumber(lang, left)} of ${showNumber(lang, one.pulls)} pulls left`)}</small>`}`
        },
      },
      {
        head: t('版本', 'Version'),
        cell: (one) => {
          const { newest, here } = standing(one)
          return html`${newest === undefined ? '—' : t(`最新第 ${newest} 版`, `newest: ${newest}`)}<br /><small class="quiet-text">${here === 0 ? t('还没取过', 'none pulled yet') : t(`已取第 ${here} 版`, `pulled: ${here}`)}</small>`
        },
      },
      {
        head: t('调取', 'Pull'),
        cell: (one) => pullCell(visit, one, standing(one), pulls),
      },
    ],
  })
}

function pullCell(
  visit: NodeVisit,
  { id, dataset, state }: ListedAgreement,
  { newest, here, left, withdrawn, provider }: Pullable,
  pulls: readonly ListedPull[],
): Html {
  const { t, href } = visit
  if (state === 'SUSPENDED') return badge('warn', t('已暂停', 'Suspended'))
  if (withdrawn) return badge('quiet', t('提供方已撤回', 'Withdrawn by its owner'))
  if (provider !== 'good') return providerBadge(visit, provider)
  if (left === 0)
    return html`${badge('quiet', t('次数已用完', 'No pulls left'))} <a href=${href(`/find/${dataset}/apply`)}>${t('再申请', 'Ask again')}</a>`
  const again = newest !== undefined && newest === here
  const came = pulls.find((one) => one.agreement === id && one.version === here && !isUnfinished(one))
  // What is here already is opened from the disk; a pull that would be used up for it is asked for twice.
  if (again && left !== null && came !== undefined)
    return html`${linkButton(href(`/pulls/${came.pull}`), t('打开已取的这一版', 'Open what is here'), 'primary')}
      ${more(
        t('再取一次…', 'Pull again…'),
        html`<p>${t(`第 ${here} 版已在本节点。再取会用掉 1 次，还剩 ${left} 次。`, `Version ${here} is here. Pulling it again uses up one of the ${left} pulls left.`)}</p>
          ${pullForm(visit, id, t('仍要再取一次', 'Pull it all the same'), 'plain')}`,
      )}
      ${more(t('取指定版本…', 'A certain version…'), pullForm(visit, id, t('取这一版', 'Pull it'), 'plain', true))}`
  return html`${pullForm(visit, id, again ? t('再取一次', 'Pull again') : t('取最新一版', 'Pull the newest'), again ? 'plain' : 'primary')}
    ${more(t('取指定版本…', 'A certain version…'), pullForm(visit, id, t('取这一版', 'Pull it'), 'plain', true))}`
}

function pullForm(
  { t, href, formToken }: NodeVisit,
  agreement: string,
  text: string,
  kind: 'primary' | 'plain',
  withVersion = false,
): Html {
  return html`<form method="post" action=${href('/pulls')}>
    ${formToken()}${hiddenField('agreement', agreement)}
    ${withVersion && textField({ name: 'version', id: `f-version-${agreement.slice(0, 12)}`, label: t('版本号', 'Version number'), type: 'number', min: 1, required: true })}
    ${submitButton(text, { kind })}
  </form>`
}

function pullTable(visit: NodeVisit, deps: NodePagesDeps, rows: readonly ListedPull[]): Html {
  const { t, lang, href } = visit
  return table<ListedPull>({
    caption: t('取过的数据', 'What was pulled'),
    stacked: true,
    rows,
    empty: emptyState(
      visit.query.has('agreement')
        ? t('按这份协议还没有取过数据', 'Nothing was pulled under this agreement yet')
        : t('还没有取过数据', 'Nothing was pulled yet'),
    ),
    columns: [
      {
        head: t('数据集', 'Dataset'),
        kind: 'row',
        cell: ({ pull, dataset, version }) =>
          html`<a href=${href(`/pulls/${pull}`)}>${deps.titleOf(lang, dataset)}</a> <small>${t(`第 ${version} 版`, `v${version}`)}</small>`,
      },
      {
        head: t('开始', 'Began'),
        kind: 'small',
        cell: ({ ordered }) => html`<span class="nowrap">${showTime(lang, ordered)}</span>`,
      },
      { head: t('大小', 'Size'), kind: 'number', cell: ({ bytes }) => showBytes(lang, bytes) },
      { head: t('其中新传', 'Transferred'), kind: 'number', cell: ({ fetched }) => showBytes(lang, fetched) },
      {
        head: t('状态', 'State'),
        cell: (one) => html`${pullBadge(visit, one)}${isUnfinished(one) && resumeForm(visit, one)}`,
      },
    ],
  })
}

/** May it be gone on with? */
export function isUnfinished({ stage }: Pick<ListedPull, 'stage'>): boolean {
  return stage === 'running' || stage === 'waiting' || stage === 'confirming'
}

export function pullBadge({ t }: NodeVisit, { stage, problem }: Pick<ListedPull, 'stage' | 'problem'>): Html {
  if (stage === 'done') return badge('good', t('已核验', 'Verified'))
  if (stage === 'running') return badge('info', t('正在调取', 'Being pulled'))
  if (stage === 'confirming')
    return badge('warn', t('数据已到，等对方确认回执', 'Data here, receipt not yet confirmed'))
  if (stage === 'rejected') return badge('bad', t('已放弃', 'Given up'))
  return problem === null ? badge('warn', t('已中断', 'Interrupted')) : badge('bad', t('没有取完', 'Unfinished'))
}

/** The same order again goes on where it stopped. */
export function resumeForm(
  { t, href, formToken }: NodeVisit,
  { agreement, version, stage }: ListedPull,
  kind: 'primary' | 'plain' = 'plain',
): Html {
  const text =
    stage === 'running'
      ? t('看进度', 'See how far')
      : stage === 'waiting'
        ? t('继续', 'Go on')
        : t('现在确认', 'Confirm now')
  return html`<form method="post" action=${href('/pulls')}>
    ${formToken()}${hiddenField('agreement', agreement)}${hiddenField('version', String(version))}
    ${submitButton(text, { kind })}
  </form>`
}

/** Why the last try ended, and what to do. */
export function problemNotice({ lang, t, requestId }: NodeVisit, problem: string | null): Html {
  if (problem === null) return null
  const told = new Refusal(problem as RefusalCode).problem(requestId)
  return notice('warn', {
    title: t(`上次没有取完：${told.title.zh}`, `The last try was not finished: ${told.title.en}`),
    body: sayRemedy(lang, told),
  })
}
