import { pipeline, Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { columnLetter, headerName, isBlankRow, MAX_COLUMNS, type TableRow } from './cells.ts'
import type { Reading } from './reading.ts'
import { readText, recogniseDelimiter, recogniseEncoding, requireEncoding } from './recognise.ts'
import type { Table } from './table.ts'
import type { TableSource } from './table-source.ts'
import { unreadable } from './unreadable.ts'

const MAX_RECORD_CHARACTERS = 1024 * 1024

/**
 * Reads CSV (RFC 4180; comma, tab or semicolon) as a stream: the first row that is not blank is the header, unless
 * `reading` names another.
 */
export async function readCsv(source: TableSource, reading: Reading): Promise<Table> {
  const encoding =
    reading.encoding === undefined ? await recogniseEncoding(source) : await requireEncoding(source, reading.encoding)
  const text = readText(source, encoding)
  const start = await text.next()
  const first = start.done ? '' : start.value
  const delimiter = reading.delimiter ?? recogniseDelimiter(first.slice(0, 65_536))
  const rows = readRecords(prepend(first, text), delimiter)
  const header = await nextFrom(rows, reading.headerRow ?? 1)
  if (header.done) throw unreadable('文件里没有任何行', 'The file has no rows')
  const names = header.value.cells.map(headerName)
  // Spreadsheets write empty columns at the right; what stands below them is reported as beyond the header.
  while (names.at(-1) === '') names.pop()
  return {
    kind: 'csv',
    encoding,
    delimiter,
    cellTypes: 'none',
    sheet: null,
    sheets: [],
    headerRows: [header.value.number],
    columns: names.map((name, index) => ({ name, letter: columnLetter(index) })),
    rows,
    warnings: [],
  }
}

/** The first row that is not blank and not above `number`. */
async function nextFrom(rows: AsyncGenerator<TableRow, void>, number: number): Promise<IteratorResult<TableRow, void>> {
  let row = await rows.next()
  while (!row.done && row.value.number < number) row = await rows.next()
  return row
}

async function* readRecords(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<TableRow, void> {
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: MAX_RECORD_CHARACTERS,
  })
  // Errors of the input reach the iteration below, since pipeline destroys the parser with them.
  pipeline(Readable.from(text), parser, () => {})
  let number = 0
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      number += 1
      if (cells.length > MAX_COLUMNS)
        throw unreadable(
          `第 ${number} 行超过 ${MAX_COLUMNS} 列`,
          `Row ${number} has more than ${MAX_COLUMNS} columns`,
          { row: number },
        )
      if (!isBlankRow(cells)) yield { number, cells }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = Number(error.lines ?? number + 1)
    throw unreadable(
      `第 ${line} 行附近的引号或分隔符不合规范`,
      `Quotes or delimiters near line ${line} are malformed: ${error.code}`,
      { line },
    )
  }
}

/** Text with NUL or another control character is a binary file under a wrong name. */
async function* prepend(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield refuseBinary(first)
  for await (const piece of rest) yield refuseBinary(piece)
}

function refuseBinary(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these never stand in a text table
  if (/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text))
    throw unreadable('文件含有控制字符，不是文本表格', 'The file has control characters: it is no text table')
  return text
}
