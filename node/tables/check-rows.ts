import { createHash } from 'node:crypto'
import type { Text } from '#schemas/refusals/entry.ts'
import { type Findings, TYPE_NAMES } from './bad-cells.ts'
import { type Cell, type Column, cellText, NO_COLUMN, type TableRow } from './cells.ts'
import { type CompiledField, compileField, type Value } from './field-types.ts'
import type { CellTypes } from './table.ts'
import { keyFields, type TableSchema } from './table-schema.ts'

/** Values longer than this are remembered by their SHA-256 when uniqueness is checked. */
const MAX_REMEMBERED_CHARACTERS = 64

/** Checks rows one by one and adds what is wrong to the findings. */
export interface RowChecker {
  checkRow(row: TableRow): void
}

/** A field with the place of its column in the rows; `place` −1: the file has no such column. */
interface PlacedField {
  readonly compiled: CompiledField
  readonly column: Column
  readonly place: number
}

/**
 * Prepares a schema for the columns of a table, matched by name or title in any order. `columns` may still grow
 * (JSON rows): a field whose column has not been seen yet is missing in the rows so far.
 */
export function createRowChecker(
  schema: TableSchema,
  columns: readonly Column[],
  findings: Findings,
  cellTypes: CellTypes,
): RowChecker {
  const typed = cellTypes === 'strict'
  const compiled = schema.fields.map((field, index) =>
    compileField(field, { index, missingValues: schema.missingValues, typed }),
  )
  const seen = compiled.map(() => new Set<string>())
  const keys = new Set<string>()
  const keyNames = new Set(keyFields(schema))
  let placed: readonly PlacedField[] = []
  let known = -1

  function checkRow({ number, cells }: TableRow): void {
    if (known !== columns.length) placed = compiled.map((field) => placeField(field, columns))
    known = columns.length
    const key: string[] = []
    for (const [index, { compiled: field, column, place }] of placed.entries()) {
      // A column that the header lacks is reported once, there; columns of JSON may still come.
      if (place < 0 && !typed) continue
      // A row of CSV that ends early is reported once, as such.
      if (cellTypes === 'none' && place >= cells.length) continue
      const cell = (place < 0 ? null : cells[place]) ?? null
      const required = field.field.constraints?.required === true || keyNames.has(field.field.name)
      if (keyNames.has(field.field.name)) key.push(cellText(cell))
      if (field.isMissing(cell)) {
        if (required) findings.add({ row: number, column, rule: 'required', cell })
        continue
      }
      const value = field.read(cell)
      if (value === undefined) findings.add({ row: number, column, rule: 'type', cell, expected: typeName(field) })
      else checkConstraints(field, value, { row: number, column, cell }, findings, seen[index] ?? new Set())
    }
    if (key.length > 0 && key.length === keyNames.size && isRepeated(keys, JSON.stringify(key))) {
      findings.add({
        row: number,
        column: placed.find(({ compiled: { field } }) => keyNames.has(field.name))?.column ?? NO_COLUMN,
        rule: 'primary-key',
        cell: key.join('，'),
      })
    }
  }
  return { checkRow }
}

function placeField(compiled: CompiledField, columns: readonly Column[]): PlacedField {
  const { name, title } = compiled.field
  const byName = columns.findIndex((column) => column.name === name)
  const place = byName < 0 && title !== undefined ? columns.findIndex((column) => column.name === title) : byName
  return { compiled, place, column: columns[place] ?? { name, letter: '' } }
}

function checkConstraints(
  { field, type, read }: CompiledField,
  value: Value,
  at: { readonly row: number; readonly column: Column; readonly cell: Cell },
  findings: Findings,
  seen: Set<string>,
): void {
  const { unique, minimum, maximum, minLength, maxLength, enum: allowed } = field.constraints ?? {}
  const same = (text: string | number): Text => ({ zh: String(text), en: String(text) })
  if (minimum !== undefined && !(value >= (read(minimum) ?? Number.NaN)))
    findings.add({ ...at, rule: 'minimum', expected: same(minimum) })
  if (maximum !== undefined && !(value <= (read(maximum) ?? Number.NaN)))
    findings.add({ ...at, rule: 'maximum', expected: same(maximum) })
  if (type === 'string' && (minLength !== undefined || maxLength !== undefined)) {
    const length = Array.from(String(value)).length
    if (minLength !== undefined && !(length >= minLength))
      findings.add({ ...at, rule: 'minLength', expected: same(minLength) })
    if (maxLength !== undefined && !(length <= maxLength))
      findings.add({ ...at, rule: 'maxLength', expected: same(maxLength) })
  }
  if (allowed !== undefined && !allowed.some((one) => read(one) === value)) findings.add({ ...at, rule: 'enum' })
  if (unique === true && isRepeated(seen, String(value))) findings.add({ ...at, rule: 'unique' })
}

function isRepeated(seen: Set<string>, text: string): boolean {
  const remembered =
    text.length <= MAX_REMEMBERED_CHARACTERS ? text : createHash('sha256').update(text).digest('latin1')
  if (seen.has(remembered)) return true
  seen.add(remembered)
  return false
}

function typeName({ type, field }: CompiledField): Text {
  const format = field.format === undefined || field.format === 'default' ? '' : ` (${field.format})`
  const { zh, en } = TYPE_NAMES[type]
  return { zh: `${zh}${format}`, en: `${en}${format}` }
}
