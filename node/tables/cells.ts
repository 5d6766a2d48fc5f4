/** A nested JSON value in a cell, kept as its JSON text. */
export interface NestedCell {
  readonly json: string
}

/** One cell as its file gives it: text where the file knows only text, `null` where there is nothing. */
export type Cell = string | number | bigint | boolean | null | NestedCell

/** A row of cells; `number` counts from 1: the row of the sheet, header included, or of the JSON or Parquet rows. */
export interface TableRow {
  readonly number: number
  readonly cells: readonly Cell[]
}

/** A column's name and its letter as spreadsheets show it (A, B, … AA). */
export interface Column {
  readonly name: string
  readonly letter: string
}

/** Where a cell lies outside every column of the table. */
export const NO_COLUMN: Column = { name: '', letter: '' }

/** Most columns of a table: as many as a schema has fields. */
export const MAX_COLUMNS = 5000

/** A, B, … Z, AA, … of a column counted from 0. */
export function columnLetter(index: number): string {
  const rest = Math.floor(index / 26)
  return (rest > 0 ? columnLetter(rest - 1) : '') + String.fromCharCode(65 + (index % 26))
}

/** A cell as text for people, samples and comparison; nothing is ''. */
export function cellText(cell: Cell): string {
  if (typeof cell === 'string') return cell
  if (cell === null) return ''
  return typeof cell === 'object' ? cell.json : String(cell)
}

/** A column's name from its header cell: white space made single, at most 200 characters, as a schema has it. */
export function headerName(cell: Cell): string {
  const name = cellText(cell).replace(/\s+/g, ' ').trim()
  return name.length > 200 ? Array.from(name).slice(0, 200).join('') : name
}

/** Has the row no content at all? Such rows are passed over: spreadsheets are full of them. */
export function isBlankRow(cells: readonly Cell[]): boolean {
  return cells.every((cell) => cell === null || (typeof cell === 'string' && cell.trim() === ''))
}
