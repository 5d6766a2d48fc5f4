import { parseJsonText } from '#schemas/json.ts'
import { isRefusal } from '#schemas/refusal.ts'
import { type Cell, type Column, columnLetter, headerName, MAX_COLUMNS, type TableRow } from './cells.ts'
import { readText, recogniseEncoding } from './recognise.ts'
import type { Table } from './table.ts'
import type { TableSource } from './table-source.ts'
import { unreadable } from './unreadable.ts'

const MAX_ROW_CHARACTERS = 1024 * 1024
/** Larger JSON that is no array of rows is not looked into. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024

/** Reads a JSON array of objects as a stream; columns are the keys in the order in which they first appear. */
export async function readJsonRows(source: TableSource): Promise<Table> {
  const encoding = await recogniseEncoding(source)
  const columns: Column[] = []
  return {
    kind: 'json',
    encoding,
    delimiter: null,
    cellTypes: 'strict',
    sheet: null,
    sheets: [],
    headerRows: [],
    columns,
    rows: readRows(readText(source, encoding), columns),
    warnings: [],
  }
}

/** For JSON that is no array of rows: throws INPUT_UNREADABLE with the place where it is none at all. */
export async function requireJson(source: TableSource): Promise<void> {
  if (source.bytes > MAX_WHOLE_BYTES) return
  let text = ''
  for await (const piece of readText(source, await recogniseEncoding(source))) text += piece
  try {
    JSON.parse(text)
  } catch {
    throw faultIn(text)
  }
}

function faultIn(text: string): Error {
  try {
    parseJsonText(text)
  } catch (error) {
    const position = isRefusal(error) ? Number(error.facts['position']) : Number.NaN
    const lines = text.slice(0, position).split('\n')
    const [line, column] = [lines.length, (lines.at(-1)?.length ?? 0) + 1]
    if (position < text.trimEnd().length)
      return unreadable(
        `文件不是有效的 JSON：第 ${line} 行第 ${column} 个字符处有误`,
        `The file is not valid JSON: a fault at line ${line}, character ${column}`,
        { line },
      )
  }
  return unreadable('文件不是完整的 JSON，在结尾处中断', 'The file is no whole JSON: it breaks off at its end')
}

async function* readRows(text: AsyncIterable<string>, columns: Column[]): AsyncGenerator<TableRow, void> {
  const places = new Map<string, number>()
  let number = 0
  for await (const element of splitElements(text)) {
    number += 1
    const row = parseElement(element, number)
    const cells: Cell[] = columns.map(() => null)
    for (const [key, value] of Object.entries(row)) {
      const place = places.get(key) ?? columns.length
      if (place === columns.length) {
        if (!(place < MAX_COLUMNS)) throw unreadable(`超过 ${MAX_COLUMNS} 列`, `More than ${MAX_COLUMNS} columns`)
        places.set(key, place)
        columns.push({ name: headerName(key), letter: columnLetter(place) })
      }
      cells[place] = cellOf(value)
    }
    yield { number, cells }
  }
}

function parseElement(text: string, row: number): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unreadable(`第 ${row} 条记录不是有效的 JSON`, `Row ${row} is not valid JSON`, { row })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw unreadable(`第 ${row} 条记录不是 JSON 对象`, `Row ${row} is not a JSON object`, { row })
}

function cellOf(value: unknown): Cell {
  if (typeof value === 'object' && value !== null) return { json: JSON.stringify(value) }
  return value as string | number | boolean | null
}

type Expected = 'array' | 'first' | 'row' | 'separator' | 'end' | 'inside'

/** What may follow between rows; `inside` is a row itself. */
const NEXT: Record<Exclude<Expected, 'inside'>, Readonly<Record<string, Expected>>> = {
  array: { '[': 'first' },
  first: { '{': 'inside', ']': 'end' },
  row: { '{': 'inside' },
  separator: { ',': 'row', ']': 'end' },
  end: {},
}

/** Cuts the objects of the outer array apart by brackets and strings alone; each is parsed by itself afterwards. */
async function* splitElements(text: AsyncIterable<string>): AsyncGenerator<string, void> {
  let expected: Expected = 'array'
  let row = startRow()
  let held = ''
  for await (const piece of text) {
    let from = 0
    for (let at = 0; at < piece.length; at++) {
      if (expected === 'inside') {
        at = row.advance(piece, at)
        if (!row.closed) break
        yield held + piece.slice(from, at + 1)
        held = ''
        expected = 'separator'
        continue
      }
      const character = piece.charAt(at)
      if (/[ \t\n\r]/.test(character)) continue
      const next: Expected | undefined = NEXT[expected][character]
      if (next === undefined) throw malformed()
      expected = next
      if (next === 'inside') {
        row = startRow()
        from = at
      }
    }
    if (expected === 'inside') held += piece.slice(from)
    if (held.length > MAX_ROW_CHARACTERS) throw unreadable('一条记录超过 1 MiB', 'A row is longer than 1 MiB')
  }
  if (expected !== 'end') throw malformed()
}

/** Follows one object from after its opening brace; `advance` gives the place of the closing one, or the end of the piece. */
function startRow() {
  let [depth, quoted, escaped] = [1, false, false]
  function step(code: number): void {
    if (escaped) escaped = false
    else if (quoted && code === 0x5c) escaped = true
    else if (code === 0x22) quoted = !quoted
    else if (!quoted && (code === 0x7b || code === 0x5b)) depth += 1
    else if (!quoted && (code === 0x7d || code === 0x5d)) depth -= 1
  }
  return {
    advance(piece: string, from: number): number {
      let at = from
      for (; at < piece.length; at++) {
        step(piece.charCodeAt(at))
        if (depth === 0) return at
      }
      return at
    },
    get closed() {
      return depth === 0
    },
  }
}

function malformed(): Error {
  return unreadable('文件不是 JSON 对象的数组', 'The file is not a JSON array of objects')
}
