import { type Criterion, judgeQuality } from '#schemas/catalog/quality.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import type { Status } from '#schemas/status-list.ts'
import { table } from '#web/components/table.ts'
import { badge, notice, section } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import { showSpan } from '#web/pages/show.ts'
import type { Visit } from '#web/pages/visit.ts'
import { dueOf } from '#web/texts/due-words.ts'
import { nameDimension, sayCriterion } from '#web/texts/quality-words.ts'

/** What quality is judged by besides the entry. `now`: Unix seconds. */
interface Judged {
  readonly now: number
  /** Of the provider: whoever is out shares nothing, whatever the entry says. */
  readonly standing: Status
}

/** 质量与时效: each criterion with its verdict and why, so that the count can be counted again. */
export function qualitySection(visit: Visit, entry: CatalogEntry, { now, standing }: Judged): Html {
  const { t, lang } = visit
  const criteria = judgeQuality(entry, now).map((one) =>
    one.code === 'shared' && standing !== 'good' ? { ...one, met: false, facts: { standing } } : one,
  )
  const applying = criteria.filter(({ met }) => met !== undefined)
  const met = applying.filter((one) => one.met === true).length
  return section(
    t('质量与时效', 'Quality and timeliness'),
    html`<div class="stack">
      ${timeliness(visit, entry, now)}
      <p>${t(`适用的 ${applying.length} 项中达到 ${met} 项：`, `${met} of the ${applying.length} criteria that apply are met:`)} <meter min="0" max=${applying.length} value=${met} aria-label=${t('达到的项数', 'Criteria met')}></meter></p>
      ${table<Criterion>({
        caption: t('质量逐项', 'Criteria'),
        rows: criteria,
        stacked: true,
        columns: [
          { head: t('要求', 'Criterion'), kind: 'row', cell: (one) => sayCriterion(lang, one).asked },
          { head: t('维度', 'Dimension'), cell: ({ dimension }) => nameDimension(lang, dimension) },
          { head: t('结果', 'Result'), cell: (one) => resultOf(visit, one) },
          { head: t('依据', 'Why'), cell: (one) => sayCriterion(lang, one).why },
        ],
      })}
      <p class="small quiet-text">${t('以上各项只依据提供方签名的说明计算（维度按 GB/T 36344—2018）。共享中心不保存数据，因此不评价准确性和一致性。', "All of this is counted from the provider's signed description (dimensions of GB/T 36344—2018). The hub holds no data, so it does not judge accuracy and consistency.")}</p>
    </div>`,
    { id: 'quality' },
  )
}

/** When the next period is due, and whether it is late. */
export function timeliness({ t, lang }: Visit, { meta }: CatalogEntry, now: number): Html {
  const due = dueOf(meta.periodicity, meta.period?.to, now)
  if (due === undefined) return null
  return due.late === 0
    ? notice('good', {
        title: t('按期更新', 'Up to date'),
        body: t(`下期数据应于 ${due.day} 前发布。`, `The next period is due by ${due.day}.`),
      })
    : notice('warn', {
        title: t(`已逾期 ${showSpan(lang, due.late * 86_400)}`, `${showSpan(lang, due.late * 86_400)} late`),
        body: t(
          `下期数据应于 ${due.day} 前发布，提供方尚未更新。`,
          `The next period was due by ${due.day}; the provider has not published it yet.`,
        ),
      })
}

function resultOf({ t }: Visit, { met }: Criterion): Html {
  if (met === undefined) return badge('quiet', t('不适用', 'n/a'))
  return met ? badge('good', t('✓ 达到', '✓ met')) : badge('warn', t('✗ 未达到', '✗ not met'))
}
