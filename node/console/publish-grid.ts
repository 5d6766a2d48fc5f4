import { pager, tabs } from '#web/components/navigation.ts'
import { table } from '#web/components/table.ts'
import { notice } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { pick } from '#web/pages/language.ts'
import { showNumber } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import type { BadCell } from '../tables/bad-cells.ts'
import type { Column } from '../tables/cells.ts'
import type { Inspection, ShownRow } from '../tables/inspection.ts'

const ROWS_PER_PAGE = 20
const FINDINGS_PER_PAGE = 50
const MOST_COLUMNS = 30

/** What was found in a file: the findings as a list, and the file's rows with the bad cells marked where they stand. */
export function findings(visit: Visit, found: Inspection, path: string): Html {
  const { t, lang } = visit
  if (found.errorCount === 0) return grid(visit, found, path)
  const listed = found.errors.length
  const count = showNumber(lang, found.errorCount)
  const columns = found.errors.filter(({ rule }) => rule === 'header-missing' || rule === 'header-extra')
  return html`
    ${
      columns.length > 0 &&
      notice('bad', {
        title: t(
          '文件的列与要求的不一致，可能选错了文件',
          'The columns are not those asked for: is it the right file?',
        ),
        body: html`<ul>${columns.slice(0, FINDINGS_PER_PAGE).map(({ message }) => html`<li>${pick(lang, message)}</li>`)}</ul>
          <p>${t('换上列相同的文件；列确实变了，请在下面“按文件重新识别列”。', 'Hand in a file with the same columns; if they did change, find the columns anew below.')}</p>`,
      })
    }
    ${notice('bad', {
      title: t(`有 ${count} 处不合格`, `${count} bad cells`),
      body: t(
        '请在 Excel 中按行列改正，存盘后在下面换上改好的文件；已填写的内容不会丢。如果是列的类型定得不对，改下面的类型即可。',
        'Mend them in your spreadsheet by row and column and hand in the mended file below; nothing typed is lost. If the type of a column is wrong, change the type instead.',
      ),
    })}
    ${findingTable(visit, found, path)}
    ${
      found.errorCount > listed &&
      html`<p class="quiet-text">${t(
        `以上列出前 ${showNumber(lang, listed)} 处，另有 ${showNumber(lang, found.errorCount - listed)} 处未列出。`,
        `The first ${showNumber(lang, listed)} are listed; ${showNumber(lang, found.errorCount - listed)} more are not.`,
      )}</p>`
    }
    ${grid(visit, found, path)}`
}

function findingTable(visit: Visit, found: Inspection, path: string): Html {
  const { t, lang } = visit
  const page = pageOf(visit, 'findings')
  const shown = found.errors.slice(page * FINDINGS_PER_PAGE, (page + 1) * FINDINGS_PER_PAGE)
  return html`${table<BadCell>({
    caption: t('不合格的单元格', 'Bad cells'),
    hideCaption: false,
    stacked: true,
    rows: shown,
    columns: [
      { head: t('行', 'Row'), kind: 'number', cell: ({ row }) => (row > 0 ? showNumber(lang, row) : '—') },
      { head: t('列', 'Column'), kind: 'row', cell: ({ column }) => nameColumn(column) },
      {
        head: t('现在的内容', 'What is there'),
        cell: ({ value }) => value || html`<span class="quiet-text">${t('（空）', '(empty)')}</span>`,
      },
      { head: t('不合格的原因', 'What is wrong'), cell: ({ message }) => pick(lang, message) },
    ],
  })}
  ${pages(visit, path, { name: 'findings', page, count: found.errors.length, size: FINDINGS_PER_PAGE })}`
}

/** Rows of the file: those with bad cells, or the first ones. */
function grid(visit: Visit, found: Inspection, path: string): Html {
  const { t } = visit
  const { rows, columns } = found.preview
  if (rows.length === 0) return null
  const bad = new Map(found.errors.map((one) => [`${one.row}:${one.column.letter}`, one]))
  const badRows = new Set(found.errors.map(({ row }) => row))
  const withBad = rows.filter(({ number }) => badRows.has(number))
  const onlyBad = withBad.length > 0 && visit.query.get('rows') !== 'first'
  const chosen = onlyBad ? withBad : rows
  const page = pageOf(visit, 'page')
  const shown = chosen.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE)
  const view = (rowsShown: string) => `${visit.href(path)}?${new URLSearchParams({ rows: rowsShown })}#grid`
  return html`<div class="stack" id="grid">
    ${
      withBad.length > 0 &&
      tabs(t('显示哪些行', 'Which rows'), [
        { href: view('bad'), text: t('有问题的行', 'Rows with bad cells'), current: onlyBad, count: withBad.length },
        { href: view('first'), text: t('开头的行', 'First rows'), current: !onlyBad },
      ])
    }
    ${sheet(visit, shown, shownColumns(columns, found), bad)}
    ${pages(visit, path, { name: 'page', page, count: chosen.length, size: ROWS_PER_PAGE })}
  </div>`
}

interface ShownColumn extends Column {
  readonly place: number
}

/** Of a wide table the first columns, and all that have something wrong. */
function shownColumns(columns: readonly Column[], { errors }: Inspection): readonly ShownColumn[] {
  const bad = new Set(errors.map(({ column }) => column.letter))
  return columns
    .map((column, place) => ({ ...column, place }))
    .filter(({ letter, place }) => place < MOST_COLUMNS || bad.has(letter))
}

function sheet(
  { t, lang }: Visit,
  rows: readonly ShownRow[],
  columns: readonly ShownColumn[],
  bad: ReadonlyMap<string, BadCell>,
): Html {
  const label = t('表格内容', 'Contents of the table')
  return html`<div class="table-wrap sheet" role="region" aria-label=${label} tabindex="0">
    <table>
      <caption class="hidden-text">${label}</caption>
      <thead><tr>
        <th scope="col" class="number">${t('行', 'Row')}</th>
        ${columns.map(({ name, letter }) => html`<th scope="col"><span class="letter">${letter}</span> ${name}</th>`)}
      </tr></thead>
      <tbody>${rows.map(
        ({ number, cells }) => html`<tr>
          <th scope="row" class="number">${showNumber(lang, number)}</th>
          ${columns.map(({ letter, place }) => {
            const wrong = bad.get(`${number}:${letter}`)
            return wrong === undefined
              ? html`<td>${cells[place] ?? ''}</td>`
              : html`<td class="bad-cell" tabindex="-1">${cells[place] ?? ''}<small class="error">${pick(lang, wrong.message)}</small></td>`
          })}
        </tr>`,
      )}</tbody>
    </table>
  </div>`
}

/** `C 列 “失业人数”`. */
export function nameColumn({ name, letter }: Column): string {
  return [letter, name].filter((part) => part !== '').join(' ') || '—'
}

function pageOf(visit: Visit, name: string): number {
  const text = visit.query.get(name) ?? '0'
  return /^\d{1,4}$/.test(text) ? Number(text) : 0
}

interface Paging {
  /** Of the query. */
  readonly name: 'findings' | 'page'
  readonly page: number
  readonly count: number
  readonly size: number
}

function pages(visit: Visit, path: string, { name, page, count, size }: Paging): Html {
  const to = (number: number) => {
    const query = new URLSearchParams(visit.query)
    query.set(name, String(number))
    return `${visit.href(path)}?${query}#${name === 'page' ? 'grid' : 'findings'}`
  }
  return pager(visit.t, {
    label:
      name === 'page'
        ? visit.t('表格内容翻页', 'Pages of the table')
        : visit.t('不合格的单元格翻页', 'Pages of bad cells'),
    first: page > 0 ? to(0) : undefined,
    next: (page + 1) * size < count ? to(page + 1) : undefined,
  })
}
