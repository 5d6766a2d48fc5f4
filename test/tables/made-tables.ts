import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { utils, write } from '@e965/xlsx'
import iconv from 'iconv-lite'

const data = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data')

/** One row of the U.S. unemployment statistics of vega-datasets (a U.S. government work). */
export interface Unemployment {
  readonly series: string
  readonly year: number
  readonly month: number
  readonly count: number
  readonly rate: number
}

/** All 1,708 rows. */
export const unemployment = JSON.parse(
  readFileSync(join(data, 'unemployment-across-industries.json'), 'utf8'),
) as readonly Unemployment[]

/** The bytes of a file of vega-datasets. */
export function datasetBytes(name: string): Buffer {
  return readFileSync(join(data, name))
}

/** Text in GB18030, as spreadsheets in China save CSV. */
export function gb18030(text: string): Buffer {
  return iconv.encode(text, 'gb18030')
}

/** CSV text of rows, quoted where needed. */
export function csv(rows: readonly (readonly unknown[])[], delimiter = ','): string {
  const quote = (cell: unknown) =>
    /[",;\t\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell)
  return rows.map((row) => `${row.map(quote).join(delimiter)}\r\n`).join('')
}

/** A merged area in the notation of spreadsheets: A1:B2. */
export interface SheetRows {
  readonly rows: readonly (readonly unknown[])[]
  readonly merges?: readonly string[]
  readonly hidden?: boolean
}

/** A workbook with these sheets, written by the library. */
export function workbook(sheets: Readonly<Record<string, SheetRows>>, bookType: 'xlsx' | 'biff8' = 'xlsx'): Buffer {
  const book = utils.book_new()
  for (const [name, { rows, merges }] of Object.entries(sheets)) {
    const sheet = utils.aoa_to_sheet(rows as unknown[][], { UTC: true })
    if (merges) sheet['!merges'] = merges.map((area) => utils.decode_range(area))
    utils.book_append_sheet(book, sheet, name)
  }
  book.Workbook = { Sheets: Object.entries(sheets).map(([name, { hidden }]) => ({ name, Hidden: hidden ? 1 : 0 })) }
  return write(book, { type: 'buffer', bookType }) as Buffer
}

/** A part of a ZIP; `declaredBytes` is the size its headers claim. */
export interface ZipPart {
  readonly name: string
  readonly bytes: Buffer
  readonly declaredBytes?: number
}

/** A ZIP file as an attacker writes it, part by part. */
export function zip(parts: readonly ZipPart[]): Buffer {
  const [files, directory]: [Buffer[], Buffer[]] = [[], []]
  let offset = 0
  for (const { name, bytes, declaredBytes = bytes.length } of parts) {
    const packed = deflateRawSync(bytes, { level: 9 })
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(declaredBytes, 18)
    common.writeUInt16LE(name.length, 22)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(20, 4)
    common.copy(entry, 6)
    entry.writeUInt32LE(offset, 42)
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), common, Buffer.from(name), packed])
    files.push(local)
    directory.push(entry, Buffer.from(name))
    offset += local.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(entries.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, entries, end])
}

/** A workbook whose only sheet is this XML. */
export function workbookOf(sheet: Buffer, declaredBytes = sheet.length): Buffer {
  const xml = (text: string) => Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`)
  const types = 'http://schemas.openxmlformats.org/package/2006/content-types'
  const relations = 'http://schemas.openxmlformats.org/package/2006/relationships'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const media = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  return zip([
    {
      name: '[Content_Types].xml',
      bytes: xml(
        `<Types xmlns="${types}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${media}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${media}.worksheet+xml"/></Types>`,
      ),
    },
    {
      name: '_rels/.rels',
      bytes: xml(
        `<Relationships xmlns="${relations}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
      ),
    },
    {
      name: 'xl/workbook.xml',
      bytes: xml(
        `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
      ),
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      bytes: xml(
        `<Relationships xmlns="${relations}"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
      ),
    },
    { name: 'xl/worksheets/sheet1.xml', bytes: sheet, declaredBytes },
  ])
}

/** Sheet XML of `rows` rows with ten numbers each. */
export function sheetOfNumbers(rows: number): Buffer {
  const cells = '<c><v>123456</v></c>'.repeat(10)
  return Buffer.from(
    `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${`<row>${cells}</row>`.repeat(rows)}</sheetData></worksheet>`,
  )
}
