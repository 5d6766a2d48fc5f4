import { steps } from '#web/components/navigation.ts'
import { linkButton, submitButton } from '#web/components/words.ts'
import { type Html, html } from '#web/pages/html.ts'
import type { Page } from '#web/pages/page.ts'
import type { Visit } from '#web/pages/visit.ts'
import { checkForm, type FieldProblem, textOf } from '../actions/draft-meta.ts'
import type { Draft } from '../store/drafts.ts'
import type { NodePagesDeps } from './node-pages.ts'

/** The steps of publishing, in order; each is a page under `/publish/:draft/`. */
export const STEPS = ['files', 'table', 'about', 'rights', 'preview', 'sign'] as const
export type Step = (typeof STEPS)[number]

export function stepPath(draft: Pick<Draft, 'id'>, step: Step): string {
  return `/publish/${draft.id}/${step}`
}

/** A step's page: where one stands, the step's own body, and its scripts. */
export function stepPage(
  visit: Visit,
  draft: Draft,
  step: Step,
  { body, ...rest }: Partial<Page> & { body: Html },
): Page {
  const { t, href } = visit
  const names = [
    t('选择文件', 'Files'),
    t('核对表格', 'Check the table'),
    t('填写目录信息', 'Describe'),
    t('共享与权利', 'Sharing'),
    t('预览', 'Preview'),
    t('签名发布', 'Sign and publish'),
  ]
  const at = STEPS.indexOf(step)
  return {
    title: names[at] ?? '',
    crumbs: [
      { text: t('发布数据', 'Publish'), href: href('/publish') },
      { text: nameDraft(visit, draft), href: href(stepPath(draft, 'files')) },
      { text: names[at] ?? '' },
    ],
    body: html`${steps(t('发布步骤', 'Steps of publishing'), names, at)}${body}`,
    ...rest,
  }
}

/** Back and on, at the foot of a step's form. */
export function stepButtons(visit: Visit, draft: Draft, step: Step, on: string): Html {
  const before = STEPS[STEPS.indexOf(step) - 1]
  return html`<div class="cluster step-buttons">
    ${submitButton(on)}
    ${submitButton(visit.t('保存，以后再继续', 'Save and go on later'), { kind: 'plain', name: 'later', value: 'yes' })}
    ${before !== undefined && linkButton(visit.href(stepPath(draft, before)), visit.t('上一步', 'Back'), 'quiet')}
  </div>`
}

/** What a draft is called in lists: its title, else its file, else when it was begun. */
export function nameDraft({ t }: Visit, draft: Draft): string {
  return textOf(draft.form, 'titleZh') ?? draft.files[0]?.name ?? t('未命名的草稿', 'Untitled draft')
}

/** Everything that still keeps a draft from being signed, with the step where it is mended. */
export interface Obstacle {
  readonly step: Step
  readonly says: string
}

export function findObstacles(visit: Visit, deps: NodePagesDeps, draft: Draft): readonly Obstacle[] {
  const { t, lang } = visit
  const files: Obstacle[] =
    draft.files.length === 0 && draft.dataset === null
      ? [{ step: 'files', says: t('还没有选择文件', 'No file has been chosen yet') }]
      : []
  const tables = draft.files.flatMap((file): Obstacle[] => {
    const look = deps.drafts.findLook(draft, file)
    if (look === undefined)
      return [{ step: 'table', says: t(`${file.name}：还没有检查`, `${file.name}: not checked yet`) }]
    if ('refused' in look) return [{ step: 'table', says: t(`${file.name}：读不了`, `${file.name}: cannot be read`) }]
    const { errorCount } = look.found
    return errorCount === 0
      ? []
      : [{ step: 'table', says: t(`${file.name}：有 ${errorCount} 处不合格`, `${file.name}: ${errorCount} bad cells`) }]
  })
  const problems = checkForm(draft.form, deps.rules()).map(
    ({ field, says }): Obstacle => ({
      step: stepOf(field),
      says: `${nameField(visit, field)}${t('：', ': ')}${lang === 'zh' ? says.zh : says.en}`,
    }),
  )
  return [...files, ...tables, ...problems]
}

/** The problem at a field, in the page's language. */
export function problemAt(visit: Visit, problems: readonly FieldProblem[], field: string): string | undefined {
  const found = problems.find((one) => one.field === field)
  return found === undefined ? undefined : visit.lang === 'zh' ? found.says.zh : found.says.en
}

/** Fields of the form by the step that asks for them. */
export const ABOUT_FIELDS = [
  'titleZh',
  'titleEn',
  'slug',
  'descriptionZh',
  'descriptionEn',
  'contentClass',
  'theme',
  'industries',
  'industriesMore',
  'region',
  'regionMore',
  'periodFrom',
  'periodTo',
  'periodicity',
  'keywords',
  'responsibleUnit',
  'responsiblePerson',
  'responsibleContact',
  'upstream',
  'downstream',
  'related',
] as const
export const RIGHTS_FIELDS = [
  'sharing',
  'audience',
  'legalBasis',
  'classification',
  'sensitive',
  'ownership',
  'owners',
  'ownersMore',
  'permitAuthority',
  'permitNumber',
  'permitForm',
  'permitUntil',
  'priced',
  'priceAmount',
  'priceCurrency',
  'priceUnit',
  'sample',
  'sampleRows',
] as const

function stepOf(field: string): Step {
  return (ABOUT_FIELDS as readonly string[]).includes(field) ? 'about' : 'rights'
}

/** Labels of the form's fields, under the item names of the official catalogue where it has one. */
export function nameField({ t }: Visit, field: string): string {
  const names: Readonly<Record<string, string>> = {
    titleZh: t('信息资源名称', 'Name (Chinese)'),
    titleEn: t('英文名称', 'Name (English)'),
    slug: t('短名', 'Short name'),
    descriptionZh: t('信息资源摘要', 'Abstract (Chinese)'),
    descriptionEn: t('英文摘要', 'Abstract (English)'),
    contentClass: t('内容类别', 'Content class'),
    theme: t('主题', 'Theme'),
    industries: t('所属行业', 'Industries'),
    industriesMore: t('更细的行业代码', 'Finer industry codes'),
    region: t('地区', 'Region'),
    regionMore: t('更细的地区代码', 'Finer region code'),
    periodFrom: t('所属时期（起）', 'Period, from'),
    periodTo: t('所属时期（止）', 'Period, to'),
    periodicity: t('更新周期', 'Updated'),
    keywords: t('关键词', 'Keywords'),
    responsibleUnit: t('责任单位', 'Responsible unit'),
    responsiblePerson: t('联系人', 'Contact person'),
    responsibleContact: t('联系方式', 'How to reach them'),
    upstream: t('上游数据集', 'Upstream datasets'),
    downstream: t('下游数据集', 'Downstream datasets'),
    related: t('关联资源', 'Related datasets'),
    sharing: t('共享类型', 'Sharing'),
    audience: t('谁可以申请', 'Who may ask'),
    legalBasis: t('法定依据', 'Legal basis'),
    classification: t('内部级别', 'Confidentiality'),
    sensitive: t('内容敏感', 'Sensitive content'),
    ownership: t('所有权', 'Ownership'),
    owners: t('共同所有者', 'Joint owners'),
    ownersMore: t('其他所有者', 'Other owners'),
    permitAuthority: t('批准机关', 'Authority'),
    permitNumber: t('批准文号', 'Number'),
    permitForm: t('表号', 'Form'),
    permitUntil: t('有效期至', 'Valid until'),
    priced: t('收费', 'Price'),
    priceAmount: t('金额', 'Amount'),
    priceCurrency: t('币种', 'Currency'),
    priceUnit: t('计价单位', 'Unit'),
    sample: t('公开样例', 'Public sample'),
    sampleRows: t('公开的行数', 'Rows made public'),
  }
  return names[field] ?? field
}
