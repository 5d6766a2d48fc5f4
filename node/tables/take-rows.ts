import { Readable } from 'node:stream'
import { type Cell, type Column, cellText, type TableRow } from './cells.ts'
import { readTable } from './read-table.ts'
import type { Reading } from './reading.ts'
import { recogniseKind, type TableKind } from './recognise.ts'
import type { Sheet, Table } from './table.ts'
import type { TableSource } from './table-source.ts'
import { tooCostly } from './unreadable.ts'

/** Rows of a table for a page: `from` counts from 0, blank rows left out. */
export interface RowPage {
  readonly kind: TableKind
  readonly columns: readonly Column[]
  /** Columns beyond those that are shown. */
  readonly moreColumns: number
  readonly sheet: string | null
  readonly sheets: readonly Sheet[]
  readonly rows: readonly { readonly number: number; readonly cells: readonly string[] }[]
  readonly from: number
  /** Are there rows after these? */
  readonly more: boolean
}

/** What the child is told: rows for a page, or the whole table in another form. `numeric`: columns by name that hold numbers. */
export interface RowsJob {
  readonly name: string
  readonly reading: Reading
  readonly as: 'page' | 'csv' | 'xlsx'
  readonly from: number
  readonly count: number
  readonly numeric: readonly string[]
}

const SHOWN_COLUMNS = 200
const SHOWN_CHARACTERS = 2_000
const PAGE_BYTES = 4 * 1024 * 1024
const OPAQUE = { columns: [], moreColumns: 0, sheet: null, sheets: [], rows: [], from: 0, more: false } as const

/** The rows `from` … `from + count`, fewer where they are too long for one page. Reads no further than it must. */
export async function takeRows(source: TableSource, { reading, from, count }: RowsJob): Promise<RowPage> {
  const kind = await recogniseKind(source, false)
  if (kind === 'opaque') return { kind, ...OPAQUE }
  const table = await readTable(source, kind, reading)
  const rows: { number: number; cells: string[] }[] = []
  let [seen, left, more] = [0, PAGE_BYTES, false]
  for await (const { number, cells } of table.rows) {
    seen += 1
    if (seen <= from) continue
    more = rows.length === count || left <= 0
    if (more) break
    const row = { number, cells: cells.slice(0, SHOWN_COLUMNS).map((cell) => shortened(cellText(cell))) }
    left -= Buffer.byteLength(JSON.stringify(row))
    rows.push(row)
  }
  const { columns, sheet, sheets } = table
  const shown = columns.slice(0, SHOWN_COLUMNS)
  return { kind, columns: shown, moreColumns: columns.length - shown.length, sheet, sheets, rows, from, more }
}

function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
}

/** The whole table as text of a CSV that spreadsheets open rightly, row by row. */
export async function csvOf(source: TableSource, job: RowsJob, write: (cells: readonly Value[]) => string) {
  const table = await openWhole(source, job)
  const rows = await withColumns(table)
  async function* lines(): AsyncGenerator<string> {
    yield `\uFEFF${write(table.columns.map(({ name }) => name))}`
    for await (const { cells } of rows) yield write(table.columns.map((_, at) => plainOf(cells[at] ?? null)))
  }
  return Readable.from(lines())
}

const EXCEL_ROWS = 1_048_575
const EXCEL_CELLS = 3_000_000

/** The whole table as rows of values for a workbook: numbers where the column holds numbers. INPUT_TOO_COSTLY. */
export async function valuesOf(source: TableSource, job: RowsJob): Promise<Value[][]> {
  const table = await openWhole(source, job)
  const found: Value[][] = []
  for await (const { cells } of table.rows) {
    if (found.length >= EXCEL_ROWS || (found.length + 1) * table.columns.length > EXCEL_CELLS)
      throw tooCostly(
        '数据太多，Excel 工作簿装不下，请存为 CSV',
        'Too much for a workbook of Excel: save it as CSV instead',
      )
    found.push(cells.map(plainOf))
  }
  const numeric = table.columns.map(({ name }) => job.numeric.includes(name))
  const body = found.map((cells) => table.columns.map((_, at) => typed(cells[at] ?? null, numeric[at] === true)))
  return [table.columns.map(({ name }) => name), ...body]
}

type Value = string | number | boolean | null

/** Digits that a double keeps; longer ones (codes, identity numbers) stay text. */
const PLAIN_NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?$/

function typed(value: Value, isNumeric: boolean): Value {
  return isNumeric && typeof value === 'string' && PLAIN_NUMBER.test(value) && value.length <= 16
    ? Number(value)
    : value
}

function plainOf(cell: Cell): Value {
  if (cell === null || typeof cell === 'string' || typeof cell === 'boolean') return cell
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : String(cell)
  return cellText(cell)
}

async function openWhole(source: TableSource, { reading }: RowsJob): Promise<Table> {
  const kind = await recogniseKind(source, false)
  if (kind === 'opaque') throw tooCostly('文件不是表格，只能按原样保存', 'It is no table: save it as it is')
  return readTable(source, kind, reading)
}

/** Columns of JSON rows are known at the end only; of all other kinds at once. */
async function withColumns({ kind, rows }: Table): Promise<AsyncIterable<TableRow> | readonly TableRow[]> {
  if (kind !== 'json') return rows
  const all: TableRow[] = []
  for await (const row of rows) all.push(row)
  return all
}
