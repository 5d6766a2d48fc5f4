import type { Problem } from '#schemas/refusal.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import { REFUSALS, type RefusalCode } from '#schemas/refusals.ts'
import { type Lang, pick } from '../pages/language.ts'

/** What to do about a refusal where somebody sits before a page: the catalogue's own remedies name commands. */
const REMEDIES: { readonly [C in RefusalCode]?: Text } = {
  REASON_REQUIRED: { zh: '请在“理由”一栏写明理由', en: 'Write it under “Reason”' },
  BODY_INVALID: { zh: '请修改后重新提交', en: 'Mend it and send the form again' },
  OPERATOR_UNKNOWN: {
    zh: '请由系统管理员在“管理员”页面增加',
    en: 'Have an administrator add them under “Operators”',
  },
  OPERATOR_REQUIRED: { zh: '请重新进入管理台', en: 'Enter the console anew' },
  STAFF_UNKNOWN: {
    zh: '请由管理节点的人在“工作人员”页面核对，需要时重新签发证书',
    en: 'Have whoever runs the node look at “Staff”, and issue a new certificate where needed',
  },
  DATASET_UNKNOWN: { zh: '请在目录中查找', en: 'Look for it in the catalogue' },
  REQUEST_UNKNOWN: { zh: '请在“申请与协议”中查看', en: 'Look under “Requests and agreements”' },
  AGREEMENT_UNKNOWN: { zh: '请在协议列表中查看', en: 'Look in the list of agreements' },
  CERTIFICATE_PROFILE: {
    zh: '请使用按规范签发的证书；节点证书可在节点工作台的“运行状况”中更新',
    en: 'Use a certificate issued by the rules; a node renews its own under “Health” of its console',
  },
  CERTIFICATE_EXPIRED: {
    zh: '节点证书：在节点工作台的“运行状况”中更新，过期超过 90 天须向共享中心索取新接入码；个人证书：请重新签发',
    en: "A node's: renew it under “Health” of its console, more than 90 days after its end ask the hub for a new code; a person's: have a new one issued",
  },
  SPONSOR_REQUIRED: {
    zh: '请担保协会在节点工作台的“担保关联单位”中担保',
    en: 'Ask an association to sponsor it in the console of its node',
  },
}

/** Rules that a form's field may break, by keyword of its schema. */
const RULES: Readonly<Record<string, Text>> = {
  required: { zh: '请填写此项', en: 'Please fill this in' },
  minLength: { zh: '请填写此项', en: 'Please fill this in' },
  maxLength: { zh: '太长了，请缩短', en: 'Too long: please shorten it' },
  pattern: { zh: '写法不对，请检查', en: 'Not written in the form asked for' },
  type: { zh: '写法不对，请检查', en: 'Not written in the form asked for' },
  enum: { zh: '请从列出的选项中选择', en: 'Choose one of the options' },
  minimum: { zh: '数值太小', en: 'The number is too small' },
  maximum: { zh: '数值太大', en: 'The number is too large' },
  minItems: { zh: '请至少选择一项', en: 'Choose at least one' },
  maxItems: { zh: '太多了，请减少', en: 'Too many: please leave some out' },
  uniqueItems: { zh: '有重复，请去掉', en: 'Something is named twice' },
  'a whole number': { zh: '请填写整数', en: 'A whole number is asked for' },
  'a day and a time': { zh: '请填写日期和时间', en: 'A day and a time are asked for' },
  'a file': { zh: '请选择文件', en: 'Please choose a file' },
}

/** What fields of forms are called, by the last names of their JSON pointers. */
const FIELDS: Readonly<Record<string, Text>> = {
  'title/zh': { zh: '标题（中文）', en: 'Title (Chinese)' },
  'title/en': { zh: '标题（英文）', en: 'Title (English)' },
  'body/zh': { zh: '正文（中文）', en: 'Text (Chinese)' },
  'body/en': { zh: '正文（英文）', en: 'Text (English)' },
  slug: { zh: '短名', en: 'Short name' },
  order: { zh: '次序', en: 'Order' },
  name: { zh: '名称', en: 'Name' },
  member: { zh: '统一社会信用代码', en: 'Credit code' },
  class: { zh: '类别', en: 'Class' },
  role: { zh: '角色', en: 'Role' },
  reason: { zh: '理由', en: 'Reason' },
  since: { zh: '时间', en: 'Time' },
  until: { zh: '期限', en: 'Until' },
  purpose: { zh: '用途', en: 'Purpose' },
  pulls: { zh: '调取次数', en: 'Number of pulls' },
  file: { zh: '文件', en: 'File' },
}

/** What a page needs of a refusal. */
export type Told = Pick<Problem, 'code' | 'detail' | 'remedy' | 'rule'> & { readonly field?: unknown }

/** Why, as a page says it: which field of the form, and what about it. */
export function sayDetail(lang: Lang, problem: Told): string {
  const said = sayRule(lang, problem)
  if (said === undefined) return pick(lang, problem.detail)
  const label = labelOf(lang, String(problem.field))
  if (label === undefined) return said
  return lang === 'zh' ? `${label}：${said}` : `${label}: ${said}`
}

/** The same where it stands at the field itself. */
export function sayAtField(lang: Lang, problem: Told): string {
  return sayRule(lang, problem) ?? pick(lang, problem.detail)
}

/** What to do, as a page says it; a refusal that brings its own remedy knows best. */
export function sayRemedy(lang: Lang, { code, remedy }: Told): string {
  const known = code as RefusalCode
  return pick(lang, (remedy === REFUSALS[known]?.remedy && REMEDIES[known]) || remedy)
}

/** Only where a field broke a rule of its schema: sentences of their own stay. */
function sayRule(lang: Lang, { rule, field }: Told): string | undefined {
  const said = typeof field === 'string' && Object.hasOwn(RULES, rule) ? RULES[rule] : undefined
  return said === undefined ? undefined : pick(lang, said)
}

function labelOf(lang: Lang, pointer: string): string | undefined {
  const words = pointer.split('/').filter((word) => word !== '' && !/^\d+$/.test(word))
  const label = FIELDS[words.slice(-2).join('/')] ?? FIELDS[words.at(-1) ?? '']
  return label === undefined ? undefined : pick(lang, label)
}
