import type { Reading } from './reading.ts'
import type { Table } from './table.ts'
import type { TableSource } from './table-source.ts'

/**
 * Opens a table of a recognised kind. Runs only in the inspecting child: these readers meet hostile files.
 * Each reader is loaded when it is needed. Throws INPUT_UNREADABLE, INPUT_TOO_COSTLY.
 */
export async function readTable(source: TableSource, kind: Table['kind'], reading: Reading): Promise<Table> {
  const reader = READERS[kind]
  return (await reader())(source, reading)
}

const READERS: Record<Table['kind'], () => Promise<(source: TableSource, reading: Reading) => Promise<Table>>> = {
  csv: async () => (await import('./read-csv.ts')).readCsv,
  json: async () => (await import('./read-json-rows.ts')).readJsonRows,
  parquet: async () => (await import('./read-parquet.ts')).readParquet,
  xlsx: async () => (await import('./read-workbook.ts')).readXlsx,
  xls: async () => (await import('./read-workbook.ts')).readXls,
}
