import type { CatalogField, CatalogRecord } from '#schemas/catalog/record.ts'
import { CLASSIFICATIONS } from '#schemas/codes/classifications.ts'
import { CONTENT_CLASSES } from '#schemas/codes/content-classes.ts'
import { findIndustryLabel } from '#schemas/codes/industries.ts'
import type { Label } from '#schemas/codes/label.ts'
import { LEGAL_BASES } from '#schemas/codes/legal-bases.ts'
import { MEMBER_CLASS_LABELS } from '#schemas/codes/member-classes.ts'
import { OWNERSHIP } from '#schemas/codes/ownership.ts'
import { PERIODICITIES } from '#schemas/codes/periodicities.ts'
import { findRegionLabel } from '#schemas/codes/regions.ts'
import { SHARING } from '#schemas/codes/sharing.ts'
import { THEMES } from '#schemas/codes/themes.ts'
import { type Html, html } from '../pages/html.ts'
import { type Lang, langOf, pick, type Say, sayIn } from '../pages/language.ts'
import { showBytes, showDay } from '../pages/show.ts'
import { nameFieldType, nameFormat } from '../texts/table-words.ts'
import { table } from './table.ts'
import { emptyState, facts } from './words.ts'

/** What stands beside an entry: names that it gives as codes only. */
export interface DatasetContext {
  /** The member that publishes it; a link where there is a page to go to. */
  readonly provider: Html
  /** JOINT: all owners. */
  readonly owners?: Html
  /** 信息资源代码, once the catalogue's keeper has given one. */
  readonly resourceCode?: string | undefined
  /** 关联资源: links, or codes. */
  readonly related?: Html
}

/** The entry under the official item names of 政务信息资源目录编制指南, in the guide's order; items of this platform follow. */
export function datasetFacts(lang: Lang, record: CatalogRecord, context: DatasetContext): Html {
  const t = sayIn(lang)
  const { meta } = record
  return facts([
    [t('信息资源分类', 'Category'), categoryOf(lang, record)],
    [t('信息资源名称', 'Name'), html`<span lang=${langOf(lang, meta.title)}>${pick(lang, meta.title)}</span>`],
    [t('信息资源代码', 'Resource code'), context.resourceCode],
    [t('信息资源提供方', 'Provider'), context.provider],
    [t('提供方代码', 'Provider code'), record.member],
    [
      t('信息资源摘要', 'Abstract'),
      meta.description &&
        html`<div lang=${langOf(lang, meta.description)}>${paragraphs(pick(lang, meta.description))}</div>`,
    ],
    [
      t('信息资源格式', 'Format'),
      [...new Set(record.files.map(({ mediaType }) => nameFormat(lang, mediaType)))].join(t('、', ', ')),
    ],
    [t('共享类型', 'Sharing'), pick(lang, SHARING[meta.sharing])],
    [t('共享条件', 'Condition'), conditionOf(t, lang, record)],
    [t('更新周期', 'Updated'), pick(lang, PERIODICITIES[meta.periodicity])],
    [t('发布日期', 'Issued'), showDay(lang, record.issued)],
    [t('关联资源', 'Related'), context.related],
    [t('所属时期', 'Period'), meta.period && `${meta.period.from} ${t('至', 'to')} ${meta.period.to}`],
    [t('所属行业', 'Industries'), namesOf(lang, meta.industries, findIndustryLabel) || t('未填写', 'Not given')],
    [t('地区', 'Region'), namesOf(lang, [meta.region], findRegionLabel)],
    [t('关键词', 'Keywords'), meta.keywords?.join(t('、', ', '))],
    [t('内部级别', 'Confidentiality'), pick(lang, CLASSIFICATIONS[meta.classification])],
    [t('法定依据', 'Legal basis'), pick(lang, LEGAL_BASES[meta.legalBasis])],
    [t('所有权', 'Ownership'), pick(lang, OWNERSHIP[meta.ownership])],
    [t('所有者', 'Owners'), meta.ownership === 'JOINT' && context.owners],
    [t('调查许可', 'Survey permit'), permitOf(t, record)],
    [t('责任单位', 'Responsible'), responsibleOf(t, record)],
    [
      t('数据量', 'Size'),
      `${showBytes(lang, record.bytes)}${t('，', ', ')}${record.files.length}${t(' 个文件', record.files.length === 1 ? ' file' : ' files')}`,
    ],
  ])
}

/** 信息项: the columns of the table, with what they mean. */
export function fieldTable(lang: Lang, fields: readonly CatalogField[]): Html {
  const t = sayIn(lang)
  const described = fields.some(({ description }) => description !== undefined)
  return table({
    caption: t('信息项', 'Fields'),
    stacked: true,
    rows: fields,
    empty: emptyState(
      t('没有信息项', 'No fields'),
      t('文件不是表格，所以没有列的说明。', 'The files are no tables, so there are no columns to describe.'),
    ),
    columns: [
      { head: t('信息项名称', 'Field'), kind: 'row', cell: ({ name, title }) => title ?? name },
      { head: t('列名', 'Column'), cell: ({ name }) => name },
      { head: t('数据类型', 'Type'), cell: ({ type }) => nameFieldType(lang, type) },
      ...(described
        ? [
            {
              head: t('说明', 'Meaning'),
              cell: ({ description }: CatalogField) => description ?? '',
            },
          ]
        : []),
    ],
  })
}

/** Who may have the data and how, in a sentence or two that a clerk understands. */
export function rightsInWords(lang: Lang, { meta }: Pick<CatalogRecord, 'meta'>): Html {
  const t = sayIn(lang)
  const audience = meta.audience.map((one) => pick(lang, MEMBER_CLASS_LABELS[one])).join(t('、', ', '))
  const sentences = {
    unconditional: t(
      `${audience}提出申请即可调取，无需逐次同意。`,
      `Open to ${audience}: whoever asks may pull at once, nobody has to consent each time.`,
    ),
    conditional: t(
      `${audience}可以申请；每一份申请须经提供方同意，再由共享中心审批。`,
      `Open to requests from ${audience}; each needs the provider's consent and then the hub's approval.`,
    ),
    none: t('只公布目录，不提供数据。', 'Only this description is public; the data are not provided.'),
  }
  const price = meta.price
  return html`<div class="stack tight">
    <p>${sentences[meta.sharing]}</p>
    ${meta.sensitive && html`<p>${t('内容敏感，须经共享中心两人审批。', 'The content is sensitive: two operators of the hub must approve.')}</p>`}
    ${price !== undefined && html`<p>${t(`有偿：${price.amount} ${price.currency}／${price.unit}。`, `Priced: ${price.amount} ${price.currency} per ${price.unit}.`)}</p>`}
    ${price === undefined && meta.sharing !== 'none' && html`<p>${t('无偿共享。', 'Free of charge.')}</p>`}
  </div>`
}

/** Files of the newest version, as they will be received. */
export function fileTable(lang: Lang, files: CatalogRecord['files']): Html {
  const t = sayIn(lang)
  return table({
    caption: t('文件', 'Files'),
    rows: files,
    columns: [
      { head: t('文件名', 'Name'), kind: 'row', cell: ({ path }) => path },
      { head: t('格式', 'Format'), cell: ({ mediaType }) => nameFormat(lang, mediaType) },
      { head: t('大小', 'Size'), kind: 'number', cell: ({ bytes }) => showBytes(lang, bytes) },
    ],
  })
}

/** Text of several lines as paragraphs. */
export function paragraphs(text: string): Html {
  return text.split(/\n+/).map((line) => html`<p>${line}</p>`)
}

function categoryOf(lang: Lang, { meta }: CatalogRecord): string {
  const parts = [CONTENT_CLASSES[meta.contentClass], ...(meta.theme === undefined ? [] : [THEMES[meta.theme]])]
  return parts.map((part) => pick(lang, part)).join(' › ')
}

function conditionOf(t: Say, lang: Lang, { meta }: CatalogRecord): string {
  if (meta.sharing === 'none') return t('仅公布目录', 'Description only')
  return meta.audience.map((one) => pick(lang, MEMBER_CLASS_LABELS[one])).join(t('、', ', '))
}

function namesOf(lang: Lang, codes: readonly string[], find: (code: string) => Label | undefined): string {
  return codes
    .map((code) => {
      const label = find(code)
      return label === undefined ? code : `${pick(lang, label)}${lang === 'zh' ? `（${code}）` : ` (${code})`}`
    })
    .join(lang === 'zh' ? '、' : ', ')
}

function permitOf(t: Say, { meta: { permit } }: CatalogRecord): Html {
  if (permit === undefined) return undefined
  return t(
    `${permit.authority}，${permit.number}，表号 ${permit.form}，有效期至 ${permit.until}`,
    `${permit.authority}, ${permit.number}, form ${permit.form}, valid until ${permit.until}`,
  )
}

function responsibleOf(t: Say, { meta: { responsible } }: CatalogRecord): string {
  return [responsible.unit, responsible.person, responsible.contact].filter(Boolean).join(t('，', ', '))
}
