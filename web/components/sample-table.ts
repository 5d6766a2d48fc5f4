import { barChart, type ChartData, lineChart } from '../charts/chart.ts'
import { type Html, html } from '../pages/html.ts'
import { type Lang, sayIn } from '../pages/language.ts'
import { areNumbers, areTimes, numberIn, unitIn, withoutUnit } from './column-kinds.ts'
import { table } from './table.ts'

/** Rows that an owner shows to everybody; every cell is text. */
export interface Sample {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const fewestPoints = 3

/** The sample as it stands; columns of numbers are set right. */
export function sampleTable(lang: Lang, { columns, rows }: Sample): Html {
  const t = sayIn(lang)
  return table({
    caption: t('公开样例', 'Public sample'),
    rows,
    columns: columns.map((head, at) => ({
      head,
      cell: (row: readonly string[]) => row[at] ?? '',
      ...(isNumeric(rows, at) && { kind: 'number' as const }),
    })),
  })
}

/** The columns of numbers that share the first one's unit, over the first column; null where nothing can be drawn. */
export async function sampleChart(lang: Lang, sample: Sample): Promise<Html> {
  const data = chartOf(lang, sample)
  if (data === undefined) return null
  const isTime = areTimes(data.labelHead, data.labels)
  return html`${isTime ? await lineChart(data) : await barChart(data)}`
}

function chartOf(lang: Lang, { columns, rows }: Sample): ChartData | undefined {
  const t = sayIn(lang)
  const numeric = columns.map((_, at) => at).filter((at) => at > 0 && isNumeric(rows, at))
  const unit = unitIn(columns[numeric[0] ?? -1] ?? '')
  const drawn = numeric.filter((at) => unitIn(columns[at] ?? '') === unit)
  if (rows.length < fewestPoints || drawn.length === 0) return undefined
  return {
    lang,
    title: t('公开样例图示', 'The sample drawn'),
    ...(unit !== undefined && { unit }),
    labelHead: columns[0] ?? '',
    labels: rows.map((row) => row[0] ?? ''),
    series: drawn.map((at) => ({
      name: withoutUnit(columns[at] ?? ''),
      values: rows.map((row) => numberIn(row[at])),
    })),
  }
}

function isNumeric(rows: Sample['rows'], at: number): boolean {
  return areNumbers(rows.map((row) => row[at]))
}
