import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parse } from 'csv-parse/sync'
import iconv from 'iconv-lite'
import type { DemoDataset } from './demo-members.ts'

interface Unemployment {
  readonly series: string
  readonly year: number
  readonly month: number
  readonly count: number
  readonly rate: number
}

interface DemoFile {
  readonly path: string
  readonly rows: number
  readonly period: { readonly from: string; readonly to: string }
}

/** Writes one association's monthly statistics in the format it hands them over in; the same bytes at every run. */
export async function writeDemoFile(dataset: DemoDataset, folder: string): Promise<DemoFile> {
  const table = monthlyTable(dataset)
  const path = join(folder, dataset.file)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, await encodeTable(table, dataset.format))
  const months = table.slice(1).map(([month]) => String(month))
  return { path, rows: months.length, period: { from: months[0] ?? '', to: months.at(-1) ?? '' } }
}

/** The sources end in December 2015; a demo of timely statistics has its months moved to end in October 2026. */
const SHIFTED_MONTHS = 130

/** Header and rows: month, workforce by sector (thousands), unemployed (thousands), unemployment rate (%). */
function monthlyTable({ columns, series }: DemoDataset): (string | number)[][] {
  const employment = parse(readSource('us-employment.csv'), { columns: true }) as Record<string, string>[]
  const unemployment = new Map(
    (JSON.parse(readSource('unemployment-across-industries.json').toString()) as Unemployment[])
      .filter((row) => row.series === series)
      .map((row) => [`${row.year}-${String(row.month).padStart(2, '0')}`, row]),
  )
  const header = [
    '月份',
    ...Object.values(columns).map((title) => `${title}从业人数（千人）`),
    '失业人数（千人）',
    '失业率（%）',
  ]
  const rows = employment.map((row) => {
    const month = String(row['month']).slice(0, 7)
    const jobless = unemployment.get(month)
    return [
      Temporal.PlainYearMonth.from(month).add({ months: SHIFTED_MONTHS }).toString(),
      ...Object.keys(columns).map((column) => Number(row[column])),
      jobless?.count ?? '',
      jobless?.rate ?? '',
    ]
  })
  return [header, ...rows]
}

async function encodeTable(
  table: readonly (readonly (string | number)[])[],
  format: DemoDataset['format'],
): Promise<Uint8Array> {
  if (format === 'xlsx') return encodeWorkbook(table)
  const text = `${table.map((row) => row.join(',')).join('\r\n')}\r\n`
  return format === 'gb18030' ? iconv.encode(text, 'gb18030') : Buffer.from(text)
}

async function encodeWorkbook(table: readonly (readonly (string | number)[])[]): Promise<Uint8Array> {
  const { utils, write } = await import('@e965/xlsx')
  const book = utils.book_new()
  utils.book_append_sheet(
    book,
    utils.aoa_to_sheet(table.map((row) => row.map((cell) => (cell === '' ? null : cell)))),
    '月度',
  )
  return write(book, { type: 'buffer', bookType: 'xlsx', compression: true }) as Uint8Array
}

function readSource(name: string): Buffer {
  const main = createRequire(import.meta.url).resolve('vega-datasets')
  return readFileSync(join(dirname(main), '../data', name))
}
