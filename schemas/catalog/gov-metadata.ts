import { CLASSIFICATIONS } from '../codes/classifications.ts'
import { CONTENT_CLASSES } from '../codes/content-classes.ts'
import { LEGAL_BASES } from '../codes/legal-bases.ts'
import { MEMBER_CLASS_LABELS } from '../codes/member-classes.ts'
import { PERIODICITIES } from '../codes/periodicities.ts'
import { SHARING } from '../codes/sharing.ts'
import { THEMES } from '../codes/themes.ts'
import type { Meta } from './meta.ts'
import type { CatalogRecord } from './record.ts'

/** Format groups of 政务信息资源目录编制指南(试行) by media type; what is not listed is 电子文件. */
const FORMAT_GROUPS: Readonly<Record<string, string>> = {
  'text/csv': '电子表格',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': '电子表格',
  'application/vnd.ms-excel': '电子表格',
  'application/json': '自描述格式',
  'application/xml': '自描述格式',
  'application/vnd.apache.parquet': '数据库',
  'image/png': '图形图像',
  'image/jpeg': '图形图像',
}

/** What the guide asks besides the entry: who provides it, and the code the catalog's keeper assigned, if any. */
export interface GovContext {
  readonly memberName: string
  /** 信息资源代码, from {@link toResourceCode}; not the dataset id. */
  readonly resourceCode?: string | undefined
}

/**
 * Core metadata (核心元数据) of 政务信息资源目录编制指南(试行) (2017) and GB/T 21063.3-2007, in the guide's order and words,
 * with the items that this platform adds at the end. Local profiles differ in names, not in this core.
 */
export function toGovMetadata(
  record: CatalogRecord,
  { memberName, resourceCode }: GovContext,
): Record<string, unknown> {
  const { meta } = record
  return {
    信息资源分类: {
      类: '部门信息资源类',
      项: memberName,
      目: CONTENT_CLASSES[meta.contentClass].zh,
      细目: themeOf(meta),
    },
    信息资源名称: meta.title.zh,
    信息资源代码: resourceCode ?? '',
    信息资源提供方: memberName,
    信息资源提供方代码: record.member,
    信息资源摘要: meta.description?.zh ?? meta.title.zh,
    信息资源格式: [...new Set(record.files.map(({ mediaType }) => formatOf(mediaType)))],
    信息项信息: (record.fields ?? []).map(({ name, title, type }) => ({ 信息项名称: title ?? name, 数据类型: type })),
    共享属性: {
      共享类型: SHARING[meta.sharing].zh,
      共享条件: conditionOf(meta),
      共享方式: meta.sharing === 'none' ? '' : '共享平台方式',
    },
    开放属性: { 是否向社会开放: '否', 开放条件: '' },
    更新周期: PERIODICITIES[meta.periodicity].zh,
    发布日期: beijingDay(record.issued),
    关联资源代码: Object.values(meta.relations ?? {}).flat(),
    涉密属性: '非涉密',
    内部级别: CLASSIFICATIONS[meta.classification].zh,
    法定依据: LEGAL_BASES[meta.legalBasis].zh,
    责任单位: meta.responsible.unit,
  }
}

/**
 * 信息资源代码 of the guide: 类 1 digit, 项 2, 目 3, 细目 of any length, then `/` and a running number of any length. Here 类 is 3
 * (部门), 项 the content class, 目 the theme (000 without one), 细目 `memberNumber`, which the catalog's keeper gave the member for
 * good, and `sequence` its running number among that member's datasets, from 1 and never given twice.
 */
export function toResourceCode(
  meta: Pick<Meta, 'contentClass' | 'theme'>,
  memberNumber: number,
  sequence: number,
): string {
  const theme = Object.keys(THEMES).indexOf(meta.theme ?? '') + 1
  return `3${digits(meta.contentClass, 2)}${digits(theme, 3)}${digits(memberNumber, 4)}/${digits(sequence, 6)}`
}

function conditionOf(meta: Meta): string {
  if (meta.sharing === 'none') return '仅公布目录，不提供数据'
  const audience = meta.audience.map((one) => MEMBER_CLASS_LABELS[one].zh).join('、')
  const consent = meta.sharing === 'conditional' ? '；经提供方同意并由共享中心审批' : ''
  const price =
    meta.price === undefined ? '' : `；有偿：${meta.price.amount} ${meta.price.currency}／${meta.price.unit}`
  return `${audience}可申请${consent}${price}`
}

/** A media type may carry parameters: `text/csv; charset=gb18030`. */
function formatOf(mediaType: string): string {
  return FORMAT_GROUPS[mediaType.split(';', 1)[0] ?? ''] ?? '电子文件'
}

function themeOf(meta: Meta): string {
  return meta.theme === undefined ? '' : THEMES[meta.theme].zh
}

function beijingDay(time: string): string {
  return Temporal.Instant.from(time).toZonedDateTimeISO('+08:00').toPlainDate().toString()
}

function digits(number: number, length: number): string {
  return String(number).padStart(length, '0')
}
