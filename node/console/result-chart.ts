import { barChart, type ChartData, lineChart } from '#web/charts/chart.ts'
import { numberIn, unitIn, withoutUnit } from '#web/components/column-kinds.ts'
import { choiceField, hiddenField, selectField } from '#web/components/fields.ts'
import { emptyState, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { showNumber } from '#web/pages/show.ts'
import type { Field } from '../tables/table-schema.ts'
import type { RowPage } from '../tables/take-rows.ts'
import type { NodeVisit } from './node-pages.ts'
import { isNumeric, isTime } from './result-columns.ts'

const BARS = 40
const LINES = 6
const OFFERED = 60

/** The rows of this page drawn: one column along the axis, columns of numbers over it; the form below chooses others. */
export async function resultChart(visit: NodeVisit, fields: readonly Field[], page: RowPage): Promise<Html> {
  const { t } = visit
  const names = namesOf(fields, page)
  const numeric = page.columns.map((_, at) => at).filter((at) => isNumeric(page, at))
  const { x, ys } = chosen(visit, names, page, numeric)
  if (ys.length === 0 || page.rows.length === 0)
    return emptyState(
      t('没有可以画的数值列', 'There is no column of numbers to draw'),
      t('请看表格。', 'See the table.'),
    )
  return html`${await draw(visit, page, names, x, ys)}${form(visit, names, numeric, { x, ys })}`
}

function namesOf(fields: readonly Field[], { columns }: RowPage): readonly string[] {
  const titles = new Map(fields.map(({ name, title }) => [name, title]))
  return columns.map(({ name, letter }) => titles.get(name) ?? (name || letter))
}

/** As the address says; else the first column of times (or the first one), and the numbers that share the first one's unit. */
function chosen({ query }: NodeVisit, names: readonly string[], page: RowPage, numeric: readonly number[]) {
  const columnAt = (text: string | null) => {
    const at = Number(text)
    return text !== null && text !== '' && Number.isSafeInteger(at) && at >= 0 && at < names.length ? at : undefined
  }
  const time = names.findIndex((_, at) => isTime(page, at))
  const x = columnAt(query.get('x')) ?? Math.max(time, 0)
  const asked = query
    .getAll('y')
    .map(columnAt)
    .filter((at) => at !== undefined && numeric.includes(at)) as number[]
  if (asked.length > 0) return { x, ys: asked.slice(0, LINES) }
  const [first, ...others] = numeric.filter((at) => at !== x && !isTime(page, at))
  if (first === undefined) return { x, ys: [] }
  const unit = unitIn(names[first] ?? '')
  const alike = unit === undefined ? [] : others.filter((at) => unitIn(names[at] ?? '') === unit)
  return { x, ys: [first, ...alike].slice(0, LINES) }
}

async function draw(
  visit: NodeVisit,
  page: RowPage,
  names: readonly string[],
  x: number,
  ys: readonly number[],
): Promise<Html> {
  const { t, lang } = visit
  // Names joined by a line would show a course that is none.
  const lines = isTime(page, x)
  const rows = lines ? page.rows : page.rows.slice(0, BARS)
  const units = new Set(ys.map((at) => unitIn(names[at] ?? '')))
  const [unit] = units
  const one = units.size === 1 && unit !== undefined
  const data: ChartData = {
    lang,
    title: ys.map((at) => withoutUnit(names[at] ?? '')).join(t('、', ', ')),
    ...(one && { unit }),
    labelHead: names[x] ?? '',
    labels: rows.map(({ cells }) => cells[x] ?? ''),
    series: ys.map((at) => ({
      name: one ? withoutUnit(names[at] ?? '') : (names[at] ?? ''),
      values: rows.map(({ cells }) => numberIn(cells[at])),
    })),
  }
  return html`
    ${(page.from > 0 || page.more || rows.length < page.rows.length) && html`<p class="small quiet-text">${t(`画的是第 ${showNumber(lang, page.from + 1)}–${showNumber(lang, page.from + rows.length)} 行。`, `Drawn are rows ${showNumber(lang, page.from + 1)}–${showNumber(lang, page.from + rows.length)}.`)}</p>`}
    ${lines ? await lineChart(data) : await barChart(data)}`
}

function form(
  { t, query, href, path }: NodeVisit,
  names: readonly string[],
  numeric: readonly number[],
  { x, ys }: { readonly x: number; readonly ys: readonly number[] },
): Html {
  const kept = ['sheet', 'from'].flatMap((name) => {
    const value = query.get(name)
    return value === null ? [] : [hiddenField(name, value)]
  })
  const options = (which: readonly number[]) =>
    which.slice(0, OFFERED).map((at) => ({ value: String(at), text: names[at] ?? '' }))
  return html`<form method="get" action=${href(path)} class="card no-print">
    ${hiddenField('view', 'chart')}${kept}
    ${selectField({ name: 'x', label: t('横轴', 'Along the axis'), value: String(x), options: options(names.map((_, at) => at)) })}
    ${choiceField({ name: 'y', kind: 'checkbox', label: t(`数值（最多 ${LINES} 列）`, `Values (at most ${LINES} columns)`), options: options(numeric.filter((at) => at !== x)), values: ys.map(String) })}
    ${submitButton(t('重新画图', 'Draw anew'), { kind: 'plain' })}
  </form>`
}
