import { LIMITS } from '#schemas/limits.ts'
import { collectFindings, shorten } from './bad-cells.ts'
import { type Cell, cellText, type TableRow } from './cells.ts'
import { checkHeader, checkWidth } from './check-header.ts'
import { createRowChecker } from './check-rows.ts'
import type { Inspection, InspectJob, Sample, ShownRow } from './inspection.ts'
import { createProposer } from './propose-schema.ts'
import { requireJson } from './read-json-rows.ts'
import { readTable } from './read-table.ts'
import { recogniseKind } from './recognise.ts'
import type { TableSource } from './table-source.ts'
import { unreadable } from './unreadable.ts'
import { type TableWarning, tableWarning } from './warnings.ts'

const SHOWN_COLUMNS = 200
const SHOWN_BYTES = 2_097_152

const OPAQUE: Inspection = {
  kind: 'opaque',
  encoding: null,
  delimiter: null,
  sheet: null,
  sheets: [],
  headerRows: [],
  rows: 0,
  columns: 0,
  schema: null,
  proposed: false,
  strict: null,
  errors: [],
  errorCount: 0,
  warnings: [],
  sample: { columns: [], rows: [] },
  preview: { columns: [], rows: [] },
}

/**
 * Reads a file to its end, checks each row against the declared schema, or proposes one that all rows fit.
 * Runs only in the inspecting child. Throws INPUT_UNREADABLE, INPUT_TOO_COSTLY, SCHEMA_INVALID.
 */
export async function inspectTable(
  source: TableSource,
  { schema, sampleRows, maxErrors, reading, shownRows }: InspectJob,
): Promise<Inspection> {
  const kind = await recogniseKind(source, schema !== null)
  if (kind === 'opaque') {
    const warnings = await lookAtOpaque(source)
    if (schema === null) return { ...OPAQUE, warnings }
    if (warnings.length > 0)
      throw unreadable(
        '文件是 JSON，但不是记录的数组（[{…}, {…}]），不能按表结构检查',
        'The file is JSON but no array of records ([{…}, {…}]), and cannot be checked by a schema',
      )
    throw unreadable(
      '给了表结构，但文件不是可识别的表格',
      'A schema was given, but the file is no table that is recognised',
    )
  }
  const table = await readTable(source, kind, reading)
  const findings = collectFindings(maxErrors)
  const checker = schema ? createRowChecker(schema, table.columns, findings, table.cellTypes) : undefined
  const proposer = schema ? undefined : createProposer(table.columns, table.cellTypes)
  const sample = collectSample(sampleRows)
  const preview = collectPreview(shownRows)
  const headerRow = table.headerRows.at(-1)
  if (headerRow !== undefined) checkHeader(table.columns, headerRow, schema ?? undefined, findings)
  let rows = 0
  for await (const row of table.rows) {
    rows += 1
    const found = findings.count
    checkWidth(row, table.columns, table.cellTypes === 'none', findings)
    checker?.checkRow(row)
    proposer?.addRow(row)
    sample.addRow(row.cells)
    preview.addRow(row, findings.count > found)
  }
  // Columns of JSON rows are known only now.
  if (headerRow === undefined) checkHeader(table.columns, 0, schema ?? undefined, findings)
  const { encoding, delimiter, sheet, sheets, headerRows, columns } = table
  return {
    kind,
    encoding,
    delimiter,
    sheet,
    sheets,
    headerRows,
    rows,
    columns: columns.length,
    schema: schema ?? proposer?.schema() ?? null,
    proposed: schema === null,
    strict: proposer?.strictSchema() ?? null,
    errors: findings.listed,
    errorCount: findings.count,
    warnings: [
      ...table.warnings,
      ...(rows === 0 ? [tableWarning('no-rows', '', 1, 0)] : []),
      ...(proposer?.warnings() ?? []),
    ],
    sample: sample.take(columns.map(({ name }) => name)),
    preview: { columns: columns.slice(0, SHOWN_COLUMNS), rows: preview.rows },
  }
}

/** A file that calls itself JSON is JSON, or refused; rows it has none. */
async function lookAtOpaque(source: TableSource): Promise<readonly TableWarning[]> {
  if (!source.name.toLowerCase().endsWith('.json')) return []
  await requireJson(source)
  return [tableWarning('not-rows', '', 1, 0)]
}

/** Keeps the first rows and the first that have findings, cells cut, while they fit a page's size. */
function collectPreview(most: number) {
  const rows: ShownRow[] = []
  let [first, bad, left] = [0, 0, SHOWN_BYTES]
  return {
    rows,
    addRow({ number, cells }: TableRow, isBad: boolean): void {
      if (!((first < most || (isBad && bad < most)) && left > 0)) return
      if (first < most) first += 1
      if (isBad) bad += 1
      const row = { number, cells: cells.slice(0, SHOWN_COLUMNS).map((cell) => shorten(cellText(cell))) }
      left -= Buffer.byteLength(JSON.stringify(row))
      rows.push(row)
    },
  }
}

/** Keeps the first rows while there are fewer than `most` and they fit the size of a public sample. */
function collectSample(most: number) {
  const rows: string[][] = []
  let [left, open] = [LIMITS.sampleBytes as number, true]
  return {
    addRow(cells: readonly Cell[]): void {
      if (!(open && rows.length < most)) return
      const row = cells.map(cellText)
      left -= Buffer.byteLength(JSON.stringify(row)) + 1
      open = left > 0
      if (open) rows.push(row)
    },
    /** Rows as wide as the header; rows are given up from the end until header and rows fit. */
    take(columns: readonly string[]): Sample {
      const even = rows.map((row) => columns.map((_, index) => row[index] ?? ''))
      while (even.length > 0 && Buffer.byteLength(JSON.stringify({ columns, rows: even })) > LIMITS.sampleBytes)
        even.pop()
      return { columns, rows: even }
    },
  }
}
