import type { Criterion, CriterionCode, QualityDimension } from '#schemas/catalog/quality.ts'
import type { Label } from '#schemas/codes/label.ts'
import { type Lang, pick } from '../pages/language.ts'

/** Dimensions of GB/T 36344-2018. */
const DIMENSIONS: Readonly<Record<QualityDimension, Label>> = {
  完整性: { zh: '完整性', en: 'Completeness' },
  规范性: { zh: '规范性', en: 'Conformity' },
  时效性: { zh: '时效性', en: 'Timeliness' },
  可访问性: { zh: '可访问性', en: 'Accessibility' },
}

type Facts = Criterion['facts']

/** What is asked, and for each answer why. */
const WORDS: Readonly<
  Record<CriterionCode, { readonly asked: Label; readonly why: (met: boolean, f: Facts) => Label }>
> = {
  description: {
    asked: { zh: '摘要说明了内容', en: 'An abstract says what is inside' },
    why: (_, f) => ({
      zh: `摘要 ${f['characters']} 字，至少 ${f['fewest']} 字`,
      en: `${f['characters']} characters, at least ${f['fewest']} asked`,
    }),
  },
  keywords: {
    asked: { zh: '有关键词', en: 'Keywords are given' },
    why: (_, f) => ({ zh: `${f['count']} 个`, en: `${f['count']}` }),
  },
  industries: {
    asked: { zh: '填写了行业代码', en: 'Industry codes are given' },
    why: (_, f) => ({ zh: `${f['count']} 个（GB/T 4754—2017）`, en: `${f['count']} (GB/T 4754—2017)` }),
  },
  period: {
    asked: { zh: '写明了数据所属时期', en: 'The period covered is given' },
    why: (met, f) =>
      met ? { zh: `${f['from']} 至 ${f['to']}`, en: `${f['from']} to ${f['to']}` } : { zh: '未写明', en: 'Not given' },
  },
  fields: {
    asked: { zh: '每个信息项都有中文名称', en: 'Every field has a Chinese name' },
    why: (_, f) => ({ zh: `${f['fields']} 项中有 ${f['named']} 项`, en: `${f['named']} of ${f['fields']}` }),
  },
  formats: {
    asked: { zh: '文件是通用的开放格式', en: 'Files are in open formats' },
    why: (_, f) => ({
      zh: `${f['files']} 个文件中有 ${f['open']} 个（CSV、XLSX、JSON、Parquet）`,
      en: `${f['open']} of ${f['files']} (CSV, XLSX, JSON, Parquet)`,
    }),
  },
  types: {
    asked: { zh: '每个信息项都声明了数据类型', en: 'Every field has a declared type' },
    why: (_, f) => ({ zh: `${f['fields']} 项中有 ${f['typed']} 项`, en: `${f['typed']} of ${f['fields']}` }),
  },
  permit: {
    asked: { zh: '统计调查许可在有效期内', en: 'The survey permit is in force' },
    why: (_, f) => ({ zh: `有效期至 ${f['until']}`, en: `until ${f['until']}` }),
  },
  periodicity: {
    asked: { zh: '承诺了更新周期', en: 'Regular updates are promised' },
    why: (met) => (met ? { zh: '已承诺', en: 'Promised' } : { zh: '不定期', en: 'Irregular' }),
  },
  timely: {
    asked: { zh: '按期更新', en: 'Updated in time' },
    why: (met, f) =>
      met
        ? { zh: `下期应于 ${f['due']} 前发布`, en: `next due by ${f['due']}` }
        : {
            zh: `应于 ${f['due']} 前更新，已逾期 ${f['late']} 天`,
            en: `was due by ${f['due']}, ${f['late']} days late`,
          },
  },
  sample: {
    asked: { zh: '提供公开样例', en: 'A public sample is given' },
    why: (met, f) => (met ? { zh: `${f['rows']} 行`, en: `${f['rows']} rows` } : { zh: '未提供', en: 'None' }),
  },
  contact: {
    asked: { zh: '写明了联系方式', en: 'A contact is given' },
    why: (met) => (met ? { zh: '已写明', en: 'Given' } : { zh: '未写明', en: 'Not given' }),
  },
  shared: {
    asked: { zh: '数据可以申请', en: 'The data can be applied for' },
    why: (met, f) =>
      met
        ? { zh: '可以申请', en: 'They can' }
        : f['standing'] === undefined
          ? { zh: '不予共享，仅公布目录', en: 'Not shared, description only' }
          : f['standing'] === 'suspended'
            ? { zh: '提供方已暂停', en: 'The provider is suspended' }
            : { zh: '提供方已吊销', en: 'The provider is revoked' },
  },
  english: {
    asked: { zh: '有英文名称', en: 'There is an English title' },
    why: (met) => (met ? { zh: '有', en: 'There is' } : { zh: '没有', en: 'There is none' }),
  },
}

export function nameDimension(lang: Lang, dimension: QualityDimension): string {
  return pick(lang, DIMENSIONS[dimension])
}

/** What a criterion asks, and why it is met or not. */
export function sayCriterion(
  lang: Lang,
  { code, met, facts }: Criterion,
): { readonly asked: string; readonly why: string } {
  const { asked, why } = WORDS[code]
  return {
    asked: pick(lang, asked),
    why: met === undefined ? pick(lang, { zh: '不适用', en: 'Does not apply' }) : pick(lang, why(met, facts)),
  }
}
