import { type Lang, pick } from '../pages/language.ts'

/** Types of a table's columns as a person calls them. */
export const FIELD_TYPES = {
  string: { zh: '文本', en: 'Text' },
  integer: { zh: '整数', en: 'Whole number' },
  number: { zh: '数值', en: 'Number' },
  boolean: { zh: '是非值', en: 'Yes or no' },
  date: { zh: '日期', en: 'Date' },
  datetime: { zh: '日期时间', en: 'Date and time' },
  year: { zh: '年份', en: 'Year' },
  yearmonth: { zh: '年月', en: 'Year and month' },
  any: { zh: '不限', en: 'Anything' },
} as const

/** Forms of files by media type, parameters left out. */
const FORMATS: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  'text/csv': { zh: 'CSV 表格', en: 'CSV' },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': { zh: 'Excel 工作簿', en: 'Excel workbook' },
  'application/vnd.ms-excel': { zh: 'Excel 97–2003 工作簿', en: 'Excel 97–2003 workbook' },
  'application/json': { zh: 'JSON', en: 'JSON' },
  'application/vnd.apache.parquet': { zh: 'Parquet', en: 'Parquet' },
  'application/pdf': { zh: 'PDF', en: 'PDF' },
  'application/zip': { zh: 'ZIP 压缩包', en: 'ZIP archive' },
  'text/plain': { zh: '文本', en: 'Text' },
  'text/markdown': { zh: 'Markdown 文本', en: 'Markdown' },
  'application/octet-stream': { zh: '其他文件', en: 'Other file' },
}

export function nameFieldType(lang: Lang, type: string): string {
  return Object.hasOwn(FIELD_TYPES, type) ? pick(lang, FIELD_TYPES[type as keyof typeof FIELD_TYPES]) : type
}

export function nameFormat(lang: Lang, mediaType: string): string {
  const bare = mediaType.split(';', 1)[0] ?? ''
  return Object.hasOwn(FORMATS, bare) ? pick(lang, FORMATS[bare] as { zh: string; en: string }) : bare
}
