import { table } from '../components/table.ts'
import { more } from '../components/words.ts'
import { type Html, html } from '../pages/html.ts'
import { type Lang, sayIn } from '../pages/language.ts'
import { showNumber } from '../pages/show.ts'
import { drawSvg, INK } from './draw-svg.ts'

/** One line or one colour of bars; `null` where there is no value. */
export interface Series {
  readonly name: string
  readonly values: readonly (number | null)[]
}

export interface ChartData {
  readonly lang: Lang
  readonly title: string
  /** Of the values: `千人`, `MB`. */
  readonly unit?: string
  /** What stands along the axis: months, or names. */
  readonly labels: readonly string[]
  /** Heading of the labels' column in the table. */
  readonly labelHead: string
  readonly series: readonly Series[]
  /** How a value is written in the table; plain numbers otherwise. */
  readonly show?: (value: number) => string
}

/** Drawn twice: type must stay legible on a phone. `label`: the most that a name beside its bar takes. */
const WIDE = { width: 720, height: 300, name: 'chart-wide', type: 13, label: 260 } as const
const NARROW = { width: 340, height: 260, name: 'chart-narrow', type: 12, label: 140 } as const
const maxSeries = INK.series.length
const maxTableRows = 400

/** Values over time as lines: a drawing, and the numbers as a table behind it. */
export async function lineChart(data: ChartData): Promise<Html> {
  return figure(data, (size) => ({
    ...frameOf(data, size),
    xAxis: categoryAxis(data.labels, size.type),
    yAxis: valueAxis(data, size.type),
    series: shownSeries(data).map(({ name, values }) => ({
      type: 'line',
      name,
      data: values,
      silent: true,
      emphasis: { disabled: true },
      symbol: values.length > 30 ? 'none' : 'circle',
      symbolSize: 5,
    })),
  }))
}

/** Values side by side as lying bars, most readable with up to 20 names: a drawing, and the numbers as a table behind it. */
export async function barChart(data: ChartData): Promise<Html> {
  const height = Math.max(140, 48 + data.labels.length * (18 + 10 * data.series.length))
  return figure(
    data,
    (size) => ({
      ...frameOf(data, size),
      xAxis: { ...valueAxis(data, size.type), splitNumber: size === WIDE ? 5 : 3 },
      yAxis: {
        ...categoryAxis(data.labels, size.type),
        inverse: true,
        axisLabel: { color: INK.text, fontSize: size.type, width: size.label, overflow: 'truncate', ellipsis: '…' },
      },
      series: shownSeries(data).map(({ name, values }) => ({
        type: 'bar',
        name,
        data: values,
        silent: true,
        emphasis: { disabled: true },
        barMaxWidth: 22,
      })),
    }),
    height,
  )
}

type Size = typeof WIDE | typeof NARROW

async function figure(data: ChartData, optionOf: (size: Size) => object, height?: number): Promise<Html> {
  const { lang, title, unit } = data
  const t = sayIn(lang)
  const drawings = await Promise.all(
    [WIDE, NARROW].map(async (size) => ({
      name: size.name,
      svg: await drawSvg(optionOf(size), size.width, height ?? size.height),
    })),
  )
  const caption = unit === undefined ? title : `${title}${t('（', ' (')}${t('单位：', 'unit: ')}${unit}${t('）', ')')}`
  return html`<figure class="chart">
    <figcaption>${caption}</figcaption>
    ${drawings.map(({ name, svg }) => html`<div class=${name} role="img" aria-label=${`${title}${t('，数据见下表', '; the numbers are in the table below')}`} dangerouslySetInnerHTML=${{ __html: svg }}></div>`)}
    ${more(t('查看数据表', 'Show the numbers'), tableOf(data, caption))}
  </figure>`
}

function tableOf(data: ChartData, caption: string): Html {
  const { lang, labels, labelHead, series, show = (value) => showNumber(lang, value) } = data
  const rows = labels
    .slice(-maxTableRows)
    .map((label, index) => ({ label, index: index + Math.max(0, labels.length - maxTableRows) }))
  return table({
    caption,
    rows,
    columns: [
      { head: labelHead, kind: 'row', cell: ({ label }) => label },
      ...series.map(({ name, values }) => ({
        head: name,
        kind: 'number' as const,
        cell: ({ index }: { index: number }) => {
          const value = values[index]
          return value === null || value === undefined ? '—' : show(value)
        },
      })),
    ],
  })
}

/** Six colours can be told apart; what is beyond stands in the table. */
function shownSeries({ series }: ChartData): readonly Series[] {
  return series.slice(0, maxSeries)
}

function frameOf(data: ChartData, { type }: Size): object {
  const several = data.series.length > 1
  return {
    color: INK.series,
    textStyle: { fontFamily: 'inherit', fontSize: type },
    grid: {
      left: 8,
      right: 16,
      top: several ? 40 : 16,
      bottom: 8,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    ...(several && {
      legend: { top: 0, left: 0, itemHeight: 10, textStyle: { color: INK.text, fontSize: type }, selectedMode: false },
    }),
  }
}

function categoryAxis(labels: readonly string[], fontSize: number): object {
  return {
    type: 'category',
    data: labels,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: INK.line } },
    axisLabel: { color: INK.text, fontSize, hideOverlap: true },
  }
}

function valueAxis({ lang, series }: ChartData, fontSize: number): object {
  const values = series.flatMap(({ values }) => values.filter((value) => value !== null))
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return {
    type: 'value',
    ...(values.every(Number.isInteger) && { minInterval: 1 }),
    axisLabel: { color: INK.text, fontSize, formatter: axisNumber(lang, largest) },
    splitLine: { lineStyle: { color: INK.line } },
  }
}

const thousands = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 })

/** One unit along the whole axis: 0.9万 under 1.2万. */
function axisNumber(lang: Lang, largest: number): (value: number) => string {
  if (largest < 10_000) return (value) => showNumber(lang, value)
  if (lang === 'en') return (value) => thousands.format(value)
  const [size, unit] = largest < 100_000_000 ? [10_000, '万'] : [100_000_000, '亿']
  return (value) => (value === 0 ? '0' : `${showNumber(lang, value / size)}${unit}`)
}
