import { table } from '#web/components/table.ts'
import { emptyState, linkButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { showNumber } from '#web/pages/show.ts'
import type { Field } from '../tables/table-schema.ts'
import type { RowPage } from '../tables/take-rows.ts'
import { type Look, ROWS } from './look-at-file.ts'
import type { NodeVisit } from './node-pages.ts'
import { isNumeric } from './result-columns.ts'

/** Rows as they stand in the file, with their row numbers; columns of numbers are set right. */
export function resultTable(visit: NodeVisit, fields: readonly Field[], page: RowPage, look: Look): Html {
  const { t } = visit
  const { columns, rows, from, more, moreColumns } = page
  const titles = new Map(fields.map(({ name, title }) => [name, title ?? name]))
  const last = from + rows.length
  return html`
    <div class="result-head">
      <p role="status">${saySpan(visit, page)}${moreColumns > 0 && t(`；另有 ${moreColumns} 列没有显示`, `; ${moreColumns} columns are not shown`)}</p>
    </div>
    ${table<RowPage['rows'][number]>({
      caption: t('文件内容', 'Content of the file'),
      wrap: 'sheet tall',
      rows,
      empty: emptyState(t('没有数据行', 'No rows of data')),
      columns: [
        { head: t('行', 'Row'), kind: 'row', cell: ({ number }) => number },
        ...columns.map(({ name, letter }, at) => ({
          head: titles.get(name) ?? (name || letter),
          cell: ({ cells }: RowPage['rows'][number]) => cells[at] ?? '',
          ...(isNumeric(page, at) && { kind: 'number' as const }),
        })),
      ],
    })}
    ${
      (from > 0 || more) &&
      html`<nav class="pager" aria-label=${t('翻页', 'Pages')}>
      ${from > 0 && linkButton(look.address({ from: from > ROWS ? String(from - ROWS) : undefined }), t('上一页', 'Previous page'))}
      ${more && linkButton(look.address({ from: String(last) }), t('下一页', 'Next page'))}
    </nav>`
    }`
}

/** Which rows these are, and whether there are others. */
function saySpan({ t, lang }: NodeVisit, { rows, from, more }: RowPage): string {
  const [first, last] = [showNumber(lang, from + 1), showNumber(lang, from + rows.length)]
  if (rows.length === 0) return t('没有更多的行', 'No more rows')
  if (more) return t(`第 ${first}–${last} 行，后面还有`, `Rows ${first}–${last}, more follow`)
  if (from > 0) return t(`第 ${first}–${last} 行，到此为止`, `Rows ${first}–${last}, the last ones`)
  return t(`共 ${last} 行`, `${last} rows`)
}
