import { LIMITS } from '#schemas/limits.ts'
import { collectFindings } from './bad-cells.ts'
import { type Cell, cellText } from './cells.ts'
import { checkHeader, checkWidth } from './check-header.ts'
import { createRowChecker } from './check-rows.ts'
import type { Inspection, InspectJob, Sample } from './inspection.ts'
import { createProposer } from './propose-schema.ts'
import { readTable } from './read-table.ts'
import { recogniseKind } from './recognise.ts'
import type { TableSource } from './table-source.ts'
import { unreadable } from './unreadable.ts'

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
  errors: [],
  errorCount: 0,
  warnings: [],
  sample: { columns: [], rows: [] },
}

/**
 * Reads a file to its end, checks each row against the declared schema, or proposes one that all rows fit.
 * Runs only in the inspecting child. Throws INPUT_UNREADABLE, INPUT_TOO_COSTLY, SCHEMA_INVALID.
 */
export async function inspectTable(
  source: TableSource,
  { schema, sampleRows, maxErrors }: InspectJob,
): Promise<Inspection> {
  const kind = await recogniseKind(source, schema !== null)
  if (kind === 'opaque') {
    if (schema === null) return OPAQUE
    throw unreadable(
      '给了表结构，但文件不是可识别的表格',
      'A schema was given, but the file is no table that is recognised',
    )
  }
  const table = await readTable(source, kind)
  const findings = collectFindings(maxErrors)
  const checker = schema ? createRowChecker(schema, table.columns, findings, table.cellTypes) : undefined
  const proposer = schema ? undefined : createProposer(table.columns, table.cellTypes)
  const sample = collectSample(sampleRows)
  const headerRow = table.headerRows.at(-1)
  if (headerRow !== undefined) checkHeader(table.columns, headerRow, schema ?? undefined, findings)
  let rows = 0
  for await (const row of table.rows) {
    rows += 1
    checkWidth(row, table.columns, table.cellTypes === 'none', findings)
    checker?.checkRow(row)
    proposer?.addRow(row)
    sample.addRow(row.cells)
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
    errors: findings.listed,
    errorCount: findings.count,
    warnings: [...table.warnings, ...(proposer?.warnings() ?? [])],
    sample: sample.take(columns.map(({ name }) => name)),
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
