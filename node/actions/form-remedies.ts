import type { CatalogRefusalCode } from '#schemas/catalog/refusals.ts'
import type { Text } from '#schemas/refusals/entry.ts'

/** What to do about a rule where a form is filled in: the catalogue's own remedies name the keys of a META file. */
export const FORM_REMEDIES: { readonly [C in CatalogRefusalCode]?: Text } = {
  THEME_REQUIRED: { zh: '请选择一个主题', en: 'Choose a theme' },
  DISCLOSURE_WITHHELD: {
    zh: '请把内部级别改为“公开”并选择可共享的类型，或更正法定依据',
    en: 'Make it public and shared, or correct the legal basis',
  },
  OWNERS_REQUIRED: { zh: '请至少勾选一个本单位以外的所有者', en: 'Tick at least one owner beside yourselves' },
  OWNERS_UNEXPECTED: { zh: '请清空所有者，或把所有权改为共同所有', en: 'Clear the owners, or make it jointly owned' },
  OWNER_INVALID: { zh: '所有者须是成员单位，请核对', en: 'Owners are members: check them' },
  PLATFORM_RESERVED: { zh: '请改为来源协会所有或共同所有', en: 'Choose its source, or joint ownership' },
  PRICE_PHASE: { zh: '请取消收费，待全面推广阶段再定价', en: 'Make it free until the roll-out phase' },
  PRICE_LEGAL_BASIS: { zh: '请取消收费，或更正法定依据', en: 'Make it free, or correct the legal basis' },
  PRICE_CLASS: { zh: '请取消收费', en: 'Make it free' },
  PRICE_INVALID: {
    zh: '金额为大于零、最多两位小数的数，币种为三个大写字母（如 CNY）',
    en: 'An amount above zero with at most two decimals, a currency of three capitals (CNY)',
  },
  PERMIT_REQUIRED: { zh: '请填写批准机关、文号、表号和有效期', en: 'Give authority, number, form and validity' },
  PERMIT_INVALID: { zh: '请写成 2026-12-31 的样子', en: 'Write it like 2026-12-31' },
  SAMPLE_CLASSIFICATION: { zh: '请取消公开样例', en: 'Leave the public sample out' },
  SAMPLE_SHARING: { zh: '请取消公开样例', en: 'Leave the public sample out' },
}
