import { Refusal } from '#schemas/refusal.ts'
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
import { attachment } from '#web/pages/attachment.ts'
import { type Html, html } from '#web/pages/html.ts'
import { type Page, raw } from '#web/pages/page.ts'
import { showBytes, showTime } from '#web/pages/show.ts'
import { nameFormat } from '#web/texts/table-words.ts'
import type { ListedPull } from '../actions/list-pulls.ts'
import type { PullResultView, ResultFile } from '../actions/read-result.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'
import { isUnfinished, problemNotice, pullBadge, resumeForm } from './pulls.ts'

/** One pull: what came, what was verified, and where to go with it. */
export function pullPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/pulls/:id', { roles: 'any' }, (visit) => pullPage(visit, deps))
  pages.get('/pulls/:id/proof', { roles: 'any' }, async (visit) => {
    const { row } = deps.using.result(pullOf(visit))
    const text = await visit.act<string>('pull-proof', { pull: row.pull })
    return raw('application/json', text, attachment(`${row.dataset.slice(19)}-v${row.version}.proof.json`))
  })
  pages.post('/pulls/:id/check', { roles: 'any' }, (visit) => {
    const { t, href } = visit
    const pull = pullOf(visit)
    const back = href(`/pulls/${pull}`)
    return visit.begin(
      'check-result',
      { pull },
      {
        title: t('重新核验', 'Verifying once more'),
        back,
        done: () => `${back}?checked=yes`,
      },
    )
  })
}

/** The pull that the address names. */
export function pullOf({ params }: NodeVisit): string {
  return params['id'] ?? ''
}

/** A pull with its line of the list. PULL_UNKNOWN. */
export async function findPull(
  visit: NodeVisit,
  deps: NodePagesDeps,
): Promise<{ view: PullResultView; line: ListedPull }> {
  const view = deps.using.result(pullOf(visit))
  const [line] = await visit.act<ListedPull[]>('pulls', { pull: view.row.pull })
  if (line === undefined) throw new Refusal('PULL_UNKNOWN', { pull: view.row.pull })
  return { view, line }
}

async function pullPage(visit: NodeVisit, deps: NodePagesDeps): Promise<Page> {
  const { t, lang, href, query } = visit
  const { view, line } = await findPull(visit, deps)
  const title = t(
    `${deps.titleOf(lang, line.dataset)}（第 ${line.version} 版）`,
    `${deps.titleOf(lang, line.dataset)} (version ${line.version})`,
  )
  const story = deps.using.stories().find(({ agreement }) => agreement === line.agreement)
  return {
    title,
    lead: t(`取自${deps.nameOf(line.owner)}`, `From ${deps.nameOf(line.owner)}`),
    layout: 'wide',
    beside: pullBadge(visit, line),
    crumbs: [{ text: t('调取数据', 'Pull data'), href: href('/pulls') }, { text: title }],
    body: html`
      ${query.get('checked') === 'yes' && notice('good', { title: t('重新核验通过：每个文件都与签名清单一致。', 'Verified once more: every file is what the signed manifest says.') })}
      ${line.stage === 'waiting' && problemNotice(visit, line.problem)}
      ${isUnfinished(line) && resumeForm(visit, line, 'primary')}
      <div class="split right">
        <div class="stack">
          ${section(t('文件', 'Files'), fileTable(visit, line, view.files))}
          ${section(t('核验', 'Verification'), html`<div class="stack">${checks(visit, deps, view)}${checkAgain(visit, view)}</div>`)}
        </div>
        <div class="stack">
          ${section(
            t('概况', 'At a glance'),
            facts([
              [t('开始', 'Began'), showTime(lang, line.ordered)],
              [t('大小', 'Size'), showBytes(lang, line.bytes)],
              [t('从提供方传来', 'Transferred'), showBytes(lang, line.fetched)],
              [t('用已有的旧版本', 'Taken from earlier versions'), line.reused > 0 && showBytes(lang, line.reused)],
              [
                t('协议', 'Agreement'),
                story !== undefined &&
                  html`<a href=${href(`/requests/${story.request}`)}>${story.state === 'TERMINATED' ? t('查看（已结束）', 'see it (ended)') : t('查看', 'see it')}</a>`,
              ],
              [t('回执', 'Receipt'), html`<a href=${href(`/receipts/${line.pull}`)}>${t('查看', 'see it')}</a>`],
            ]),
            { card: true },
          )}
          ${section(
            t('证明文件', 'Proof file'),
            html`<p>${t('与原始文件放在同一文件夹，任何人都能离线核验来源和内容。', 'Put beside the original files, it lets anybody verify origin and content offline.')}</p>
            <p>${linkButton(href(`/pulls/${line.pull}/proof`), t('保存证明文件', 'Save the proof file'))}</p>`,
            { card: true },
          )}
          ${more(
            t('编号', 'Ids'),
            facts([
              [t('调取', 'Pull'), code(line.pull)],
              [t('清单', 'Manifest'), code(line.manifest)],
            ]),
          )}
        </div>
      </div>`,
  }
}

function fileTable({ t, lang, href }: NodeVisit, { pull }: ListedPull, files: readonly ResultFile[]): Html {
  return table<ResultFile>({
    caption: t('文件', 'Files'),
    stacked: true,
    rows: files,
    empty: emptyState(t('没有文件', 'No files')),
    columns: [
      { head: t('文件名', 'Name'), kind: 'row', cell: ({ path }) => path },
      { head: t('格式', 'Format'), cell: ({ mediaType }) => nameFormat(lang, mediaType) },
      { head: t('大小', 'Size'), kind: 'number', cell: ({ bytes }) => showBytes(lang, bytes) },
      {
        head: t('打开', 'Open'),
        cell: ({ n, at }) =>
          at === undefined
            ? badge('quiet', t('还没有取到', 'Not here yet'))
            : html`<div class="cluster">
                ${linkButton(href(`/pulls/${pull}/files/${n}`), t('打开', 'Open'), 'primary')}
                ${linkButton(href(`/pulls/${pull}/files/${n}/save?as=original`), t('保存原件', 'Save the original'))}
              </div>`,
      },
    ],
  })
}

/** What was verified, step by step; a step that has not come yet says so. */
function checks(visit: NodeVisit, deps: NodePagesDeps, { row, signed, files }: PullResultView): Html {
  const { t, lang } = visit
  const owner = deps.nameOf(row.owner)
  const here = files.filter(({ at }) => at !== undefined).length
  const steps: readonly (readonly [boolean, string])[] = [
    [
      true,
      t(
        `清单由${owner}于 ${showTime(lang, signed)} 签名，签名有效`,
        `The manifest was signed by ${owner} at ${showTime(lang, signed)}, and the signature holds`,
      ),
    ],
    [
      true,
      t(
        '签名证书在信任目录中，属于协议约定的提供方',
        'The signing certificate is in the directory and belongs to the owner under the agreement',
      ),
    ],
    [
      here === files.length,
      t(
        `${here} / ${files.length} 个文件逐块核对哈希，与清单一致`,
        `${here} of ${files.length} files checked chunk by chunk against the manifest`,
      ),
    ],
    [row.delivery !== null, t('收到提供方签名的交付回执', "The owner's signed delivery is here")],
    [row.acknowledgement !== null, t('本节点已签署确认回执', 'This node has signed the acknowledgement')],
    [row.confirmed !== null, t('提供方确认已存回执', 'The owner confirmed that it is stored')],
  ]
  return html`<ul class="checks">${steps.map(
    ([ok, text]) =>
      html`<li class=${ok ? 'good' : ''}><span aria-hidden="true">${ok ? '✓' : '…'}</span><span>${!ok && html`<span class="hidden-text">${t('还没有：', 'Not yet: ')}</span>`}${text}</span></li>`,
  )}</ul>`
}

function checkAgain({ t, href, formToken }: NodeVisit, { row, files }: PullResultView): Html {
  if (files.some(({ at }) => at === undefined)) return null
  return html`<form method="post" action=${href(`/pulls/${row.pull}/check`)}>
    ${formToken()}${submitButton(t('现在重新核验磁盘上的文件', 'Verify the files on the disk once more'), { kind: 'plain' })}
  </form>`
}
