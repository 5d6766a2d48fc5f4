import fc from 'fast-check'
import t from 'tap'
import { collectFindings } from '../../node/tables/bad-cells.ts'
import { type Cell, type Column, columnLetter } from '../../node/tables/cells.ts'
import { checkHeader } from '../../node/tables/check-header.ts'
import { createRowChecker } from '../../node/tables/check-rows.ts'
import { compileDateFormat, readIsoDate, readIsoMonth, readIsoTime } from '../../node/tables/date-formats.ts'
import { findHeader } from '../../node/tables/find-header.ts'
import { parseTableSchema } from '../../node/tables/parse-table-schema.ts'
import { createProposer } from '../../node/tables/propose-schema.ts'
import { recogniseDelimiter } from '../../node/tables/recognise.ts'
import type { CellTypes } from '../../node/tables/table.ts'
import type { Field, TableSchema } from '../../node/tables/table-schema.ts'

const columnsOf = (...names: string[]): Column[] => names.map((name, index) => ({ name, letter: columnLetter(index) }))

/** Checks rows, the first in row 2, and gives what was found as "cell rule". */
function check(
  schema: TableSchema,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  cellTypes: CellTypes = 'none',
) {
  const findings = collectFindings(100)
  checkHeader(columns, 1, schema, findings)
  const checker = createRowChecker(schema, columns, findings, cellTypes)
  for (const [index, cells] of rows.entries()) checker.checkRow({ number: index + 2, cells })
  return findings.listed.map(({ row, column, rule }) => `${column.letter}${row} ${rule}`)
}

/** The fields proposed for one column of cells, without its name. */
function propose(cells: readonly Cell[], name = 'x', cellTypes: CellTypes = 'none') {
  const proposer = createProposer(columnsOf(name), cellTypes)
  for (const [index, cell] of cells.entries()) proposer.addRow({ number: index + 2, cells: [cell] })
  const { name: _, ...field } = proposer.schema().fields[0] ?? { name: '' }
  return { field, warnings: proposer.warnings().map(({ kind, count, row }) => `${kind} ${count} ${row}`) }
}

t.test('a schema from a stranger is taken only if it can be applied safely', async (t) => {
  const field = (more: object) => ({ fields: [{ name: 'a', ...more }] })
  t.strictSame(parseTableSchema({ fields: [{ name: 'a' }] }), { fields: [{ name: 'a' }] })
  const refused = (schema: unknown, at: string, rule?: string) =>
    t.throws(
      () => parseTableSchema(schema),
      { code: 'SCHEMA_INVALID', facts: { field: at, ...(rule ? { rule } : {}) } },
      at,
    )
  refused(null, '/')
  refused({ fields: [] }, '/fields')
  refused({ fields: [{ name: 'a' }], $ref: 'http://example.org' }, '/$ref')
  refused({ fields: [{ name: 'a' }], foreignKeys: [] }, '/foreignKeys')
  refused(field({ constraints: { pattern: '(a+)+$' } }), '/fields/0/constraints/pattern')
  refused(field({ type: 'geojson' }), '/fields/0/type')
  refused(field({ type: 'string', format: 'email' }), '/fields/0/format', 'known')
  refused(field({ type: 'date', format: '%d.%m' }), '/fields/0/format', 'known')
  refused(field({ type: 'date', format: '%Y-%Y' }), '/fields/0/format', 'known')
  refused(field({ type: 'date', format: 'any' }), '/fields/0/format', 'known')
  refused(field({ type: 'number', groupChar: '1' }), '/fields/0/groupChar', 'enum')
  refused(field({ type: 'number', groupChar: '.' }), '/fields/0/groupChar', 'distinct')
  refused(field({ type: 'integer', constraints: { minimum: '1.5' } }), '/fields/0/constraints/minimum', 'type')
  refused(field({ type: 'string', constraints: { maximum: 3 } }), '/fields/0/constraints/maximum', 'type')
  refused(field({ type: 'integer', constraints: { maxLength: 3 } }), '/fields/0/constraints/maxLength', 'type')
  refused(field({ type: 'date', constraints: { enum: ['2025-02-30'] } }), '/fields/0/constraints/enum', 'type')
  refused({ fields: [{ name: 'a' }, { name: 'a' }] }, '/fields/1/name', 'unique')
  refused({ fields: [{ name: 'a' }], primaryKey: ['a', 'b'] }, '/primaryKey', 'known')
})

t.test('each rule finds its cells and no others', async (t) => {
  const one = (constraints: Field['constraints'], type: Field['type'], ...cells: string[]) =>
    check(
      { fields: [{ name: 'x', ...(type ? { type } : {}), ...(constraints ? { constraints } : {}) }] },
      columnsOf('x'),
      cells.map((cell) => [cell]),
    )
  t.strictSame(one({ required: true }, 'string', 'a', '', ' '), ['A3 required', 'A4 required'])
  t.strictSame(one({ unique: true }, 'string', 'a', 'b', 'a', '', ''), ['A4 unique'])
  t.strictSame(one({ unique: true }, 'number', '1', '1.0', '1e0'), ['A3 unique', 'A4 unique'])
  t.strictSame(one({ minimum: 2, maximum: '3.5' }, 'number', '2', '1.99', '3.5', '3.51'), ['A3 minimum', 'A5 maximum'])
  t.strictSame(one({ minimum: '2025-02-01' }, 'date', '2025-01-31', '2025-02-01'), ['A2 minimum'])
  t.strictSame(one({ minLength: 2, maxLength: 3 }, 'string', '北京', '沪', '𠮷野家', '北京市区'), [
    'A3 minLength',
    'A5 maxLength',
  ])
  t.strictSame(one({ enum: ['甲', '乙'] }, 'string', '甲', '丙', ''), ['A3 enum'])
  t.strictSame(one({ enum: [1, '2'] }, 'integer', '1', '2', '3'), ['A4 enum'])
  t.strictSame(one(undefined, 'integer', '1', '-5', '+7', '1.0', '1e3', '１', '0x1', ' 8 '), [
    'A5 type',
    'A6 type',
    'A7 type',
    'A8 type',
  ])
  t.strictSame(one(undefined, 'number', '1', '.5', '5.', '1e-3', '1,000', 'NaN', '1e999', 'Infinity'), [
    'A6 type',
    'A7 type',
    'A8 type',
    'A9 type',
  ])
  t.strictSame(one(undefined, 'boolean', 'true', 'FALSE', '1', 'yes'), ['A5 type'])
  t.strictSame(one(undefined, 'year', '2025', '25', '12025'), ['A3 type', 'A4 type'])
  t.strictSame(one(undefined, 'any', 'true', '', '—'), [])
})

t.test('numbers with separators, own missing values, keys of several columns', async (t) => {
  const fields: Field[] = [
    { name: '地区', missingValues: [] },
    { name: '产值', type: 'number', groupChar: ',', missingValues: ['', '—', '…'] },
    { name: '欧式', type: 'number', groupChar: '.', decimalChar: ',' },
  ]
  const rows = [
    ['北京', '1,234.5', '1.234,5'],
    ['北京', '—', ''],
    ['上海', '12,34', '1,234.5'],
    ['', '…', '无'],
    ['上海', '1234567', '5'],
  ]
  t.strictSame(check({ fields, primaryKey: '地区' }, columnsOf('地区', '产值', '欧式'), rows), [
    'A3 primary-key',
    'B4 type',
    'C4 type',
    'C5 type',
    'A6 primary-key',
  ])
})

t.test('columns are matched by name or title, whatever their order', async (t) => {
  const fields: Field[] = [
    { name: 'region', title: '地区' },
    { name: 'value', type: 'integer', title: '数值' },
    { name: 'note' },
  ]
  t.strictSame(check({ fields }, columnsOf('数值', '地区', 'note'), [['x', '北京', '']]), ['A2 type'])
  t.strictSame(check({ fields }, columnsOf('value', '', 'value', '别的'), [['1', '', '2', '']]), [
    'B1 header-blank',
    'C1 header-duplicate',
    'D1 header-extra',
    '1 header-missing',
    '1 header-missing',
  ])
})

t.test('typed cells are held to their own types, workbooks may keep numbers as text', async (t) => {
  const fields: Field[] = [
    { name: 'n', type: 'integer' },
    { name: 's', type: 'string' },
    { name: 'b', type: 'boolean' },
    { name: 'd', type: 'date' },
  ]
  const rows: Cell[][] = [
    [1, 'a', true, '2025-01-01'],
    [10n, null, null, null],
    ['1', 2, 'true', { json: '{}' }],
    [1.5, { json: '[]' }, 1, 20250101],
  ]
  t.strictSame(check({ fields }, columnsOf('n', 's', 'b', 'd'), rows, 'strict'), [
    'A4 type',
    'B4 type',
    'C4 type',
    'D4 type',
    'A5 type',
    'B5 type',
    'C5 type',
    'D5 type',
  ])
  t.strictSame(check({ fields }, columnsOf('n', 's', 'b', 'd'), [['1', 2, 'true', '2025-01-01']], 'loose'), [])
})

t.test('dates exist in the calendar, in the format that was declared', async (t) => {
  const day = Date.UTC(2024, 1, 29)
  t.equal(readIsoDate('2024-02-29'), day)
  for (const wrong of ['2025-02-29', '2024-2-29', '2024-13-01', '2024-02-00', '20240229', '2024-02-29T00:00:00'])
    t.equal(readIsoDate(wrong), undefined, wrong)
  t.equal(readIsoMonth('2024-02'), Date.UTC(2024, 1, 1))
  t.equal(readIsoMonth('2024-00'), undefined)
  t.equal(readIsoTime('2024-02-29T08:00:00+08:00'), day)
  t.equal(readIsoTime('2024-02-28T19:00:00.000-05:00'), day)
  t.equal(readIsoTime('2024-02-29T00:00:00Z'), readIsoTime('2024-02-29T00:00:00'))
  t.equal(readIsoTime('2024-02-29T24:00:00'), undefined)
  t.equal(compileDateFormat('%Y年%m月%d日')?.('2024年2月29日'), day)
  t.equal(compileDateFormat('%Y%m%d')?.('20240229'), day)
  t.equal(compileDateFormat('%Y%m%d')?.('2024229'), undefined)
  t.equal(compileDateFormat('%Y.%m')?.('2024x02'), undefined, 'a dot is a dot')
  for (const odd of ['', '%', '%Y%', '%y', '%m', '%Y-%q', '(a+)+']) t.equal(compileDateFormat(odd), undefined, odd)
})

t.test('types are proposed as a careful person would', async (t) => {
  const type = (cells: Cell[], name?: string, cellTypes?: CellTypes) => propose(cells, name, cellTypes).field.type
  t.equal(type(['1', '-2', '300']), 'integer')
  t.equal(type(['1', '2.5']), 'number')
  t.equal(type(['007', '010']), 'string', 'leading zeros')
  t.equal(type(['51100000123456789', '1']), 'string', 'more digits than a number keeps')
  t.equal(type(['110000', '310000'], '地区代码'), 'string', 'named a code')
  t.equal(type(['110000', '310000'], 'zip'), 'string')
  t.equal(type(['110000', '310000'], 'paid'), 'integer', 'only ends like one')
  t.equal(type(['2024', '2025'], '年份'), 'year')
  t.equal(type(['2024', '2025'], '数量'), 'integer')
  t.match(propose(['1,234', '12']).field, { type: 'integer', groupChar: ',' })
  t.match(propose(['1,234.5', '12']).field, { type: 'number', groupChar: ',' })
  t.match(propose(['是', '否', '是']).field, { type: 'boolean', trueValues: ['是'] })
  t.equal(type(['0', '1']), 'integer', 'not a boolean')
  t.match(propose(['2025-06-01']).field, { type: 'date', constraints: { required: true } })
  t.match(propose(['2025年6月1日', '']).field, { type: 'date', format: '%Y年%m月%d日' })
  t.match(propose(['20250601'], '日期').field, { type: 'date', format: '%Y%m%d' })
  t.equal(type(['2025-06', '2025-07']), 'yearmonth')
  t.equal(type(['2025年6月', '2025年7月']), 'string')
  t.equal(type(['2024年1-2月', '2024-03']), 'string')
  t.equal(type(['—', '—']), 'string', 'nothing but marks')
  t.strictSame(propose(['1', '—', '…', '2']).field, { type: 'integer', missingValues: ['', '—', '…'] })
  t.strictSame(
    propose(['北京', '—', '无']).field,
    { type: 'string', constraints: { required: true } },
    'marks are text among texts',
  )
  t.strictSame(propose(['北京', '']).field, { type: 'string' })
  t.strictSame(propose(['１２３', '4']), {
    field: { type: 'string', constraints: { required: true } },
    warnings: ['full-width 1 2'],
  })
  t.strictSame(propose(['1.2万', '3万', '5%', '7']), {
    field: { type: 'string', constraints: { required: true } },
    warnings: ['unit-suffix 3 2'],
  })
  t.strictSame(propose([1, '2', 3], '产量', 'loose'), {
    field: { type: 'integer', constraints: { required: true } },
    warnings: ['number-as-text 1 3'],
  })
  t.equal(type(['110000', '310000'], '地区', 'loose'), 'string', 'stored as text in a workbook')
  t.equal(type(['12', '13'], 'n', 'strict'), 'string')
  t.equal(type([12, 13], 'id', 'strict'), 'integer')
  t.equal(type([{ json: '{}' }], 'n', 'strict'), 'any')
})

t.test('what is proposed fits what it was proposed from', async (t) => {
  const text = fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '—',
      '…',
      '无',
      '1',
      '-2',
      '007',
      '1,234',
      '1,234.5',
      '１２',
      '3万',
      '是',
      '否',
      'true',
      '2025-06',
      '2025-06-01',
      '2025/6/1',
      '2025年6月1日',
      '20250601',
      '2025-02-30',
      '北京',
      '1e5',
      '+3',
      '.5',
      '5.',
    ),
    fc.string({ maxLength: 5 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.integer().map(String),
  )
  const cell: fc.Arbitrary<Cell> = fc.oneof(
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.constant({ json: '{}' }),
  )
  const kinds: [CellTypes, fc.Arbitrary<Cell>][] = [
    ['none', text],
    ['loose', cell],
    ['strict', cell],
  ]
  for (const [cellTypes, cells] of kinds) {
    const name = fc.constantFrom('x', '年份', '日期', '代码')
    fc.assert(
      fc.property(name, fc.array(cells, { minLength: 1, maxLength: 4 }), (column, values) => {
        const columns = columnsOf(column)
        const proposer = createProposer(columns, cellTypes)
        for (const [index, value] of values.entries()) proposer.addRow({ number: index + 2, cells: [value] })
        const schema = parseTableSchema(JSON.parse(JSON.stringify(proposer.schema())))
        return (
          check(
            schema,
            columns,
            values.map((value) => [value]),
            cellTypes,
          ).length === 0
        )
      }),
      { numRuns: 2000 },
    )
  }
  t.pass('6,000 random columns')
})

t.test('columns that appear later, without a name or with the same name', async (t) => {
  const columns = columnsOf('a')
  const proposer = createProposer(columns, 'strict')
  proposer.addRow({ number: 1, cells: [1] })
  columns.push(...columnsOf('a', '').map((column, index) => ({ ...column, letter: columnLetter(index + 1) })))
  proposer.addRow({ number: 2, cells: [2, 3, 4] })
  t.strictSame(proposer.schema().fields, [
    { name: 'a', type: 'integer', constraints: { required: true } },
    { name: 'a_B', type: 'integer' },
    { name: '_C', type: 'integer' },
  ])
})

t.test('the delimiter is what every line has', async (t) => {
  t.equal(recogniseDelimiter('a,b\n1,2\n'), ',')
  t.equal(recogniseDelimiter('a\tb\n1,5\t2,5\n'), '\t')
  t.equal(recogniseDelimiter('a;b\n1,5;2,5\n'), ';')
  t.equal(recogniseDelimiter('"x;y;z",b\n"1;2;3",2\n'), ',')
  t.equal(recogniseDelimiter('only\none\n'), ',')
  t.equal(recogniseDelimiter(''), ',')
})

t.test('header rows of a sheet', async (t) => {
  const find = (rows: Cell[][], ...merges: [number, number, number, number][]) =>
    findHeader(
      (row) => rows[row] ?? [],
      rows.length,
      merges.map(([top, left, bottom, right]) => ({ top, left, bottom, right })),
    )
  t.strictSame(find([[], [null, 'a', 'b'], [null, 1, 2]]), { rows: [1], left: 1, names: ['a', 'b'] })
  t.strictSame(find([['a', null, 'c']]), { rows: [0], left: 0, names: ['a', '', 'c'] }, 'a gap stays and is reported')
  t.strictSame(find([['title'], ['a', 'b']], [0, 0, 0, 1]), { rows: [1], left: 0, names: ['a', 'b'] })
  t.strictSame(find([['only'], [1]]), { rows: [0], left: 0, names: ['only'] }, 'one column is no title')
  t.strictSame(
    find(
      [
        ['地区', '产量', null],
        [null, '本月', '累计'],
        ['京', 1, 2],
      ],
      [0, 0, 1, 0],
      [0, 1, 0, 2],
    ),
    { rows: [0, 1], left: 0, names: ['地区', '产量/本月', '产量/累计'] },
  )
  t.equal(find([[], [null]]), undefined)
  t.equal(find([['a', 'b']], [0, 0, 1_048_575, 16_383])?.rows.length, 1, 'a merge over all of the sheet changes little')
})

t.test('letters of columns', async (t) => {
  t.strictSame([0, 25, 26, 51, 52, 701, 702, 16_383].map(columnLetter), [
    'A',
    'Z',
    'AA',
    'AZ',
    'BA',
    'ZZ',
    'AAA',
    'XFD',
  ])
})
