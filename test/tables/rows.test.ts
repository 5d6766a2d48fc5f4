/** Received files opened for people: the rows of a page, and whole tables in forms that spreadsheets open rightly. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { read, utils } from '@e965/xlsx'
import t, { type Test } from 'tap'
import { isRefusal } from '#schemas/refusal.ts'
import { convertTable, readRows } from '../../node/tables/read-rows.ts'
import { csv, datasetBytes, gb18030, unemployment, workbook } from './made-tables.ts'

function open(test: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'hanghui-rows-'))
  test.teardown(() => rmSync(folder, { recursive: true, force: true }))
  let files = 0
  return {
    file(name: string, bytes: string | Uint8Array) {
      const path = join(folder, `file-${files++}`)
      writeFileSync(path, bytes)
      return { path, name }
    },
    target: () => join(folder, `out-${files++}`),
  }
}

async function codeOf(step: Promise<unknown>): Promise<string | undefined> {
  try {
    await step
    return undefined
  } catch (error) {
    if (isRefusal(error)) return error.code
    throw error
  }
}

const ROWS = unemployment.map(({ series, year, month, count, rate }) => [series, year, month, count, rate])
const HEAD = ['series', 'year', 'month', 'count', 'rate']

t.test('any form, any page: the same rows at the same places', async (t) => {
  const { file } = open(t)
  const forms = {
    'a.csv': csv([HEAD, ...ROWS]),
    'a.tsv': csv([HEAD, ...ROWS], '\t'),
    'a.json': JSON.stringify(
      unemployment.map(({ series, year, month, count, rate }) => ({ series, year, month, count, rate })),
    ),
    'a.xlsx': workbook({ 表: { rows: [HEAD, ...ROWS] } }),
  }
  for (const [name, bytes] of Object.entries(forms)) {
    const given = file(name, bytes)
    const page = await readRows(given, { from: 1_000, count: 500 })
    t.same(
      page.columns.map((column) => column.name),
      HEAD,
      name,
    )
    t.same(
      page.rows.map(({ cells }) => cells),
      ROWS.slice(1_000, 1_500).map((cells) => cells.map(String)),
    )
    t.match(page, { from: 1_000, more: true })
    const last = await readRows(given, { from: 1_500, count: 500 })
    t.match({ rows: last.rows.length, more: last.more }, { rows: ROWS.length - 1_500, more: false })
    t.match(await readRows(given, { from: ROWS.length, count: 5 }), { rows: [], more: false })
  }
  const flights = await readRows(file('f.parquet', datasetBytes('flights-3m.parquet')), { from: 100_000, count: 3 })
  t.equal(flights.rows.length, 3, 'Parquet by its row groups')
})

t.test('what is no table, what cannot be read, rows too long for one page', async (t) => {
  const { file, target } = open(t)
  t.match(await readRows(file('a.pdf', '%PDF-1.7'), { from: 0, count: 5 }), { kind: 'opaque', columns: [], rows: [] })
  t.equal(await codeOf(readRows(file('a.csv', 'a,b\n"x'), { from: 0, count: 5 })), 'INPUT_UNREADABLE')
  t.equal(await codeOf(readRows(file('a.xlsx', 'no workbook'), { from: 0, count: 5 })), 'INPUT_UNREADABLE')
  const whole = { target: target(), numeric: [] }
  t.equal(await codeOf(convertTable(file('a.bin', 'x'), 'csv', whole)), 'INPUT_TOO_COSTLY')
  const long = `a,b\n${Array.from({ length: 1_000 }, (_, at) => `${at},${'长'.repeat(3_000)}`).join('\n')}\n`
  const page = await readRows(file('long.csv', long), { from: 0, count: 1_000 })
  t.ok(page.rows.length > 10 && page.rows.length < 1_000 && page.more, 'as many as a page may hold')
  t.ok(page.rows[0]?.cells[1]?.endsWith('…'))
  const next = await readRows(file('long.csv', long), { from: page.rows.length, count: 1 })
  t.equal(next.rows[0]?.cells[0], String(page.rows.length), 'and the next page begins where it ended')
})

t.test('as CSV and as workbook: encodings, formulas, numbers, codes with leading zeros', async (t) => {
  const { file, target } = open(t)
  const given = file(
    '名录.csv',
    gb18030('名称,产量,代码\n甲,-12.5,001\n"=HYPERLINK(""x"")",7,"a\n""b"""\n-1+1,12345678901234567890,+86\n'),
  )
  const [asCsv, asBook] = [target(), target()]
  await convertTable(given, 'csv', { target: asCsv, numeric: ['产量'] })
  t.equal(
    readFileSync(asCsv, 'utf8'),
    `\uFEFF名称,产量,代码\r\n甲,-12.5,001\r\n"'=HYPERLINK(""x"")",7,"a\n""b"""\r\n'-1+1,12345678901234567890,+86\r\n`,
  )
  await convertTable(given, 'xlsx', { target: asBook, numeric: ['产量'] })
  const [sheet] = Object.values(read(readFileSync(asBook), { type: 'buffer' }).Sheets)
  t.same(utils.sheet_to_json(sheet as never, { header: 1 }), [
    ['名称', '产量', '代码'],
    ['甲', -12.5, '001'],
    ['=HYPERLINK("x")', 7, 'a\n"b"'],
    ['-1+1', '12345678901234567890', '+86'],
  ])
})
