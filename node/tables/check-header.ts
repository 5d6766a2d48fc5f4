import type { Findings } from './bad-cells.ts'
import { type Cell, type Column, columnLetter, NO_COLUMN, type TableRow } from './cells.ts'
import type { TableSchema } from './table-schema.ts'

/** Adds what is wrong with the header: names that are blank or twice, columns the schema lacks or misses. */
export function checkHeader(
  columns: readonly Column[],
  row: number,
  schema: TableSchema | undefined,
  findings: Findings,
): void {
  const names = new Set<string>()
  for (const column of columns) {
    if (column.name === '') findings.add({ row, column, rule: 'header-blank' })
    else if (names.has(column.name)) findings.add({ row, column, rule: 'header-duplicate', cell: column.name })
    names.add(column.name)
  }
  if (schema === undefined) return
  const known = new Set(schema.fields.flatMap(({ name, title }) => (title === undefined ? [name] : [name, title])))
  for (const column of columns) {
    if (column.name !== '' && !known.has(column.name))
      findings.add({ row, column, rule: 'header-extra', cell: column.name })
  }
  for (const { name, title } of schema.fields) {
    if (names.has(name) || (title !== undefined && names.has(title))) continue
    findings.add({ row, column: NO_COLUMN, rule: 'header-missing', expected: { zh: name, en: name } })
  }
}

/** Adds cells beyond the header, and for CSV a row that ends before it. */
export function checkWidth(
  { number, cells }: TableRow,
  columns: readonly Column[],
  ragged: boolean,
  findings: Findings,
): void {
  const firstLetterAfter = (index: number) => letterAt(columns, index)
  for (let index = columns.length; index < cells.length; index++) {
    const cell: Cell = cells[index] ?? null
    if (cell === null || cell === '') continue
    findings.add({ row: number, column: { name: '', letter: firstLetterAfter(index) }, rule: 'extra-cell', cell })
    break
  }
  const missing = ragged && cells.length < columns.length ? columns[cells.length] : undefined
  if (missing !== undefined) findings.add({ row: number, column: missing, rule: 'missing-cell' })
}

/** Letters go on after the last column, which need not be the sheet's own count: a table may begin in column C. */
function letterAt(columns: readonly Column[], index: number): string {
  const last = columns.at(-1)?.letter ?? ''
  const number = Array.from(last).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0)
  return columnLetter(number + index - columns.length)
}
