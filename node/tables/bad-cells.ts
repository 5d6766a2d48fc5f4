import type { Text } from '#schemas/refusals/entry.ts'
import { type Cell, type Column, cellText } from './cells.ts'

const MAX_SHOWN_CHARACTERS = 80

/** One finding: row from 1 as the spreadsheet shows it (header included), column, rule, the value cut to 80 characters. */
export interface BadCell {
  readonly row: number
  readonly column: Column
  readonly rule: Rule
  readonly value: string
  readonly message: Text
}

/** What each rule says; `{value}` is the cell, `{expected}` what the schema asks for. */
const RULES = {
  type: { zh: '“{value}”不是{expected}', en: '"{value}" is not {expected}' },
  required: { zh: '此列必须填写', en: 'The cell must not be empty' },
  unique: { zh: '“{value}”与前面的行重复', en: '"{value}" occurs in an earlier row' },
  'primary-key': { zh: '主键“{value}”与前面的行重复', en: 'The key "{value}" occurs in an earlier row' },
  minimum: { zh: '“{value}”小于下限 {expected}', en: '"{value}" is below {expected}' },
  maximum: { zh: '“{value}”大于上限 {expected}', en: '"{value}" is above {expected}' },
  minLength: { zh: '“{value}”短于 {expected} 个字符', en: '"{value}" is shorter than {expected} characters' },
  maxLength: { zh: '“{value}”长于 {expected} 个字符', en: '"{value}" is longer than {expected} characters' },
  enum: { zh: '“{value}”不在可选值之内', en: '"{value}" is none of the allowed values' },
  'extra-cell': { zh: '“{value}”在表头之外', en: '"{value}" lies beyond the header' },
  'missing-cell': { zh: '这一行的列数比表头少', en: 'The row has fewer cells than the header' },
  'header-blank': { zh: '列名为空', en: 'The column has no name' },
  'header-duplicate': { zh: '列名“{value}”重复', en: 'The column name "{value}" occurs twice' },
  'header-missing': { zh: '缺少列“{expected}”', en: 'The column "{expected}" is missing' },
  'header-extra': { zh: '表结构里没有列“{value}”', en: 'The schema has no column "{value}"' },
} as const satisfies Record<string, Text>

/** Names of the rules a cell can break. */
export type Rule = keyof typeof RULES

/** Types as a person calls them. */
export const TYPE_NAMES = {
  string: { zh: '文本', en: 'text' },
  integer: { zh: '整数', en: 'a whole number' },
  number: { zh: '数值', en: 'a number' },
  boolean: { zh: '是非值', en: 'yes or no' },
  date: { zh: '日期', en: 'a date' },
  datetime: { zh: '日期时间', en: 'a date and time' },
  year: { zh: '年份', en: 'a year' },
  yearmonth: { zh: '年月（如 2025-06）', en: 'a month (such as 2025-06)' },
  any: { zh: '任意值', en: 'anything' },
} as const satisfies Record<string, Text>

/** Where a finding is and what it is about; `expected` may differ between the languages. */
export interface Finding {
  readonly row: number
  readonly column: Column
  readonly rule: Rule
  readonly cell?: Cell
  readonly expected?: Text
}

/** Collects findings: all are counted, the first `most` are kept with their sentences. */
export interface Findings {
  add(finding: Finding): void
  readonly listed: readonly BadCell[]
  readonly count: number
}

/** An empty collection that keeps at most `most`. */
export function collectFindings(most: number): Findings {
  const listed: BadCell[] = []
  let count = 0
  return {
    add(finding) {
      count += 1
      if (listed.length < most) listed.push(describe(finding))
    },
    listed,
    get count() {
      return count
    },
  }
}

function describe({ row, column, rule, cell = null, expected = { zh: '', en: '' } }: Finding): BadCell {
  const value = shorten(cellText(cell))
  const fill = (text: string, wanted: string) =>
    text.replace('{expected}', () => wanted).replace('{value}', () => value)
  const message = { zh: fill(RULES[rule].zh, expected.zh), en: fill(RULES[rule].en, expected.en) }
  return { row, column: { name: shorten(column.name), letter: column.letter }, rule, value, message }
}

/** A text as pages and findings show it: at most 80 characters. */
export function shorten(text: string): string {
  const characters = Array.from(text.slice(0, 2 * MAX_SHOWN_CHARACTERS))
  return characters.length > MAX_SHOWN_CHARACTERS || text.length > 2 * MAX_SHOWN_CHARACTERS
    ? `${characters.slice(0, MAX_SHOWN_CHARACTERS).join('')}…`
    : text
}
