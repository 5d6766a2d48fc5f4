import type { BadCell } from './bad-cells.ts'
import type { Column } from './cells.ts'
import type { Reading } from './reading.ts'
import type { Delimiter, TableKind, TextEncoding } from './recognise.ts'
import type { Sheet } from './table.ts'
import type { TableSchema } from './table-schema.ts'
import type { TableWarning } from './warnings.ts'

/** The first rows as text, as a public sample shows them: at most 64 KiB of JSON. */
export interface Sample {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A row as a person finds it again in the file; cells are cut to 80 characters. */
export interface ShownRow {
  readonly number: number
  readonly cells: readonly string[]
}

/** What is known of a file after it was read: nothing but facts, refusing is left to the caller. */
export interface Inspection {
  readonly kind: TableKind
  readonly encoding: TextEncoding | null
  readonly delimiter: Delimiter | null
  readonly sheet: string | null
  readonly sheets: readonly Sheet[]
  /** Rows of the file that make its header, from 1; none for JSON and Parquet. */
  readonly headerRows: readonly number[]
  /** Rows of data, the header and blank rows not counted. */
  readonly rows: number
  readonly columns: number
  /** The schema that was declared, or else the one proposed from the data; null for an opaque file. */
  readonly schema: TableSchema | null
  readonly proposed: boolean
  /** The proposed schema with types that nearly all cells of a column fit; null where that is the proposed one itself. */
  readonly strict: TableSchema | null
  readonly errors: readonly BadCell[]
  readonly errorCount: number
  readonly warnings: readonly TableWarning[]
  readonly sample: Sample
  /** The columns with their letters, first rows, and the first rows that have findings; in order. */
  readonly preview: { readonly columns: readonly Column[]; readonly rows: readonly ShownRow[] }
}

/** What the inspecting child is told; `maxErrors` findings are listed, all are counted. */
export interface InspectJob {
  readonly name: string
  readonly schema: TableSchema | null
  readonly sampleRows: number
  readonly maxErrors: number
  readonly reading: Reading
  /** How many first rows, and how many rows with findings, are shown. */
  readonly shownRows: number
}
