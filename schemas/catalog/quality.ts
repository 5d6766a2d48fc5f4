import { daysLate, nextDue } from '../codes/periodicities.ts'
import type { CatalogRecord } from './record.ts'

/** Dimensions of GB/T 36344-2018 that a signed description alone can speak to. */
export type QualityDimension = '规范性' | '完整性' | '时效性' | '可访问性'

/** One thing that a good description has. `met` is undefined where it does not apply to this dataset. */
export interface Criterion {
  readonly code: CriterionCode
  readonly dimension: QualityDimension
  readonly met: boolean | undefined
  /** Facts behind the verdict: counts, days. */
  readonly facts: Readonly<Record<string, string | number>>
}

export type CriterionCode = keyof typeof CRITERIA

type Verdict = Pick<Criterion, 'met' | 'facts'>

const fewestCharacters = 20
const OPEN_FORMATS = new Set([
  'text/csv',
  'application/json',
  'application/vnd.apache.parquet',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
])

const verdict = (met: boolean | undefined, facts: Verdict['facts'] = {}): Verdict => ({ met, facts })

/**
 * What is looked at, in the order in which it is shown. All of it is in the signed entry, so everybody can count again. Accuracy and
 * consistency (准确性, 一致性) are not here: whoever does not hold the data cannot judge them.
 */
const CRITERIA = {
  description: criterion('完整性', ({ meta }) => {
    const characters = [...(meta.description?.zh ?? '')].length
    return verdict(characters >= fewestCharacters, { characters, fewest: fewestCharacters })
  }),
  keywords: criterion('完整性', ({ meta }) =>
    verdict((meta.keywords ?? []).length > 0, { count: meta.keywords?.length ?? 0 }),
  ),
  industries: criterion('完整性', ({ meta }) => verdict(meta.industries.length > 0, { count: meta.industries.length })),
  period: criterion('完整性', ({ meta }) =>
    verdict(meta.period !== undefined, meta.period === undefined ? {} : { from: meta.period.from, to: meta.period.to }),
  ),
  fields: criterion('完整性', ({ fields = [] }) => {
    const named = fields.filter(({ name, title }) => title !== undefined || /\p{Script=Han}/u.test(name)).length
    return verdict(fields.length === 0 ? undefined : named === fields.length, { named, fields: fields.length })
  }),
  formats: criterion('规范性', ({ files }) => {
    const open = files.filter(({ mediaType }) => OPEN_FORMATS.has(mediaType.split(';', 1)[0] ?? '')).length
    return verdict(open === files.length, { open, files: files.length })
  }),
  types: criterion('规范性', ({ fields = [] }) => {
    const typed = fields.filter(({ type }) => type !== 'any').length
    return verdict(fields.length === 0 ? undefined : typed === fields.length, { typed, fields: fields.length })
  }),
  permit: criterion('规范性', ({ meta }, now) => {
    const { permit } = meta
    if (meta.contentClass !== 3) return verdict(undefined)
    return verdict(permit !== undefined && daysLate(Temporal.PlainDate.from(permit.until), now) === 0, {
      until: permit?.until ?? '',
    })
  }),
  periodicity: criterion('时效性', ({ meta }) => verdict(meta.periodicity !== 'irregular')),
  timely: criterion('时效性', ({ meta }, now) => {
    const due = nextDue(meta.periodicity, meta.period?.to, false)
    if (due === undefined) return verdict(undefined)
    const late = daysLate(due, now)
    return verdict(late === 0, { due: due.toString(), late })
  }),
  sample: criterion('可访问性', ({ sample }) => verdict(sample !== undefined, { rows: sample?.rows.length ?? 0 })),
  contact: criterion('可访问性', ({ meta: { responsible } }) => verdict(responsible.contact !== undefined)),
  shared: criterion('可访问性', ({ meta }) => verdict(meta.sharing !== 'none')),
  english: criterion('可访问性', ({ meta }) => verdict(meta.title.en !== undefined)),
} as const

/** Each criterion with its verdict. `now`: Unix seconds. */
export function judgeQuality(record: CatalogRecord, now: number): Criterion[] {
  return Object.entries(CRITERIA).map(([code, { dimension, judge }]) => ({
    code: code as CriterionCode,
    dimension,
    ...judge(record, now),
  }))
}

function criterion(dimension: QualityDimension, judge: (record: CatalogRecord, now: number) => Verdict) {
  return { dimension, judge }
}
