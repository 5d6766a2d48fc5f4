import type { Text } from '#schemas/refusals/entry.ts'
import { FIELD_TYPES } from '#web/texts/table-words.ts'
import type { Field } from '../tables/table-schema.ts'

/** What a person may say a column holds: type and way of writing in one choice. */
export interface FieldKind {
  readonly id: string
  readonly name: Text
  readonly field: Omit<Field, 'name'>
}

const YES_NO = { trueValues: ['是'], falseValues: ['否'] }
const like = (name: Text, example: string): Text => ({ zh: `${name.zh}（${example}）`, en: `${name.en} (${example})` })
const { date, datetime } = FIELD_TYPES

/** Ids stay as they are: drafts on disk do not hold them, forms under way do. */
export const FIELD_KINDS: readonly FieldKind[] = [
  { id: 'string', name: FIELD_TYPES.string, field: { type: 'string' } },
  { id: 'integer', name: FIELD_TYPES.integer, field: { type: 'integer' } },
  { id: 'number', name: FIELD_TYPES.number, field: { type: 'number' } },
  { id: 'integer-grouped', name: like(FIELD_TYPES.integer, '1,234'), field: { type: 'integer', groupChar: ',' } },
  { id: 'number-grouped', name: like(FIELD_TYPES.number, '1,234.5'), field: { type: 'number', groupChar: ',' } },
  { id: 'yes-no', name: { zh: '是／否', en: 'Yes or no (是／否)' }, field: { type: 'boolean', ...YES_NO } },
  { id: 'yearmonth', name: like(FIELD_TYPES.yearmonth, '2025-06'), field: { type: 'yearmonth' } },
  {
    id: 'yearmonth-zh',
    name: like(FIELD_TYPES.yearmonth, '2025年6月'),
    field: { type: 'date', format: '%Y年%m月' },
  },
  { id: 'date', name: like(date, '2025-06-30'), field: { type: 'date' } },
  { id: 'date-slash', name: like(date, '2025/6/30'), field: { type: 'date', format: '%Y/%m/%d' } },
  { id: 'date-zh', name: like(date, '2025年6月30日'), field: { type: 'date', format: '%Y年%m月%d日' } },
  { id: 'date-plain', name: like(date, '20250630'), field: { type: 'date', format: '%Y%m%d' } },
  { id: 'year', name: like(FIELD_TYPES.year, '2025'), field: { type: 'year' } },
  {
    id: 'datetime',
    name: like(datetime, '2025-06-30 08:00'),
    field: { type: 'datetime', format: '%Y-%m-%d %H:%M' },
  },
  { id: 'any', name: FIELD_TYPES.any, field: { type: 'any' } },
]

/** The choice that a column is now; undefined for a way of writing that is none of them (it stays unless another is chosen). */
export function kindOf({ type = 'any', format, groupChar, trueValues }: Field): FieldKind | undefined {
  return FIELD_KINDS.find(
    ({ field }) =>
      field.type === type &&
      field.format === format &&
      field.groupChar === groupChar &&
      field.trueValues?.join() === trueValues?.join(),
  )
}
