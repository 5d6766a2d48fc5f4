/** What a table's cells are, and what is drawn of a public sample. */
import t from 'tap'
import { barChart } from '#web/charts/chart.ts'
import { areNumbers, areTimes, numberIn } from '#web/components/column-kinds.ts'
import { sampleChart, sampleTable } from '#web/components/sample-table.ts'
import { renderHtml } from '#web/pages/html.ts'

t.test('a dash where there is no figure leaves a column its numbers', async (t) => {
  const sample = {
    columns: ['月份', '产量（万吨）', '地区'],
    rows: [
      ['2024年11月', '1,121.5', '北京市'],
      ['2024年12月', '—', '河北省'],
      ['2025年1月', '98', '…'],
    ],
  }
  t.match(renderHtml(sampleTable('zh', sample)), /class="number"[^>]*>—</)
  const chart = renderHtml(await sampleChart('zh', sample))
  t.match(chart, /2024年12月/)
  t.match(chart, /1,121\.5/)
  t.equal(numberIn('—'), null)
})

t.test('an axis keeps to one unit', async (t) => {
  const rows = [0, 3_000, 9_000, 14_000].map((value, at) => [`2024-0${at + 1}`, String(value)])
  const chart = renderHtml(await sampleChart('zh', { columns: ['月份', '产量'], rows }))
  t.match(chart, />0\.9万</)
  t.notMatch(chart.slice(0, chart.indexOf('<table')), />9,?000</)
  t.match(renderHtml(await sampleChart('en', { columns: ['Month', 'Output'], rows })), />9k</)
})

t.test('names beside bars are not cut off at the edge, whatever the face', async (t) => {
  const labels = ['F Wholesale and retail trade', 'M Scientific research and technical services', '农、林、牧、渔业']
  const series = [{ name: 'Datasets', values: [1, 2, 3] }]
  const chart = renderHtml(await barChart({ lang: 'en', title: 'By industry', labelHead: 'Industry', labels, series }))
  const names = [
    ...chart.matchAll(/text-anchor="end" font-size="(\d+)px"[^>]*translate\(([\d.]+) [^>]*>([^<]*)<\/text>/g),
  ]
  t.equal(names.length, 2 * labels.length, 'wide and narrow')
  // DejaVu Sans, the widest face in use, takes 0.58 em for a letter of such names; Chinese takes 1 em.
  for (const [, size, right, text = ''] of names) {
    const width = Number(size) * [...text].reduce((sum, one) => sum + (one > '\u2fff' ? 1 : 0.58), 0)
    t.ok(Number(right) >= width, `${text}: ${right} ≥ ${width}`)
  }
})

t.test('what is no number stays text', (t) => {
  t.notOk(areNumbers(['—', '', 'N/A']), 'marks alone')
  t.notOk(areNumbers(['12', '约4.2']))
  t.notOk(areNumbers(['12', '北京']))
  t.notOk(areTimes('产量（吨）', ['2024', '1950']), 'counts under a unit')
  t.ok(areTimes('年份', ['2024', '1950']))
  t.ok(areTimes('月份', ['2024年1月', '2024-02']))
  t.end()
})
