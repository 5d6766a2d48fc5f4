import { isRefusal } from '#schemas/refusal.ts'
import { tabs } from '#web/components/navigation.ts'
import { refusalBox } from '#web/components/refusal-box.ts'
import { emptyState, linkButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Page } from '#web/pages/page.ts'
import { fileOf, type PullResultView, type ResultFile } from '../actions/read-result.ts'
import { readRows } from '../tables/read-rows.ts'
import type { RowPage } from '../tables/take-rows.ts'
import { type Look, lookOf, ROWS } from './look-at-file.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'
import { findPull } from './pull.ts'
import { resultChart } from './result-chart.ts'
import { resultTable } from './result-table.ts'

/** A received file opened: as a table, a thousand rows at a time, or drawn. */
export function openResultPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/pulls/:id/files/:n', { roles: 'any' }, (visit) => filePage(visit, deps))
}

async function filePage(visit: NodeVisit, deps: NodePagesDeps): Promise<Page> {
  const { t, lang, href } = visit
  const { view, line } = await findPull(visit, deps)
  const file = fileOf(view, Number(visit.params['n']))
  const look = lookOf(visit)
  const title = t(
    `${deps.titleOf(lang, line.dataset)}（第 ${line.version} 版）`,
    `${deps.titleOf(lang, line.dataset)} (version ${line.version})`,
  )
  return {
    title: file.path,
    lead: title,
    layout: 'wide',
    crumbs: [
      { text: t('调取数据', 'Pull data'), href: href('/pulls') },
      { text: title, href: href(`/pulls/${line.pull}`) },
      { text: file.path },
    ],
    body: html`${await content(visit, view, file, look)}`,
  }
}

async function content(
  visit: NodeVisit,
  view: PullResultView,
  file: ResultFile & { at: string },
  look: Look,
): Promise<Html> {
  const { t, lang } = visit
  try {
    const reading = look.sheet === undefined ? {} : { sheet: look.sheet }
    const page = await readRows(
      { path: file.at, name: file.path, reading },
      { from: look.from, count: ROWS, signal: visit.signal },
    )
    if (page.kind === 'opaque') return html`${saving(visit, view, file, false)}${noTable(visit)}`
    return html`
      ${saving(visit, view, file, true, look.sheet)}
      ${sheets(visit, page, look)}
      ${tabs(t('怎样看', 'View'), [
        { href: look.address({ view: undefined }), text: t('表格', 'Table'), current: !look.chart },
        { href: look.address({ view: 'chart' }), text: t('图', 'Chart'), current: look.chart },
      ])}
      ${look.chart ? await resultChart(visit, view.fields, page) : resultTable(visit, view.fields, page, look)}`
  } catch (error) {
    if (!isRefusal(error)) throw error
    return html`${saving(visit, view, file, false)}${refusalBox(lang, error.problem(visit.requestId))}
      <p>${t('文件本身已核验无误，可以保存原件后用其他软件打开。', 'The file itself is verified: save the original and open it with another program.')}</p>`
  }
}

function saving(
  { t, href }: NodeVisit,
  { row }: PullResultView,
  { n }: ResultFile,
  asTable: boolean,
  sheet?: string,
): Html {
  const path = (as: string) =>
    href(
      `/pulls/${row.pull}/files/${n}/save?as=${as}${sheet === undefined ? '' : `&sheet=${encodeURIComponent(sheet)}`}`,
    )
  return html`<div class="cluster no-print">
    ${linkButton(path('original'), t('保存原件', 'Save the original'))}
    ${asTable && html`${linkButton(path('csv'), t('存为 CSV', 'Save as CSV'))}${linkButton(path('xlsx'), t('存为 Excel', 'Save as Excel'))}`}
    ${linkButton(href(`/pulls/${row.pull}/proof`), t('保存证明文件', 'Save the proof file'))}
  </div>`
}

function noTable({ t }: NodeVisit): Html {
  return emptyState(
    t('这个文件不是表格', 'This file is no table'),
    t(
      '不能在这里显示，请保存原件后用相应的软件打开。',
      'It cannot be shown here: save the original and open it with its own program.',
    ),
  )
}

function sheets({ t }: NodeVisit, page: RowPage, look: Look): Html {
  const shown = page.sheets.filter(({ hidden }) => !hidden)
  if (shown.length < 2) return null
  return tabs(
    t('工作表', 'Sheets'),
    shown.map(({ name }) => ({
      href: look.address({ sheet: name, from: undefined, x: undefined, y: undefined }),
      text: name,
      current: name === page.sheet,
    })),
  )
}
