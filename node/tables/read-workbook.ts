import { type CellObject, read, SSF, set_cptable, type WorkBook, type WorkSheet } from '@e965/xlsx'
import { type Cell, columnLetter, isBlankRow, MAX_COLUMNS, type TableRow } from './cells.ts'
import { type Area, findHeader } from './find-header.ts'
import type { Reading } from './reading.ts'
import type { Sheet, Table } from './table.ts'
import { readRange, type TableSource } from './table-source.ts'
import { unreadable } from './unreadable.ts'
import { type TableWarning, tableWarning } from './warnings.ts'
import { refuseZipBomb } from './zip-sizes.ts'

/** So many sheets are told by name. */
const MOST_NAMED = 10

/** Reads the sheet that `reading` names, else the visible one with the most data, since the first may be a cover; the library holds a sheet in memory as a whole. */
export async function readXlsx(source: TableSource, reading: Reading): Promise<Table> {
  await refuseZipBomb(source)
  return readWorkbook(await readRange(source, 0, source.bytes), 'xlsx', reading)
}

/** The same for the binary workbooks of Excel 97–2003 and earlier, whose Chinese may be in code page 936. */
export async function readXls(source: TableSource, reading: Reading): Promise<Table> {
  set_cptable(await import('@e965/xlsx/dist/cpexcel.full.mjs'))
  return readWorkbook(await readRange(source, 0, source.bytes), 'xls', reading)
}

function readWorkbook(bytes: Buffer, kind: 'xlsx' | 'xls', reading: Reading): Table {
  const book = guarded(() => read(bytes, { type: 'buffer', sheets: [] }))
  const sheets = book.SheetNames.map((name, index) => ({
    name,
    hidden: (book.Workbook?.Sheets?.[index]?.Hidden ?? 0) !== 0,
  }))
  let best: (NonNullable<ReturnType<typeof readSheet>> & { readonly sheet: string }) | undefined
  for (const [index, { name, hidden }] of sheets.entries()) {
    if (reading.sheet === undefined ? hidden : name !== reading.sheet) continue
    const part = guarded(() =>
      read(bytes, {
        type: 'buffer',
        dense: true,
        sheets: index,
        cellNF: true,
        cellFormula: false,
        cellHTML: false,
        cellText: false,
      }),
    )
    const table = readSheet(part, name, reading.headerRow)
    if (table !== undefined && !(best !== undefined && best.filled >= table.filled)) best = { ...table, sheet: name }
  }
  if (best !== undefined) {
    const { filled: _, ...table } = best
    const warnings = [...warnOfSheets(sheets, best.sheet), ...best.warnings]
    return { kind, encoding: null, delimiter: null, cellTypes: 'loose', sheets, ...table, warnings }
  }
  if (reading.sheet !== undefined)
    throw unreadable(
      `没有名为“${reading.sheet}”且有数据的工作表`,
      `There is no sheet named "${reading.sheet}" with data`,
    )
  throw unreadable('工作簿里没有数据', 'The workbook has no data')
}

function readSheet(
  book: WorkBook,
  name: string,
  headerRow: number | undefined,
): (Pick<Table, 'headerRows' | 'columns' | 'rows' | 'warnings'> & { readonly filled: number }) | undefined {
  const sheet = book.Sheets[name] as (WorkSheet & { '!data'?: (CellObject | undefined)[][] }) | undefined
  const from1904 = book.Workbook?.WBProps?.date1904 === true
  const rows = sheet?.['!data'] ?? []
  const cellsOf = (row: number) => Array.from(rows[row] ?? [], (cell) => cellOf(cell, from1904))
  const merges: Area[] = (sheet?.['!merges'] ?? []).map(({ s, e }) => ({
    top: s.r,
    left: s.c,
    bottom: e.r,
    right: e.c,
  }))
  const header = findHeader(cellsOf, rows.length, merges, headerRow === undefined ? undefined : headerRow - 1)
  if (!header) return undefined
  if (!(header.names.length <= MAX_COLUMNS))
    throw unreadable(`超过 ${MAX_COLUMNS} 列`, `More than ${MAX_COLUMNS} columns`)
  const first = header.left
  const below = rows.slice((header.rows.at(-1) ?? 0) + 1)
  return {
    filled: below.reduce((sum, row) => sum + (row ?? []).filter((cell) => cell?.v !== undefined).length, 0),
    headerRows: header.rows.map((row) => row + 1),
    columns: header.names.map((label, index) => ({ name: label, letter: columnLetter(first + index) })),
    rows: rowsBelow(cellsOf, (header.rows.at(-1) ?? 0) + 1, rows.length, first),
    warnings: warnOfMerges(merges, header.rows.at(-1) ?? 0),
  }
}

async function* rowsBelow(
  cellsOf: (row: number) => Cell[],
  from: number,
  to: number,
  left: number,
): AsyncGenerator<TableRow, void> {
  for (let row = from; row < to; row++) {
    const cells = cellsOf(row).slice(left)
    if (!isBlankRow(cells)) yield { number: row + 1, cells }
  }
}

/** All sheets go out with the file, checked or not. */
function warnOfSheets(sheets: readonly Sheet[], checked: string): TableWarning[] {
  if (sheets.length <= 1) return []
  const others = sheets.filter(({ name }) => name !== checked)
  const named = (quote: (name: string) => string, hidden: string) =>
    others.slice(0, MOST_NAMED).map((one) => `${quote(one.name)}${one.hidden ? hidden : ''}`)
  const more = others.length > MOST_NAMED
  return [
    tableWarning('other-sheets', '', sheets.length, 0, {
      zh: `工作簿有 ${sheets.length} 个工作表，检查的是“${checked}”；${named((name) => `“${name}”`, '（隐藏）').join('、')}${more ? '等' : ''}没有检查，随文件原样发布`,
      en: `It has ${sheets.length} sheets: "${checked}" was checked; ${named((name) => `"${name}"`, ' (hidden)').join(', ')}${more ? ' and others' : ''} were not, and are published with the file`,
    }),
  ]
}

function warnOfMerges(merges: readonly Area[], header: number): TableWarning[] {
  const below = merges.filter(({ top }) => top > header)
  const first = below[0]
  return first ? [tableWarning('merged-cells', columnLetter(first.left), below.length, first.top + 1)] : []
}

function cellOf(cell: CellObject | undefined, from1904: boolean): Cell {
  if (cell === undefined || cell.t === 'z' || cell.v === undefined) return null
  if (cell.t === 'e') return cell.w ?? '#N/A'
  if (cell.t !== 'n' || typeof cell.v !== 'number') return cell.v instanceof Date ? cell.v.toISOString() : cell.v
  return SSF.is_date(String(cell.z ?? '')) ? dateText(cell.v, from1904) : cell.v
}

/** A day number of Excel as ISO 8601 text, taken apart without any time zone. */
function dateText(value: number, date1904: boolean): Cell {
  const parts = SSF.parse_date_code(value, { date1904 })
  if (!parts) return value
  const two = (part: number) => String(part).padStart(2, '0')
  const time = `${two(parts.H)}:${two(parts.M)}:${two(Math.floor(parts.S))}`
  if (value < 1) return time
  const date = `${String(parts.y).padStart(4, '0')}-${two(parts.m)}-${two(parts.d)}`
  return parts.H + parts.M + parts.S === 0 ? date : `${date}T${time}`
}

/** Whatever the library throws at a malformed file is the file's fault. */
function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : 'unknown'
    throw unreadable(`工作簿无法读取：${reason}`, `The workbook cannot be read: ${reason}`)
  }
}
