import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { type AsyncBuffer, type Compressors, type FileMetaData, parquetMetadataAsync, parquetRead } from 'hyparquet'
import { type Cell, columnLetter, headerName, MAX_COLUMNS, type TableRow } from './cells.ts'
import type { Table } from './table.ts'
import { readRange, type TableSource } from './table-source.ts'
import { tooCostly, unreadable } from './unreadable.ts'

/** A row group is decoded as a whole, so its declared size is bounded; the watch on memory bounds what is not declared. */
const MAX_GROUP_BYTES = 256 * 1024 * 1024

const compressors: Compressors = {
  GZIP: (input, bytes) => gunzipSync(input, { maxOutputLength: bytes }),
  BROTLI: (input, bytes) => brotliDecompressSync(input, { maxOutputLength: bytes }),
  ZSTD: (input, bytes) => zstdDecompressSync(input, { maxOutputLength: bytes }),
}

const MILLISECONDS_A_DAY = 86_400_000
const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString()

/** Dates and times as ISO 8601 text, the form they have in every other kind of table. */
const parsers = {
  dateFromDays: (days: number) => isoTime(days * MILLISECONDS_A_DAY).slice(0, 10),
  timestampFromMilliseconds: (value: bigint) => isoTime(Number(value)),
  timestampFromMicroseconds: (value: bigint) => isoTime(Number(value / 1000n)),
  timestampFromNanoseconds: (value: bigint) => isoTime(Number(value / 1_000_000n)),
}

/** Reads Parquet one row group at a time. */
export async function readParquet(source: TableSource): Promise<Table> {
  const file: AsyncBuffer = {
    byteLength: source.bytes,
    slice: async (start, end = source.bytes) => (await readRange(source, start, end)).buffer,
  }
  const metadata = await guarded(() => parquetMetadataAsync(file))
  const names = topLevelNames(metadata)
  if (!(names.length <= MAX_COLUMNS)) throw unreadable(`超过 ${MAX_COLUMNS} 列`, `More than ${MAX_COLUMNS} columns`)
  return {
    kind: 'parquet',
    encoding: null,
    delimiter: null,
    cellTypes: 'strict',
    sheet: null,
    sheets: [],
    headerRows: [],
    columns: names.map((name, index) => ({ name: headerName(name), letter: columnLetter(index) })),
    rows: readGroups(file, metadata),
    warnings: [],
  }
}

async function* readGroups(file: AsyncBuffer, metadata: FileMetaData): AsyncGenerator<TableRow, void> {
  let start = 0
  for (const group of metadata.row_groups) {
    if (!(Number(group.total_byte_size) <= MAX_GROUP_BYTES)) {
      throw tooCostly('Parquet 的一个行组超过 256 MiB', 'A row group of the Parquet file is larger than 256 MiB')
    }
    const end = start + Number(group.num_rows)
    let rows: unknown[][] = []
    await guarded(() =>
      parquetRead({
        file,
        metadata,
        rowStart: start,
        rowEnd: end,
        compressors,
        parsers,
        onComplete: (read) => (rows = read),
      }),
    )
    for (const [index, values] of rows.entries()) yield { number: start + index + 1, cells: values.map(cellOf) }
    start = end
  }
}

function topLevelNames({ schema }: FileMetaData): string[] {
  const names: string[] = []
  let at = 1
  const skip = (): void => {
    const children = schema[at]?.num_children ?? 0
    at += 1
    for (let child = 0; child < children; child++) skip()
  }
  while (at < schema.length) {
    names.push(schema[at]?.name ?? '')
    skip()
  }
  return names
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return { json: JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)) }
}

/** Whatever the library throws at a malformed file is the file's fault. */
async function guarded<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : 'unknown'
    throw unreadable(`Parquet 文件无法读取：${reason}`, `The Parquet file cannot be read: ${reason}`)
  }
}
