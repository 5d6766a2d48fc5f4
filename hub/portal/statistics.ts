import { toBeijing } from '#schemas/clock.ts'
import { INDUSTRY_SECTIONS } from '#schemas/codes/industries.ts'
import { barChart, lineChart } from '#web/charts/chart.ts'
import { table } from '#web/components/table.ts'
import { emptyState, section, stat } from '#web/components/words.ts'
import { writeCsv } from '#web/pages/csv.ts'
import { type Html, html } from '#web/pages/html.ts'
import { type Lang, pick } from '#web/pages/language.ts'
import { raw } from '#web/pages/page.ts'
import { showBytes, showNumber } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import { FACET_NAMES, type FacetName, nameFacetValue } from '#web/texts/facets.ts'
import { type MemberSharing, type SharingPeriod, showOverTime, showSharing } from '../actions/show-sharing.ts'
import { keepFor } from './keep-for.ts'
import type { PageGroup, PortalDeps } from './portal-deps.ts'

const CHARTED = ['industry', 'class', 'sharing', 'periodicity'] as const satisfies readonly FacetName[]
/** In the middle of an English sentence. */
const BY = {
  industry: 'industry',
  class: 'kind of content',
  sharing: 'kind of sharing',
  periodicity: 'update cycle',
} as const
const maxBars = 15
const keptSeconds = 10
const BYTES_PER_MB = 1_000_000

/** 统计: how much is shared by whom, over time. Counts and bytes; who received from whom is between the parties. */
export const statisticsPages: PageGroup = (pages, deps) => {
  const { x } = deps
  const findSharing = keepFor(x.clock, keptSeconds, () => showSharing(x))
  const findPeriods = keepFor(x.clock, keptSeconds, () => showOverTime(x, toBeijing(x.clock.now()).slice(0, 10)))

  pages.get('/statistics', async (visit) => {
    const { t, href } = visit
    const sharing = findSharing()
    const periods = findPeriods()
    return {
      title: t('统计', 'Statistics'),
      lead: t(
        '谁共享了多少、何时共享。只公布次数和数据量，不公布谁向谁调取。',
        'How much is shared by whom, and when. Counts and volumes only: who pulls from whom is between the parties.',
      ),
      crumbs: [{ text: t('首页', 'Home'), href: href('/') }, { text: t('统计', 'Statistics') }],
      description: t('数据共享的数量和趋势', 'Numbers and trends of data sharing'),
      body: html`
        ${counters(visit, deps, sharing)}
        ${section(t('按时间', 'Over time'), await overTime(visit, periods))}
        ${section(t('按成员', 'By member'), memberTable(visit, sharing), { beside: html`<a href="/statistics/members.csv">${t('下载 CSV', 'Download CSV')}</a>` })}
        ${section(t('数据集的构成', 'What the datasets are'), await facetCharts(visit, deps))}
      `,
    }
  })

  pages.get('/statistics/members.csv', () =>
    raw('text/csv; charset=utf-8', writeCsv(CSV_HEAD, findSharing().map(csvRow)), {
      'content-disposition': 'attachment; filename="members.csv"',
    }),
  )
}

function counters({ t, lang, href }: Visit, { index }: PortalDeps, sharing: readonly MemberSharing[]): Html {
  const total = (key: 'givenPulls' | 'givenBytes') => sharing.reduce((all, one) => all + one[key], 0)
  return html`<div class="grid small">
    ${stat(showNumber(lang, sharing.length), t('成员', 'Members'), href('/members'))}
    ${stat(showNumber(lang, index.count()), t('数据集', 'Datasets'), href('/datasets'))}
    ${stat(showNumber(lang, total('givenPulls')), t('累计调取次数', 'Pulls so far'))}
    ${stat(showBytes(lang, total('givenBytes')), t('累计共享量', 'Volume shared'))}
  </div>`
}

async function overTime({ t, lang }: Visit, periods: readonly SharingPeriod[]): Promise<Html> {
  if (periods.length < 2)
    return emptyState(
      t('还画不出趋势', 'No trend to draw yet'),
      t(
        '有两天以上的记录后，这里会出现调取和发布的曲线。',
        'Once there are records of two days or more, the curves of pulls and publications appear here.',
      ),
    )
  const labels = periods.map(({ period }) => period)
  const labelHead = labels[0]?.length === 7 ? t('月份', 'Month') : t('日期', 'Day')
  const common = { lang, labels, labelHead }
  return html`<div class="stack">
    ${await lineChart({
      ...common,
      title: t('调取次数和发布的版本', 'Pulls, and versions published'),
      series: [
        { name: t('调取次数', 'Pulls'), values: periods.map(({ pulls }) => pulls) },
        { name: t('发布的版本', 'Versions published'), values: periods.map(({ versions }) => versions) },
      ],
    })}
    ${await lineChart({
      ...common,
      title: t('共享的数据量', 'Volume shared'),
      unit: 'MB',
      series: [
        {
          name: t('数据量', 'Volume'),
          values: periods.map(({ bytes }) => Math.round((bytes / BYTES_PER_MB) * 100) / 100),
        },
      ],
    })}
  </div>`
}

function memberTable({ t, lang, href }: Visit, sharing: readonly MemberSharing[]): Html {
  return table({
    caption: t('各成员的数据集、提供和获得', 'Datasets, given and received, by member'),
    stacked: true,
    rows: sharing.toSorted((one, other) => other.givenBytes - one.givenBytes || other.datasets - one.datasets),
    empty: emptyState(t('还没有成员', 'No members yet')),
    columns: [
      {
        head: t('成员', 'Member'),
        kind: 'row',
        cell: ({ id, name }) => html`<a href=${href(`/members/${id}`)}>${name}</a>`,
      },
      {
        head: t('发布数据集', 'Datasets published'),
        kind: 'number',
        cell: ({ datasets }) => showNumber(lang, datasets),
      },
      { head: t('提供次数', 'Times given'), kind: 'number', cell: ({ givenPulls }) => showNumber(lang, givenPulls) },
      { head: t('提供数据量', 'Volume given'), kind: 'number', cell: ({ givenBytes }) => showBytes(lang, givenBytes) },
      {
        head: t('获得次数', 'Times received'),
        kind: 'number',
        cell: ({ receivedPulls }) => showNumber(lang, receivedPulls),
      },
      {
        head: t('获得数据量', 'Volume received'),
        kind: 'number',
        cell: ({ receivedBytes }) => showBytes(lang, receivedBytes),
      },
    ],
  })
}

async function facetCharts(visit: Visit, { index }: PortalDeps): Promise<Html> {
  const { t, lang } = visit
  const { facets, total } = index.search({ limit: 1 })
  if (total === 0) return emptyState(t('还没有发布数据集', 'No dataset has been published yet'))
  const charts = await Promise.all(
    CHARTED.map((facet) => {
      const values = facets[facet].slice(0, maxBars)
      return barChart({
        lang,
        title: t(`数据集按${FACET_NAMES[facet].zh}`, `Datasets by ${BY[facet]}`),
        labelHead: pick(lang, FACET_NAMES[facet]),
        labels: values.map(({ value, label }) => nameBar(lang, facet, value, label)),
        series: [{ name: t('数据集', 'Datasets'), values: values.map(({ count }) => count) }],
      })
    }),
  )
  return html`<div class="split even">${charts}</div>`
}

function nameBar(lang: Lang, facet: FacetName, value: string, label: string | undefined): string {
  const name = nameFacetValue(lang, facet, value, label)
  return facet === 'industry' && Object.hasOwn(INDUSTRY_SECTIONS, value) ? `${value} ${name}` : name
}

const CSV_HEAD = ['统一社会信用代码', '成员', '类别', '数据集', '提供次数', '提供字节数', '获得次数', '获得字节数']

function csvRow(one: MemberSharing): (string | number)[] {
  return [
    one.id,
    one.name,
    one.class,
    one.datasets,
    one.givenPulls,
    one.givenBytes,
    one.receivedPulls,
    one.receivedBytes,
  ]
}
