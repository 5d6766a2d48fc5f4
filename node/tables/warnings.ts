import type { Text } from '#schemas/refusals/entry.ts'

/** Something a person should know of a column or sheet that is no error; `count` cells, the first in row `row`. */
export interface TableWarning {
  readonly kind: keyof typeof WARNINGS
  readonly column: string
  readonly count: number
  readonly row: number
  readonly message: Text
}

/** Warnings by kind, with what they say. */
export const WARNINGS = {
  'full-width': {
    zh: '含有全角数字，按文本处理；如为数值请改用半角',
    en: 'has full-width digits and is taken as text; use half-width digits for numbers',
  },
  'unit-suffix': {
    zh: '数值后带有单位（万、亿、%），按文本处理；建议把单位写进列名',
    en: 'has numbers with a unit (万, 亿, %) and is taken as text; better put the unit in the header',
  },
  'number-as-text': {
    zh: '部分数字以文本形式存储，仍按数值处理',
    en: 'has numbers stored as text; they still count as numbers',
  },
  'merged-cells': {
    zh: '数据区有合并单元格，只有左上角的单元格有值',
    en: 'has merged cells below the header: only the upper left cell holds a value',
  },
  'other-sheets': {
    zh: '工作簿有多个工作表，只检查了数据最多的可见工作表',
    en: 'has several sheets: only the visible one with the most data is checked',
  },
  'no-rows': { zh: '只有表头，没有数据行', en: 'There is a header but no row of data' },
  'not-rows': {
    zh: '是 JSON，但不是记录的数组（[{…}, {…}]），按原样发布，内容不检查',
    en: 'It is JSON but no array of records ([{…}, {…}]): it is published as it is, its content unchecked',
  },
} as const satisfies Record<string, Text>

/** A warning with its sentence, or one that says more of this very file. */
export function tableWarning(
  kind: keyof typeof WARNINGS,
  column: string,
  count: number,
  row: number,
  message: Text = WARNINGS[kind],
): TableWarning {
  return { kind, column, count, row, message }
}
