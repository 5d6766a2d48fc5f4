import { readPieces, readRange, type TableSource } from './table-source.ts'
import { unreadable } from './unreadable.ts'

/** What a file is: tabular in one of these forms, or opaque. */
export type TableKind = 'csv' | 'xlsx' | 'xls' | 'json' | 'parquet' | 'opaque'

/** Encodings of text tables. UTF-16 is recognised and refused: no reader of CSV expects it. */
export type TextEncoding = 'utf-8' | 'utf-8-bom' | 'gb18030'

const HEAD_BYTES = 4096
const CSV_NAME = /\.(?:csv|tsv|tab)$/i
const MAGIC = {
  zip: [0x50, 0x4b, 0x03, 0x04],
  ole: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1],
  parquet: [0x50, 0x41, 0x52, 0x31],
} as const

/**
 * Recognises a file by its first bytes, then by its name. Bytes win: a workbook named `.csv` is a workbook.
 * `expectTable` (a schema was declared): `.txt` is read as CSV.
 * Throws INPUT_UNREADABLE where a name promises a table and the bytes are something else.
 */
export async function recogniseKind(source: TableSource, expectTable: boolean): Promise<TableKind> {
  const head = await readRange(source, 0, HEAD_BYTES)
  const name = source.name.toLowerCase()
  if (startsWith(head, MAGIC.parquet)) return 'parquet'
  if (startsWith(head, MAGIC.zip)) return /\.(?:xlsx|xlsm|csv|xls)$/.test(name) ? 'xlsx' : 'opaque'
  if (startsWith(head, MAGIC.ole)) return /\.(?:xls|csv|xlsx)$/.test(name) ? 'xls' : 'opaque'
  if (/\.(?:xlsx|xlsm)$/.test(name)) {
    throw unreadable(
      '文件不是有效的 Excel 工作簿（可能加了密码）',
      'The file is not an Excel workbook (it may have a password)',
    )
  }
  if (name.endsWith('.xls')) {
    throw unreadable(
      '文件名是 .xls，但内容是网页或文本，请用 Excel 另存为 .xlsx',
      'The file is named .xls but holds a web page or text: save it as .xlsx in Excel',
    )
  }
  if (name.endsWith('.parquet')) throw unreadable('文件不是有效的 Parquet', 'The file is not Parquet')
  if (CSV_NAME.test(name) || (expectTable && name.endsWith('.txt'))) return 'csv'
  return name.endsWith('.json') && firstCharacter(head) === '[' ? 'json' : 'opaque'
}

/**
 * The encoding of a text file, decided on all of its bytes: UTF-8 if they are valid UTF-8, else GB18030 if they
 * decode strictly, so that no character is ever lost silently. Throws INPUT_UNREADABLE.
 */
export async function recogniseEncoding(source: TableSource): Promise<TextEncoding> {
  const head = await readRange(source, 0, 4)
  if (startsWith(head, [0xff, 0xfe]) || startsWith(head, [0xfe, 0xff])) {
    throw unreadable('文件是 UTF-16 编码，请另存为“CSV UTF-8”', 'The file is UTF-16: save it as "CSV UTF-8"')
  }
  if (await decodes(source, 'utf-8')) return startsWith(head, [0xef, 0xbb, 0xbf]) ? 'utf-8-bom' : 'utf-8'
  if (await decodes(source, 'gb18030')) return 'gb18030'
  throw unreadable('文件既不是 UTF-8 也不是 GB18030 编码', 'The file is neither UTF-8 nor GB18030')
}

/** The encoding that a person named, if all bytes of the file are valid in it. Throws INPUT_UNREADABLE. */
export async function requireEncoding(source: TableSource, encoding: 'utf-8' | 'gb18030'): Promise<TextEncoding> {
  const name = encoding === 'utf-8' ? 'UTF-8' : 'GB18030'
  if (!(await decodes(source, encoding))) throw unreadable(`文件不是 ${name} 编码`, `The file is not ${name}`)
  const head = await readRange(source, 0, 3)
  return encoding === 'utf-8' && startsWith(head, [0xef, 0xbb, 0xbf]) ? 'utf-8-bom' : encoding
}

/** The text of a file in an encoding found by `recogniseEncoding`, without its BOM, in constant memory. */
export async function* readText(source: TableSource, encoding: TextEncoding): AsyncGenerator<string> {
  const decoder = decoderOf(encoding === 'gb18030' ? 'gb18030' : 'utf-8')
  for await (const piece of readPieces(source)) yield decoder.decode(piece, { stream: true })
  yield decoder.decode()
}

const DELIMITERS = [',', '\t', ';'] as const

/** How the columns of a CSV file are separated. */
export type Delimiter = (typeof DELIMITERS)[number]

/** The delimiter that every one of the first lines has most often, outside quotes; a comma where none is. */
export function recogniseDelimiter(text: string): Delimiter {
  const lines = firstLines(text, 20)
  const score = (delimiter: Delimiter) => Math.min(...lines.map((line) => line.split(delimiter).length - 1))
  const best = DELIMITERS.map((delimiter) => ({ delimiter, score: score(delimiter) })).toSorted(
    (a, b) => b.score - a.score,
  )[0]
  return best !== undefined && Number.isFinite(best.score) && best.score > 0 ? best.delimiter : ','
}

/** Lines that are not blank, with all that stands in quotes taken out. */
function firstLines(text: string, count: number): string[] {
  const bare = text.replace(/"[^"]*(?:"|$)/g, '')
  const lines = bare.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '')
  // The last line may be cut off in the middle.
  return lines.slice(0, Math.max(Math.min(count, lines.length - 1), 1))
}

async function decodes(source: TableSource, encoding: 'utf-8' | 'gb18030'): Promise<boolean> {
  const decoder = decoderOf(encoding)
  try {
    for await (const piece of readPieces(source)) decoder.decode(piece, { stream: true })
    decoder.decode()
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

function decoderOf(encoding: 'utf-8' | 'gb18030'): TextDecoder {
  return new TextDecoder(encoding, { fatal: true })
}

function firstCharacter(head: Uint8Array): string | undefined {
  return new TextDecoder().decode(head).trimStart()[0]
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte)
}
