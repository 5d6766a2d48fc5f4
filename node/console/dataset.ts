import type { Problem } from '#schemas/refusal.ts'
import { Refusal } from '#schemas/refusal.ts'
import { datasetFacts, fieldTable, rightsInWords } from '#web/components/dataset-view.ts'
import { timeline } from '#web/components/navigation.ts'
import { refusalBox } from '#web/components/refusal-box.ts'
import { table } from '#web/components/table.ts'
import { badge, code, emptyState, linkButton, more, notice, section, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { type Page, redirect } from '#web/pages/page.ts'
import { showBytes, showNumber, showTime } from '#web/pages/show.ts'
import {
  type DescribedDataset,
  type DescribedVersion,
  describeDataset,
  type Statement,
} from '../actions/describe-dataset.ts'
import type { ListedDataset } from '../actions/list-datasets.ts'
import { caseBadge } from './case-words.ts'
import { datasetPath, dueBadge, stateBadge } from './dataset-words.ts'
import type { Asked } from './datasets.ts'
import { sectionLink } from './nav.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'
import { stepPath } from './publish-steps.ts'

/** One dataset of ours: how it stands, its versions, who asked, revising and withdrawing. */
export function datasetPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/datasets/:slug', { roles: 'any' }, (visit) => datasetPage(visit, deps))
  pages.post('/datasets/:slug/revise', { roles: 'any' }, async (visit) => {
    const dataset = datasetOf(visit, deps)
    const open = deps.drafts.list().find((draft) => draft.dataset === dataset)
    const draft = open ?? deps.drafting.begin(visit.visitor.name, dataset)
    if (open !== undefined)
      visit.flash(
        'info',
        visit.t('这个数据集已有一份没完成的草稿，接着改即可。', 'There is an unfinished draft of it: go on with that.'),
      )
    return redirect(visit.href(stepPath(draft, 'files')))
  })
}

function datasetOf(visit: NodeVisit, { member }: NodePagesDeps): string {
  return `${member}/${visit.params['slug'] ?? ''}`
}

async function find(
  visit: NodeVisit,
  deps: NodePagesDeps,
): Promise<{ listed: ListedDataset; described: DescribedDataset }> {
  const dataset = datasetOf(visit, deps)
  const listed = ((await visit.act('datasets')) as ListedDataset[]).find((one) => one.dataset === dataset)
  if (listed === undefined) throw new Refusal('NOT_FOUND', { dataset })
  return { listed, described: describeDataset(deps.datasets, dataset) }
}

async function datasetPage(visit: NodeVisit, deps: NodePagesDeps): Promise<Page> {
  const { t, lang, href } = visit
  const { listed, described } = await find(visit, deps)
  const asked = ((await visit.act('requests', { incoming: true })) as Asked[]).filter(
    ({ dataset }) => dataset === listed.dataset,
  )
  const { entry, versions, statements } = described
  const portal = deps.portal()
  return {
    title: pick(lang, listed.title),
    layout: 'wide',
    crumbs: [{ text: t('我的数据集', 'My datasets'), href: href('/datasets') }, { text: pick(lang, listed.title) }],
    beside: stateBadge(visit, listed),
    body: html`
      ${listed.problem !== undefined && html`${refusalBox(lang, listed.problem as Problem)}<p>${t('改好后再发布一次即可；之前发布的版本不受影响。', 'Mend it and publish again; what was published before still stands.')}</p>`}
      ${justPublished(visit, listed, portal)}
      ${actions(visit, listed, visit.query.get('published') === 'published' ? undefined : portal)}
      ${listed.due !== undefined && html`<p>${t('下一期：', 'Next period: ')}${dueBadge(visit, listed)}</p>`}
      ${section(t('版本', 'Versions'), versionTable(visit, versions))}
      ${section(t('谁申请过', 'Who asked'), askerTable(visit, deps, asked, listed.state === 'withdrawn'))}
      ${section(t('怎样共享', 'How it is shared'), rightsInWords(lang, entry))}
      ${more(
        t('目录信息', 'Catalogue entry'),
        datasetFacts(lang, entry, {
          provider: deps.nameOf(entry.member),
          owners: entry.owners.map(deps.nameOf).join(t('、', ', ')),
          related: relationLinks(visit, deps, entry.meta.relations),
        }),
      )}
      ${more(t('信息项', 'Fields'), fieldTable(lang, entry.fields ?? []))}
      ${section(t('经过', 'What was said of it'), history(visit, statements))}
      <p class="small quiet-text">${t('编号', 'Id')} ${code(listed.dataset)}</p>`,
  }
}

/** What came of publishing, where the person comes from the last step of it. */
function justPublished(
  { t, href, query }: NodeVisit,
  { dataset, version }: ListedDataset,
  portal: string | undefined,
): Html {
  const came = query.get('published')
  if (came === null) return null
  if (came === 'unchanged')
    return notice('info', {
      title: t('没有变化', 'Nothing has changed'),
      body: t(
        '文件和目录信息都与已发布的相同，所以没有新版本。',
        'Files and description are what is published already, so there is no new version.',
      ),
    })
  if (came === 'queued')
    return notice('warn', {
      title: t(`第 ${version} 版已签名，等待送达共享中心`, `Version ${version} is signed and on its way to the hub`),
      body: t(
        '共享中心暂时连不上；恢复后会自动送出，不用再做什么。',
        'The hub cannot be reached just now; it is sent by itself later.',
      ),
    })
  if (came === 'waiting')
    return notice('info', {
      title: t(
        `第 ${version} 版已签名，等待其他所有者会签`,
        `Version ${version} is signed and waits for the other owners`,
      ),
    })
  return notice('good', {
    title: t(`第 ${version} 版已发布`, `Version ${version} is published`),
    body: t(
      '公众几秒后就能在门户上看到；数据留在本节点，只交给有权的单位。',
      'The public sees it on the portal within seconds; the data stay on this node.',
    ),
    actions:
      portal !== undefined &&
      linkButton(`${portal}${href(`/datasets/${dataset}`)}`, t('在门户上查看', 'See it on the portal')),
  })
}

function actions(
  { t, href, formToken }: NodeVisit,
  { dataset, state }: ListedDataset,
  portal: string | undefined,
): Html {
  const path = datasetPath(dataset)
  return html`<div class="cluster">
    <form method="post" action=${href(`${path}/revise`)}>${formToken()}${submitButton(t('发布新版本', 'Publish a new version'))}</form>
    ${state === 'published' && portal !== undefined && linkButton(`${portal}${href(`/datasets/${dataset}`)}`, t('在门户上查看', 'See it on the portal'))}
    ${state !== 'withdrawn' && linkButton(href(`${path}/withdraw`), t('撤回…', 'Withdraw…'), 'quiet')}
  </div>`
}

function versionTable({ t, lang }: NodeVisit, versions: readonly DescribedVersion[]): Html {
  return table<DescribedVersion>({
    caption: t('版本', 'Versions'),
    stacked: true,
    rows: versions,
    columns: [
      { head: t('版本', 'Version'), kind: 'row', cell: ({ version }) => t(`第 ${version} 版`, `Version ${version}`) },
      { head: t('签名时间', 'Signed'), cell: ({ iat }) => showTime(lang, iat) },
      { head: t('行数', 'Rows'), kind: 'number', cell: ({ rows }) => (rows === null ? '—' : showNumber(lang, rows)) },
      { head: t('大小', 'Size'), kind: 'number', cell: ({ bytes }) => showBytes(lang, bytes) },
      {
        head: t('文件和变化', 'Files and changes'),
        cell: ({ files, removed }) => html`<ul class="bare-list">
          ${files.map(({ path, change }) => html`<li>${path} ${changeBadge(t, change)}</li>`)}
          ${removed.map((path) => html`<li><del>${path}</del> ${badge('quiet', t('已去掉', 'left out'))}</li>`)}
        </ul>`,
      },
    ],
  })
}

function changeBadge(t: NodeVisit['t'], change: DescribedVersion['files'][number]['change']): Html {
  return change === 'new'
    ? badge('info', t('新增', 'new'))
    : change === 'changed'
      ? badge('warn', t('内容有变', 'changed'))
      : badge('quiet', t('未变', 'unchanged'))
}

/** An agreement on a withdrawn dataset stands, and gives nothing any more. */
function askerTable(visit: NodeVisit, deps: NodePagesDeps, asked: readonly Asked[], withdrawn: boolean): Html {
  const { t } = visit
  return table<Asked>({
    caption: t('谁申请过', 'Who asked'),
    rows: asked.toReversed(),
    empty: emptyState(t('还没有人申请', 'Nobody has asked yet')),
    columns: [
      {
        head: t('单位', 'Organisation'),
        kind: 'row',
        cell: ({ consumer, request }) => sectionLink(visit, `/requests/${request}`, deps.nameOf(consumer)),
      },
      { head: t('用途', 'Purpose'), cell: ({ purpose }) => purpose },
      {
        head: t('状态', 'State'),
        cell: (one) =>
          withdrawn && one.state === 'FINALIZED'
            ? badge('quiet', t('数据集已撤回', 'Dataset withdrawn'))
            : caseBadge(visit, one),
      },
    ],
  })
}

function relationLinks(
  visit: NodeVisit,
  deps: NodePagesDeps,
  relations: DescribedDataset['entry']['meta']['relations'],
): Html {
  const all = Object.values(relations ?? {}).flat()
  if (all.length === 0) return undefined
  return html`<ul class="bare-list">${all.map((dataset) =>
    dataset.startsWith(`${deps.member}/`)
      ? html`<li><a href=${visit.href(datasetPath(dataset))}>${deps.titleOf(visit.lang, dataset)}</a></li>`
      : html`<li>${deps.titleOf(visit.lang, dataset)} <small class="quiet-text">${deps.nameOf(dataset.slice(0, 18))}</small></li>`,
  )}</ul>`
}

function history({ t, lang }: NodeVisit, statements: readonly Statement[]): Html {
  return timeline(
    t('经过', 'What was said of it'),
    statements.toReversed().map(({ iat, kind, state, version, newTerms, reason }) => ({
      when: showTime(lang, iat),
      what:
        kind === 'tombstone'
          ? t('撤回', 'Withdrawn')
          : state === 'refused'
            ? t(`第 ${version} 版被共享中心退回`, `Version ${version} refused by the hub`)
            : t(`发布第 ${version} 版的目录信息`, `Entry of version ${version}`),
      tone: state === 'refused' ? ('bad' as const) : kind === 'tombstone' ? ('warn' as const) : ('good' as const),
      ...(reason !== undefined
        ? { note: reason }
        : newTerms
          ? {
              note: t(
                '共享条件有变：已有的无条件协议须按新条件重新申请。',
                'The terms changed: unconditional agreements have to be asked for anew.',
              ),
            }
          : {}),
    })),
  )
}
