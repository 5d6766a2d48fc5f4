import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import t from 'tap'
import { INSPECT_LIMITS, inspectFile, refuseBadCells } from '../../node/tables/inspect.ts'
import { childFlags } from '../../node/tables/run-child.ts'
import { csv, datasetBytes, gb18030, sheetOfNumbers, unemployment, workbook, workbookOf, zip } from './made-tables.ts'

const MIB = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'hanghui-inspect-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const HEADER = ['行业', '年份', '月份', '失业人数', '失业率']
const rows = unemployment.map(({ series, year, month, count, rate }) => [series, year, month, count, rate])
const SCHEMA = {
  fields: [
    { name: '行业', type: 'string', constraints: { required: true, maxLength: 40 } },
    { name: '年份', type: 'year' },
    { name: '月份', type: 'integer', constraints: { minimum: 1, maximum: 12 } },
    { name: '失业人数', type: 'integer', constraints: { required: true, minimum: 0 } },
    { name: '失业率', type: 'number', constraints: { maximum: '100' } },
  ],
  primaryKey: ['行业', '年份', '月份'],
}
const save = (name: string, bytes: Uint8Array | string) => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
const typesOf = (schema: { fields: readonly { type?: string }[] } | null) => schema?.fields.map(({ type }) => type)

t.test('GB18030 CSV with a Chinese header is recognised and proposed a schema', async (t) => {
  const found = await inspectFile(save('失业.csv', gb18030(csv([HEADER, ...rows]))), { sampleRows: 3 })
  t.match(found, {
    kind: 'csv',
    encoding: 'gb18030',
    delimiter: ',',
    headerRows: [1],
    rows: 1708,
    columns: 5,
    proposed: true,
    errorCount: 0,
  })
  t.strictSame(typesOf(found.schema), ['string', 'year', 'integer', 'integer', 'number'])
  t.strictSame(found.sample.columns, HEADER)
  t.strictSame(
    found.sample.rows,
    rows.slice(0, 3).map((row) => row.map(String)),
  )
  t.equal(found.schema?.fields[0]?.constraints?.required, true)
})

t.test('UTF-8, with and without BOM, tabs and semicolons', async (t) => {
  const plain = await inspectFile(save('plain.csv', csv([HEADER, ...rows.slice(0, 20)])))
  t.match(plain, { encoding: 'utf-8', delimiter: ',', rows: 20 })
  const marked = await inspectFile(save('bom.csv', `\ufeff${csv([HEADER, ...rows.slice(0, 20)], ';')}`), {
    schema: SCHEMA,
  })
  t.match(marked, { encoding: 'utf-8-bom', delimiter: ';', rows: 20, errorCount: 0 })
  const tabs = await inspectFile(save('tabs.tsv', csv([HEADER, ...rows.slice(0, 20)], '\t')), { schema: SCHEMA })
  t.match(tabs, { delimiter: '\t', errorCount: 0, proposed: false, schema: SCHEMA })
  const ascii = await inspectFile(save('us-employment.csv', datasetBytes('us-employment.csv')))
  t.match(ascii, { encoding: 'utf-8', rows: 120, columns: 24, errorCount: 0 })
  t.equal(ascii.schema?.fields[0]?.type, 'date')
})

t.test('bad cells are located by row, column and rule', async (t) => {
  const wrong = rows.slice(0, 200).map((row) => [...row])
  wrong[4]![3] = '约三百'
  wrong[9]![2] = 13
  wrong[14]![0] = ''
  wrong[19]![4] = '１２.５'
  wrong[24]!.splice(0, 3, ...wrong[23]!.slice(0, 3))
  wrong[29]!.push('多余')
  wrong[34]!.pop()
  const path = save('wrong.csv', gb18030(csv([HEADER, ...wrong])))
  const found = await inspectFile(path, { schema: SCHEMA })
  t.strictSame(
    found.errors.map(({ row, column: { letter, name }, rule, value }) => [row, letter, name, rule, value]),
    [
      [6, 'D', '失业人数', 'type', '约三百'],
      [11, 'C', '月份', 'maximum', '13'],
      [16, 'A', '行业', 'required', ''],
      [21, 'E', '失业率', 'type', '１２.５'],
      [26, 'A', '行业', 'primary-key', wrong[24]!.slice(0, 3).join('，')],
      [31, 'F', '', 'extra-cell', '多余'],
      [36, 'E', '失业率', 'missing-cell', ''],
    ],
  )
  t.equal(found.errorCount, 7)
  t.strictSame(found.errors[0]?.message, { zh: '“约三百”不是整数', en: '"约三百" is not a whole number' })
  t.throws(() => refuseBadCells(found), { code: 'INPUT_INVALID', facts: { errorCount: 7 } })
  const capped = await inspectFile(path, { schema: SCHEMA, limits: { errors: 2 } })
  t.equal(capped.errors.length, 2)
  t.equal(capped.errorCount, 7)
})

t.test('XLSX: dates, texts and numbers, merged headers, hidden sheets', async (t) => {
  const day = (month: number) => new Date(Date.UTC(2025, month - 1, 1))
  const bytes = workbook({
    说明: { rows: [['这张表不可见']], hidden: true },
    月报: {
      rows: [
        ['2025年行业运行情况（模拟数据）', null, null, null, null],
        ['地区', '代码', '日期', '产量', null],
        [null, null, null, '本月', '累计'],
        ['北京', '110000', day(1), 12.5, 12.5],
        ['上海', '310000', day(2), '13.5', '—'],
      ],
      merges: ['A1:E1', 'A2:A3', 'B2:B3', 'C2:C3', 'D2:E2', 'A4:A5'],
    },
  })
  const found = await inspectFile(save('月报.xlsx', bytes), { sampleRows: 5 })
  t.match(found, { kind: 'xlsx', sheet: '月报', headerRows: [2, 3], rows: 2, columns: 5, errorCount: 0 })
  t.strictSame(
    found.sheets.map(({ hidden }) => hidden),
    [true, false],
  )
  t.strictSame(found.sample.columns, ['地区', '代码', '日期', '产量/本月', '产量/累计'])
  t.strictSame(typesOf(found.schema), ['string', 'string', 'date', 'number', 'number'])
  t.strictSame(found.schema?.fields[4]?.missingValues, ['', '—'])
  t.strictSame(found.sample.rows[1], ['上海', '310000', '2025-02-01', '13.5', '—'])
  t.strictSame(found.warnings.map(({ kind }) => kind).toSorted(), ['merged-cells', 'number-as-text', 'other-sheets'])
  const fields = ['地区', '代码', '日期', '产量/本月', '产量/累计'].map((name) => ({ name, type: 'string' }))
  fields[3]!.type = 'number'
  fields[4]!.type = 'number'
  const checked = await inspectFile(save('月报.xlsx', bytes), { schema: { fields } })
  t.match(checked.errors, [{ row: 5, column: { letter: 'E' }, rule: 'type', value: '—' }])
  t.equal(checked.errorCount, 1)
})

t.test('of several sheets the one with the most data is checked, and all are named', async (t) => {
  const bytes = workbook({
    封面: {
      rows: [
        ['编制单位', '示例协会'],
        ['日期', '2025-06'],
      ],
    },
    年度: {
      rows: [
        ['年', '产量'],
        ['2024', 1],
      ],
    },
    月度: {
      rows: [
        ['月', '产量'],
        ['2025-01', 1],
        ['2025-02', 2],
        ['2025-03', 3],
      ],
    },
    草稿: { rows: [['x'], ['1'], ['2'], ['3'], ['4'], ['5'], ['6'], ['7']], hidden: true },
  })
  const found = await inspectFile(save('多表.xlsx', bytes))
  t.match(found, { sheet: '月度', rows: 3 })
  t.match(found.warnings.find(({ kind }) => kind === 'other-sheets')?.message, {
    zh: '检查的是“月度”；“封面”、“年度”、“草稿”（隐藏）没有检查，随文件原样发布',
  })
  t.match(await inspectFile(save('多表.xlsx', bytes), { reading: { sheet: '年度' } }), { sheet: '年度', rows: 1 })
})

t.test(
  'JSON that is none is refused with the place; JSON that has no rows, and a table without any, are told',
  async (t) => {
    const json = (text: string) => inspectFile(save('a.json', text))
    await t.rejects(json('{"a":1,'), {
      code: 'INPUT_UNREADABLE',
      facts: { detail: { zh: '文件不是完整的 JSON，在结尾处中断' } },
    })
    await t.rejects(json('{"a":1,\n "b":}'), {
      code: 'INPUT_UNREADABLE',
      facts: { detail: { zh: '文件不是有效的 JSON：第 2 行第 6 个字符处有误' } },
    })
    const kinds = (found: Awaited<ReturnType<typeof json>>) => found.warnings.map(({ kind }) => kind)
    const nested = await json('{"rows":[{"a":1}]}')
    t.match([nested.kind, ...kinds(nested)], ['opaque', 'not-rows'])
    const schema = { fields: [{ name: 'a', type: 'integer' }] }
    await t.rejects(inspectFile(save('a.json', '{"a":1,'), { schema }), {
      code: 'INPUT_UNREADABLE',
      facts: { detail: { zh: '文件不是完整的 JSON，在结尾处中断' } },
    })
    t.match(kinds(await inspectFile(save('空.csv', 'a,b\n'))), ['no-rows'])
  },
)

t.test('a column that is missing is told once, not again in every row', async (t) => {
  const schema = {
    fields: [
      { name: 'a', type: 'integer', constraints: { required: true } },
      { name: 'b', type: 'integer' },
    ],
    primaryKey: ['a'],
  }
  for (const [name, content] of [
    ['缺列.csv', 'c,b\n1,2\n3,4\n'],
    [
      '缺列.xlsx',
      workbook({
        表: {
          rows: [
            ['c', 'b'],
            [1, 2],
            [3, 4],
          ],
        },
      }),
    ],
  ] as const) {
    const { errors } = await inspectFile(save(name, content), { schema })
    t.strictSame(
      errors.map(({ rule }) => rule),
      ['header-extra', 'header-missing'],
    )
  }
})

t.test('a table that does not begin in A1 keeps its own rows and letters; old workbooks are read too', async (t) => {
  const sheet = {
    rows: [
      [],
      [null, null, ...HEADER],
      ...rows.slice(0, 9).map((row) => [null, null, ...row]),
      [null, null, 'x', 1, 1, 'zwei', 1],
    ],
  }
  for (const [name, type] of [
    ['new.xlsx', 'xlsx'],
    ['old.xls', 'biff8'],
  ] as const) {
    const found = await inspectFile(save(name, workbook({ S: sheet }, type)), {
      schema: { ...SCHEMA, primaryKey: '行业' },
    })
    t.equal(found.kind, name.slice(4))
    t.strictSame(found.headerRows, [2])
    t.match(found.errors.at(-1), { row: 12, column: { letter: 'F', name: '失业人数' }, rule: 'type', value: 'zwei' })
  }
})

t.test('JSON rows and Parquet carry their own types', async (t) => {
  const json = await inspectFile(save('rows.json', datasetBytes('unemployment-across-industries.json')))
  t.match(json, { kind: 'json', encoding: 'utf-8', rows: 1708, columns: 6, headerRows: [], errorCount: 0 })
  t.strictSame(typesOf(json.schema), ['string', 'integer', 'integer', 'integer', 'number', 'datetime'])
  const text = await inspectFile(save('text.json', JSON.stringify([{ n: 1 }, { n: '2' }, { m: { deep: [1] } }])), {
    schema: { fields: [{ name: 'n', type: 'integer' }] },
  })
  t.match(text.errors, [
    { row: 2, column: { name: 'n' }, rule: 'type', value: '2' },
    { rule: 'header-extra', value: 'm' },
  ])
  const parquet = parquetWriteBuffer({
    columnData: [
      { name: '行业', data: unemployment.map(({ series }) => series), type: 'STRING' },
      { name: '人数', data: unemployment.map(({ count }) => count), type: 'INT32' },
      { name: '率', data: unemployment.map(({ rate }) => rate), type: 'DOUBLE' },
      {
        name: '日期',
        data: unemployment.map(({ year, month }) => new Date(Date.UTC(year, month - 1, 1))),
        type: 'TIMESTAMP',
      },
    ],
    rowGroupSize: 500,
  })
  const found = await inspectFile(save('rows.parquet', Buffer.from(parquet)), { sampleRows: 1 })
  t.match(found, { kind: 'parquet', rows: 1708, columns: 4, errorCount: 0 })
  t.strictSame(typesOf(found.schema), ['string', 'integer', 'number', 'datetime'])
  t.equal(found.sample.rows[0]?.[0], unemployment[0]?.series)
})

t.test('what is no table is opaque; what only claims to be one is refused in a sentence', async (t) => {
  const opaque = async (name: string, bytes: Uint8Array | string) =>
    t.match(await inspectFile(save(name, bytes)), { kind: 'opaque', schema: null, proposed: false })
  await opaque('report.pdf', '%PDF-1.7 …')
  await opaque('notes.txt', 'a,b\n1,2\n')
  await opaque('object.json', '{"a":1}')
  await opaque('archive.zip', zip([{ name: 'a.txt', bytes: Buffer.from('a') }]))
  const unreadable = async (name: string, bytes: Uint8Array | string, reason: RegExp) =>
    t.rejects(inspectFile(save(name, bytes)), { code: 'INPUT_UNREADABLE', facts: { reason } })
  await unreadable('utf16.csv', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), /UTF-16/)
  await unreadable('latin.csv', Buffer.from([0x61, 0x2c, 0xff, 0xff, 0x0a]), /neither UTF-8 nor GB18030/)
  await unreadable('cut.csv', Buffer.concat([gb18030('行业,年'), Buffer.from([0xc4])]), /neither/)
  await unreadable('binary.csv', 'a\u0000b,c\n', /control characters/)
  await unreadable('quote.csv', 'a,b\n1,2\n"x,3\n', /near line/)
  await unreadable('empty.csv', '', /no rows/)
  await unreadable('page.xls', '<html><table></table></html>', /web page/)
  await unreadable('locked.xlsx', 'not a zip', /not an Excel workbook/)
  await unreadable(
    'broken.xlsx',
    Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(200)]),
    /ZIP file is incomplete/,
  )
  await unreadable('blank.xlsx', workbook({ S: { rows: [] } }), /no data/)
  await unreadable('broken.parquet', 'PAR1garbagegarbage', /Parquet/)
  await unreadable('numbers.json', '[1, 2]', /array of objects/)
  await unreadable('cut.json', '[{"a":1},', /array of objects/)
  await unreadable('bad.json', '[{"a":1},{"a":}]', /Row 2 is not valid JSON/)
  await t.rejects(inspectFile(save('object.json', '{}'), { schema: SCHEMA }), { code: 'INPUT_UNREADABLE' })
  await t.rejects(inspectFile(folder), { code: 'INPUT_UNREADABLE', facts: { reason: /regular file/ } })
  await t.rejects(
    inspectFile(save('x.csv', 'a\n1\n'), { schema: { fields: [{ name: 'a', constraints: { pattern: '(a+)+$' } }] } }),
    { code: 'SCHEMA_INVALID' },
  )
})

t.test('the name of publication decides, not the name on disk', async (t) => {
  const path = save('5f0c', csv([HEADER, ...rows.slice(0, 5)]))
  t.equal((await inspectFile(path)).kind, 'opaque')
  t.equal((await inspectFile(path, { name: '失业.csv' })).kind, 'csv')
  t.equal((await inspectFile(path, { name: '失业.txt', schema: SCHEMA })).kind, 'csv')
  t.equal((await inspectFile(save('renamed.csv', workbook({ S: { rows: [['a'], [1]] } })))).kind, 'xlsx', 'bytes win')
})

t.test('the child reaches no other file, no network and no program', async (t) => {
  const secret = save('secret', 'secret')
  const run = (code: string) =>
    spawnSync(process.execPath, [...childFlags(INSPECT_LIMITS.rssBytes), '-e', code], { env: {}, encoding: 'utf8' })
  const denied = (name: string, code: string) => {
    const { stdout } = run(
      `Promise.resolve().then(async () => { ${code} }).then(() => console.log('allowed'), (error) => console.log(error.code ?? error.cause?.code))`,
    )
    t.equal(stdout.trim(), 'ERR_ACCESS_DENIED', name)
  }
  denied('read', `require('fs').readFileSync(${JSON.stringify(secret)})`)
  denied('list', `require('fs').readdirSync(${JSON.stringify(folder)})`)
  denied('write', `require('fs').writeFileSync(${JSON.stringify(join(folder, 'new'))}, '')`)
  denied('clone', `require('fs').readdirSync(${JSON.stringify(new URL('../../', import.meta.url).pathname)})`)
  denied('program', "require('child_process').execFileSync('true')")
  denied('thread', "new (require('worker_threads').Worker)('', { eval: true })")
  denied('network', "await new Promise((done, fail) => require('net').connect(9, '127.0.0.1', done).on('error', fail))")
  t.equal(
    run("require('fs').readFileSync('package.json'); console.log(Object.keys(process.env).length)").stdout.trim(),
    '0',
    'and has no environment',
  )
})

t.test('zip bombs and other costly files end at a limit', async (t) => {
  const costly = async (name: string, bytes: Uint8Array, limits: object) =>
    t.rejects(inspectFile(save(name, bytes), { limits }), { code: 'INPUT_TOO_COSTLY' }, name)
  await costly('declared.xlsx', workbookOf(sheetOfNumbers(1), 1024 * MIB), {})
  const bomb = workbookOf(sheetOfNumbers(250_000))
  t.ok(bomb.length < MIB, 'a small file that unpacks to 50 MB and far more in memory')
  await costly('memory.xlsx', bomb, { rssBytes: 200 * MIB })
  await costly('time.xlsx', bomb, { baseMilliseconds: 100 })
  const wide = `${Array.from({ length: 3000 }, (_, index) => `c${index}`).join(',')}\n`
  await costly('output.csv', Buffer.from(wide), { outputBytes: 1000 })
  await t.rejects(
    inspectFile(save('lying.xlsx', workbookOf(sheetOfNumbers(250_000), 1000)), { limits: { rssBytes: 200 * MIB } }),
    { name: 'Refusal' },
  )
  const stop = new AbortController()
  setTimeout(() => stop.abort(new Error('stopped')), 50)
  await t.rejects(inspectFile(save('memory.xlsx', bomb), { signal: stop.signal }), { message: 'stopped' })
})

t.test('50 MB of CSV and of JSON pass in constant memory', { timeout: 120_000 }, async (t) => {
  const limits = { rssBytes: 300 * MIB }
  const line = `${rows[0]?.join(',')}\r\n`
  const lines = Math.ceil((50 * MIB) / line.length)
  const table = await inspectFile(save('large.csv', `${HEADER.join(',')}\r\n${line.repeat(lines)}`), { limits })
  t.match(table, { rows: lines, errorCount: 0 })
  const object = `${JSON.stringify({ s: '}],[{"\\', n: 1, deep: { a: ['}'] } })},\n`
  const objects = Math.ceil((50 * MIB) / object.length)
  const json = await inspectFile(save('large.json', `[${object.repeat(objects).slice(0, -2)}]`), { limits })
  t.match(json, { rows: objects, columns: 3, errorCount: 0 })
  t.strictSame(typesOf(json.schema), ['string', 'integer', 'any'])
})
