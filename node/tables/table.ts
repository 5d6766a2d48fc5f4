import type { Column, TableRow } from './cells.ts'
import type { Delimiter, TableKind, TextEncoding } from './recognise.ts'
import type { TableWarning } from './warnings.ts'

/**
 * What a cell's own type means: `none`, all is text (CSV); `loose`, numbers may be stored as text (workbooks);
 * `strict`, "12" is text and no number (JSON, Parquet).
 */
export type CellTypes = 'none' | 'loose' | 'strict'

/** One sheet of a workbook. */
export interface Sheet {
  readonly name: string
  readonly hidden: boolean
}

/** A table as it streams from its file. `columns` may grow while JSON rows are read. */
export interface Table {
  readonly kind: Exclude<TableKind, 'opaque'>
  readonly encoding: TextEncoding | null
  readonly delimiter: Delimiter | null
  readonly cellTypes: CellTypes
  readonly sheet: string | null
  readonly sheets: readonly Sheet[]
  /** Rows of the file that make the header, from 1; several where header cells are merged. */
  readonly headerRows: readonly number[]
  readonly columns: readonly Column[]
  readonly rows: AsyncIterable<TableRow>
  readonly warnings: readonly TableWarning[]
}
