import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import type { CatalogRecord } from '#schemas/catalog/record.ts'
import { openIndex, type SearchIndex, type SearchQuery } from '../../hub/index/search-index.ts'
import { toIndexTokens, toMatch } from '../../hub/index/tokens.ts'

const STEEL = '51100000PDY00001X3'
const COAL = '51100000PDY0000283'
const MINISTRY = '11100000PDY0090060'
const NAMES: Readonly<Record<string, string>> = {
  [STEEL]: '中国钢铁示范协会',
  [COAL]: '中国煤炭示范协会',
  [MINISTRY]: '示范部',
}

interface Short {
  readonly slug: string
  readonly title: string
  readonly en?: string
  readonly member?: string
  readonly meta?: Readonly<Record<string, unknown>>
  readonly fields?: CatalogRecord['fields']
  readonly version?: number
}

function record({ slug, title, en, member = STEEL, meta = {}, fields, version = 3 }: Short): CatalogRecord {
  const whole = {
    dataset: `${member}/${slug}`,
    member,
    sequence: 1,
    terms: 1,
    version,
    manifest: '0'.repeat(64),
    issued: '2026-11-01T00:00:00Z',
    modified: '2026-11-02T00:00:00Z',
    bytes: 100,
    files: [{ path: 'a.csv', mediaType: 'text/csv', bytes: 100 }],
    ...(fields && { fields }),
    meta: {
      slug,
      title: { zh: title, ...(en && { en }) },
      contentClass: 2,
      theme: 'production',
      industries: [],
      region: '100000',
      periodicity: 'monthly',
      sharing: 'conditional',
      ownership: 'SOURCE',
      audience: ['association', 'department'],
      legalBasis: 'other',
      classification: 'public',
      sensitive: false,
      responsible: { unit: '统计部' },
      ...meta,
    },
  }
  return whole as CatalogRecord
}

function extra(member: string, sequenceNumber: number) {
  return { memberName: NAMES[member] ?? member, memberClass: 'association', sequenceNumber } as const
}

function open(t: Test, ...entries: readonly Short[]): SearchIndex {
  const index = openIndex(join(t.testdir(), 'index.db'))
  t.teardown(() => index.close())
  const changes = entries.map((entry, at) => ({ put: record(entry), extra: extra(entry.member ?? STEEL, at + 1) }))
  index.apply(changes, entries.length)
  return index
}

const ENTRIES: readonly Short[] = [
  {
    slug: 'steel-output',
    title: '全国钢铁产量月度统计',
    en: 'Steel Output, monthly',
    meta: { industries: ['C31', 'C3110'], keywords: ['粗钢'] },
  },
  {
    slug: 'steel-jobs',
    title: '钢铁行业失业率',
    meta: { industries: ['C3120'], theme: 'workforce', sharing: 'unconditional', region: '510104' },
  },
  {
    slug: 'coal-output',
    title: '煤炭产量',
    member: COAL,
    meta: { industries: ['B06'], sharing: 'none', description: { zh: '与钢铁产量联动' } },
  },
  {
    slug: 'coal-survey',
    title: '煤炭库存调查',
    member: COAL,
    meta: { contentClass: 3, theme: undefined, industries: ['B06', 'C25'], periodicity: 'annual', region: '510000' },
  },
  {
    slug: 'notice',
    title: '登记信息',
    member: MINISTRY,
    meta: { contentClass: 1, theme: undefined, sharing: 'unconditional', region: '110000' },
  },
  {
    slug: 'gdp-2024',
    title: 'ＧＤＰ与CPI指数2024年',
    en: 'GDP and café prices',
    member: MINISTRY,
    meta: { contentClass: 4, theme: undefined, price: { amount: '1', currency: 'CNY', unit: '次' } },
  },
]

const slugs = (index: SearchIndex, query: SearchQuery) =>
  index.search(query).items.map(({ dataset }) => dataset.slice(19))

t.test('Chinese words: two characters, one, long ones, and what stands apart', async (t) => {
  const index = open(t, ...ENTRIES)
  t.strictSame(
    slugs(index, { words: '钢铁' }),
    ['steel-jobs', 'steel-output', 'coal-output'],
    'title before description',
  )
  t.strictSame(slugs(index, { words: '产量' }), ['coal-output', 'steel-output'], 'the shorter title first')
  t.strictSame(slugs(index, { words: '失业率' }), ['steel-jobs'])
  t.strictSame(slugs(index, { words: '业率' }), ['steel-jobs'])
  t.strictSame(slugs(index, { words: '炭' }), ['coal-output', 'coal-survey'], 'one character, within a word')
  t.strictSame(slugs(index, { words: '率' }), ['steel-jobs'], 'one character, the last of its run')
  t.strictSame(slugs(index, { words: '煤炭 调查' }), ['coal-survey'], 'all words')
  t.strictSame(slugs(index, { words: '铁产量' }), ['steel-output', 'coal-output'])
  t.strictSame(slugs(index, { words: '粗钢' }), ['steel-output'], 'keywords')
  t.strictSame(slugs(index, { words: '钢铁失业' }), ['steel-jobs'], 'not together, so read in pairs')
  t.strictSame(slugs(index, { words: '铁钢' }), [], 'order counts')
  t.strictSame(slugs(index, { words: '示范部' }), ['notice', 'gdp-2024'], "the member's name")
  t.strictSame(slugs(index, { words: '统计部' }).length, ENTRIES.length, 'the responsible unit')
})

t.test('letters and digits: case, width, prefixes', async (t) => {
  const index = open(t, ...ENTRIES)
  for (const words of [
    'gdp',
    'GDP',
    'ｇｄｐ',
    'gd',
    'G',
    'cpi指数',
    'CPI 指数',
    '2024年',
    '202',
    'CAFÉ',
    'cafe\u0301',
    'gdp与',
    '与CPI',
    'cpi指数2024',
  ])
    t.strictSame(slugs(index, { words }), ['gdp-2024'], words)
  t.strictSame(slugs(index, { words: 'output' }), ['coal-output', 'steel-output'])
  t.strictSame(slugs(index, { words: 'STEEL out' }), ['steel-output'])
  t.strictSame(slugs(index, { words: 'utput' }), [], 'the beginning of a word, not its middle')
  const columns = open(t, {
    slug: 'x',
    title: '表',
    fields: [{ name: 'obs_value', title: '期末库存', type: 'number' }],
  })
  for (const words of ['期末库存', 'obs_val', 'value']) t.strictSame(slugs(columns, { words }), ['x'], words)
})

t.test('ids by their beginning', async (t) => {
  const index = open(t, ...ENTRIES)
  t.strictSame(slugs(index, { words: COAL }), ['coal-output', 'coal-survey'])
  t.strictSame(slugs(index, { words: '11100000pdy' }), ['notice', 'gdp-2024'])
  t.strictSame(slugs(index, { words: `${STEEL}/steel-j` }), ['steel-jobs'])
  t.strictSame(slugs(index, { words: `${STEEL}/steel-output` }), ['steel-output'])
  t.strictSame(slugs(index, { words: 'coal-s' }), ['coal-survey'])
  t.strictSame(slugs(index, { words: `${STEEL}/coal` }), [])
})

t.test('an item carries what a list shows', async (t) => {
  const long = '数'.repeat(500)
  const index = open(t, {
    slug: 'a',
    title: '甲',
    meta: { description: { zh: long }, period: { from: '2024-01', to: '2024-06' }, keywords: ['一'] },
  })
  index.used(`${STEEL}/a`, 7)
  t.match(index.search({}).items[0], {
    dataset: `${STEEL}/a`,
    title: { zh: '甲' },
    description: { zh: '数'.repeat(300) },
    member: STEEL,
    memberName: '中国钢铁示范协会',
    memberClass: 'association',
    version: 3,
    contentClass: 2,
    theme: 'production',
    sharing: 'conditional',
    due: '2024-07-31',
    formats: ['text/csv'],
    used: 7,
  })
})

const counts = (values: readonly { readonly value: string; readonly count: number }[]) =>
  Object.fromEntries(values.map(({ value, count }) => [value, count]))

t.test('facets with counts', async (t) => {
  const { facets, total } = open(t, ...ENTRIES).search({})
  t.equal(total, 6)
  t.strictSame(counts(facets.class), { 1: 1, 2: 3, 3: 1, 4: 1 })
  t.strictSame(counts(facets.theme), { production: 2, workforce: 1 })
  t.strictSame(counts(facets.sharing), { conditional: 3, unconditional: 2, none: 1 })
  t.strictSame(counts(facets.region), { 100000: 3, 510000: 2, 110000: 1 }, 'provinces, finer codes within them')
  t.strictSame(counts(facets.periodicity), { monthly: 5, annual: 1 })
  t.strictSame(counts(facets.price), { free: 5, priced: 1 })
  t.match(
    facets.member,
    [
      { value: MINISTRY, count: 2, label: '示范部' },
      { value: STEEL, count: 2 },
      { value: COAL, count: 2 },
    ].sort((a, b) => (a.value < b.value ? -1 : 1)),
  )
  t.strictSame(
    counts(facets.industry),
    { C: 3, B: 2, none: 2 },
    'an entry counts once in its 门类; those without a code are shown',
  )
  t.strictSame(counts(facets.industry.find(({ value }) => value === 'C')?.children ?? []), { C31: 2, C25: 1 })
  t.strictSame(Object.keys(facets), [
    'class',
    'theme',
    'industry',
    'member',
    'region',
    'sharing',
    'periodicity',
    'price',
  ])
})

t.test('facets combine, and each counts past its own filter', async (t) => {
  const index = open(t, ...ENTRIES)
  t.strictSame(slugs(index, { industry: 'B', sharing: 'conditional' }), ['coal-survey'])
  t.strictSame(
    slugs(index, { industry: ['B06', 'C3120'] }),
    ['coal-survey', 'coal-output', 'steel-jobs'],
    'one of several',
  )
  for (const industry of ['C3120', '3120', 'c3120']) t.strictSame(slugs(index, { industry }), ['steel-jobs'], industry)
  t.strictSame(slugs(index, { industry: 'none' }), ['gdp-2024', 'notice'])
  t.strictSame(slugs(index, { region: '510000' }), ['coal-survey', 'steel-jobs'], 'a province with what lies in it')
  t.strictSame(slugs(index, { region: '510104' }), ['steel-jobs'])
  t.strictSame(slugs(index, { member: COAL.toLowerCase() }), ['coal-survey', 'coal-output'])
  t.strictSame(slugs(index, { price: 'priced' }), ['gdp-2024'])
  t.strictSame(slugs(index, { words: '产量', member: COAL }), ['coal-output'])
  t.strictSame(slugs(index, { theme: '', class: [''] }).length, 6, 'what a form leaves empty asks nothing')
  t.strictSame(slugs(index, { theme: 'constructor' }), [], 'an unknown value finds nothing')

  const narrow = index.search({ class: '2', sharing: 'unconditional' })
  t.equal(narrow.total, 1)
  t.strictSame(counts(narrow.facets.class), { 1: 1, 2: 1 }, 'whatever class, sharing as chosen')
  t.strictSame(
    counts(narrow.facets.sharing),
    { conditional: 1, unconditional: 1, none: 1 },
    'whatever sharing, class as chosen',
  )
  t.strictSame(counts(narrow.facets.theme), { workforce: 1 }, 'both as chosen')
  for (const [facet, values] of Object.entries(narrow.facets)) {
    for (const { value, count } of values) {
      const chosen = { class: '2', sharing: 'unconditional', [facet]: value }
      t.equal(index.search(chosen).total, count, `${facet} ${value}: the count is what choosing it finds`)
    }
  }
  const none = index.search({ words: '钢铁', theme: 'trade' })
  t.equal(none.total, 0)
  t.strictSame(
    counts(none.facets.theme),
    { production: 2, workforce: 1, trade: 0 },
    'a choice without result can be seen and undone',
  )
})

t.test('sort: relevance, newest, used', async (t) => {
  const index = open(t, ...ENTRIES)
  t.strictSame(
    slugs(index, { sort: 'newest' }),
    [...ENTRIES].reverse().map(({ slug }) => slug),
  )
  index.apply([
    { used: `${COAL}/coal-output`, pulls: 5 },
    { used: `${STEEL}/steel-jobs`, pulls: 9 },
    { used: `${STEEL}/gone`, pulls: 99 },
  ])
  t.strictSame(slugs(index, { sort: 'used', limit: 3 }), ['steel-jobs', 'coal-output', 'gdp-2024'])
  index.put(record(ENTRIES[0] as Short), extra(STEEL, 7))
  t.strictSame(
    slugs(index, { sort: 'newest', limit: 2 }),
    ['gdp-2024', 'notice'],
    'a corrected description is nothing new',
  )
  index.put(record({ ...(ENTRIES[0] as Short), version: 4 }), extra(STEEL, 7))
  t.strictSame(slugs(index, { sort: 'newest', limit: 2 }), ['steel-output', 'gdp-2024'], 'a new version is new')
  index.used(`${STEEL}/steel-jobs`, 9)
  index.put(record(ENTRIES[1] as Short), extra(STEEL, 8))
  t.equal(
    index.search({ sort: 'used' }).items[0]?.used,
    9,
    'said twice is counted once, and a new version keeps its uses',
  )
  t.equal(index.count(), 6)
})

function made(at: number): Short {
  return {
    slug: `ds-${at}`,
    title: `${'很'.repeat(at % 4)}钢铁产量${at % 7}`,
    meta: { theme: at % 3 === 0 ? 'trade' : 'production' },
  }
}

for (const query of [
  {},
  { words: '钢铁' },
  { words: '钢铁', sort: 'newest' },
  { sort: 'used' },
  { theme: 'trade' },
] as const) {
  t.test(`pages are complete while entries arrive: ${JSON.stringify(query)}`, async (t) => {
    const index = open(t, ...Array.from({ length: 57 }, (_, at) => made(at)))
    for (let at = 0; at < 57; at += 5) index.used(`${STEEL}/ds-${at}`, at % 10)
    const wanted = new Set(index.search({ ...query, limit: 100 }).items.map(({ dataset }) => dataset))
    const seen: string[] = []
    let cursor: string | undefined
    let pages = 0
    do {
      const page = index.search({ ...query, limit: 5, cursor })
      seen.push(...page.items.map(({ dataset }) => dataset))
      cursor = page.next
      index.put(record(made(1000 + pages)), extra(STEEL, 1000 + pages))
      index.remove(`${STEEL}/ds-${1000 + pages - 1}`)
      pages++
    } while (cursor !== undefined && pages < 50)
    t.ok(pages >= wanted.size / 5, `${pages} pages`)
    t.equal(new Set(seen).size, seen.length, 'nothing twice')
    t.strictSame(
      [...wanted].filter((dataset) => !seen.includes(dataset)),
      [],
      'nothing left out',
    )
  })
}

t.test('a loose reading stays loose on later pages', async (t) => {
  const index = open(t, ...Array.from({ length: 6 }, (_, at) => ({ slug: `x-${at}`, title: '钢铁行业产量' })))
  const first = index.search({ words: '钢铁产量', limit: 4 })
  t.equal(first.total, 6)
  index.put(record({ slug: 'exact', title: '钢铁产量' }), extra(STEEL, 100))
  t.equal(index.search({ words: '钢铁产量', limit: 4, cursor: first.next }).items.length, 2)
  t.strictSame(slugs(index, { words: '钢铁产量' }), ['exact'])
})

t.test('cursors that were not given for this query', async (t) => {
  const index = open(t, ...ENTRIES)
  const query = { words: '钢铁', limit: 1 } as const
  const { next } = index.search(query)
  if (next === undefined) return t.fail('no next page')
  t.match(next, /^[A-Za-z0-9_-]+$/)
  t.equal(index.search({ ...query, cursor: next }).items.length, 1)
  t.equal(index.search({ ...query, limit: 3, cursor: next }).items.length, 2, 'another page length is no other query')
  const refused = (cursor: string, other: SearchQuery = query) =>
    t.throws(
      () => index.search({ ...other, cursor }),
      { code: 'CURSOR_INVALID', status: 400 },
      JSON.stringify(cursor).slice(0, 60),
    )
  for (let at = 0; at < next.length; at++)
    refused(next.slice(0, at) + (next[at] === 'A' ? 'B' : 'A') + next.slice(at + 1))
  const body = (text: string) => Buffer.from(text).toString('base64url')
  for (const text of [
    '',
    ' ',
    '[]',
    'null',
    '{}',
    '../../etc',
    "' OR 1=1 --",
    `${next}=`,
    `${next}A`,
    next.slice(0, -1),
    `x${next}`,
    'A'.repeat(5000),
    '\0',
    body('0123456789abcdef[0,01]'),
    body('0123456789abcdef[0,1e9]'),
    body('0123456789abcdef[0,{}]'),
  ])
    refused(text)
  refused(next, { words: '煤炭', limit: 1 })
  refused(next, { ...query, sort: 'newest' })
  refused(next, { ...query, theme: 'trade' })
})

const NAUGHTY = [
  '"',
  '""',
  "'",
  "''",
  '*',
  '**',
  '^',
  ':',
  '-',
  '+',
  '(',
  ')',
  '()',
  '((',
  '{',
  '}',
  '{title}:钢铁',
  'title:钢铁',
  'ids : *',
  '- 钢铁',
  'NOT 钢铁',
  'NEAR(钢铁 产量, 2)',
  'NEAR(',
  'AND',
  'OR',
  'AND OR NOT',
  '钢铁 OR',
  '"钢铁',
  '钢铁"',
  '钢铁*',
  '^钢铁',
  '"钢铁" *',
  "'; DROP TABLE entries; --",
  '" UNION SELECT item FROM entries --',
  "1' OR '1'='1",
  '%',
  '_',
  '%%',
  '\\',
  '\\"',
  '\0',
  '钢\0铁',
  '\u0001\u0002',
  '\ud800',
  '\udfff钢铁',
  '\ufeff',
  '\u200b',
  '\u202e钢铁',
  '<script>alert(1)</script>',
  '$' + '{7*7}',
  '{{7*7}}',
  '../../../etc/passwd',
  'null',
  'undefined',
  'NaN',
  '-1',
  '1e400',
  '0x0',
  '😀',
  '👨‍👩‍👧‍👦',
  'Ω≈ç√∫',
  'ﷺ',
  '田中さん',
  '울란바토르',
  'Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮',
  '\u0301',
  'İ',
  'ﬁ',
  '𠮷野家',
  '〇',
  '々',
  '…',
  '———',
  '　',
  '\n\r\t',
  'a'.repeat(10_000),
  '钢'.repeat(10_000),
  '钢 '.repeat(5_000),
  '"钢 '.repeat(5_000),
  'words',
  'rank',
  'words MATCH 1',
  "insert into words(words) values('delete-all')",
  ';',
  '--',
  '/*',
  '?',
  '?1',
  ':id',
  '@x',
  '$x',
]

t.test('naughty strings find or do not find, but never throw and never change anything', async (t) => {
  const index = open(t, ...ENTRIES)
  const before = JSON.stringify(index.search({}))
  for (const words of NAUGHTY) {
    const label = JSON.stringify(words).slice(0, 60)
    const read = toMatch(words)
    for (const expression of [read.strict, read.loose])
      t.match(
        expression,
        /^$|^"[\p{L}\p{N}\p{M} ]+"(?: \*)?(?: AND "[\p{L}\p{N}\p{M} ]+"(?: \*)?)*$/u,
        `nothing of theirs outside quotes: ${label}`,
      )
    t.ok(index.search({ words }).total <= 6, label)
    t.ok(index.suggest(words).length <= 8, label)
    for (const facet of ['class', 'theme', 'industry', 'member', 'region', 'sharing', 'periodicity', 'price'] as const)
      t.equal(index.search({ [facet]: words }).total, words.trim() === '' ? 6 : 0, `${facet} ${label}`)
    index.remove(words)
    index.used(words, 1)
  }
  t.equal(JSON.stringify(index.search({})), before)
  for (const words of ['', ' ', '　', '\n']) t.equal(index.search({ words }).total, 6, 'blank asks for everything')
  for (const words of ['"', '***', '……', '()']) t.equal(index.search({ words }).total, 0, 'signs alone find nothing')
  for (const words of ['title:钢铁', '"钢铁', '钢铁*', '^钢铁', '{钢铁}'])
    t.ok(index.search({ words }).total <= 3, words)
  for (const words of ['"钢铁"', '钢铁*', '(钢铁)'])
    t.equal(index.search({ words }).total, 3, `${words}: signs are no part of a word`)
  for (const limit of [0, -1, Number.NaN, 1.5, 1e9, Number.POSITIVE_INFINITY]) {
    const { length } = index.search({ limit }).items
    t.ok(length >= 1 && length <= 6, String(limit))
  }
})

t.test('naughty titles are indexed and found by their words', async (t) => {
  const index = open(
    t,
    ...NAUGHTY.map((text, at) => ({
      slug: `n-${at}`,
      title: `${text.slice(0, 200)}样本`,
      meta: { keywords: [text.slice(0, 40)] },
    })),
  )
  t.equal(index.search({ words: '样本' }).total, NAUGHTY.length)
  t.equal(index.count(), NAUGHTY.length)
})

t.test('suggestions', async (t) => {
  const index = open(t, ...ENTRIES)
  t.match(index.suggest('钢铁'), [
    { kind: 'member', value: STEEL, text: '中国钢铁示范协会' },
    { kind: 'dataset', value: `${STEEL}/steel-jobs`, text: '钢铁行业失业率' },
    { kind: 'dataset', value: `${STEEL}/steel-output` },
  ])
  t.strictSame(
    index.suggest('5110').map(({ kind }) => kind),
    ['member', 'member', 'dataset', 'dataset', 'dataset', 'dataset'],
  )
  t.strictSame(index.suggest('钢'), index.suggest(' 钢 '))
  t.strictSame(index.suggest(''), [])
})

t.test('remove, replace, rename', async (t) => {
  const index = open(t, ...ENTRIES)
  index.remove(`${STEEL}/steel-jobs`)
  index.remove(`${STEEL}/steel-jobs`)
  t.strictSame(slugs(index, { words: '失业率' }), [])
  t.equal(index.count(), 5)
  t.strictSame(counts(index.search({}).facets.theme), { production: 2 })
  index.put(record({ slug: 'steel-output', title: '水泥价格' }), { ...extra(STEEL, 9), memberName: '中国建材示范协会' })
  t.strictSame(slugs(index, { words: '水泥' }), ['steel-output'])
  t.strictSame(slugs(index, { words: '钢铁' }), ['coal-output'], 'the words of the old version are gone')
  t.equal(index.search({ words: '水泥' }).items[0]?.memberName, '中国建材示范协会')
  index.apply([
    { put: record({ slug: 'brief', title: '临时' }), extra: extra(STEEL, 10) },
    { remove: `${STEEL}/brief` },
  ])
  t.equal(index.count(), 5)
  t.equal(index.search({}).total, 5)
})

t.test('a batch is one transaction, position included', async (t) => {
  const index = open(t, ...ENTRIES)
  t.equal(index.position(), 6)
  const bad = { ...record({ slug: 'bad', title: '坏' }), dataset: null } as unknown as CatalogRecord
  const batch = [
    { put: record({ slug: 'good', title: '好' }), extra: extra(STEEL, 7) },
    { put: bad, extra: extra(STEEL, 8) },
  ]
  t.throws(() => index.apply(batch, 8))
  t.equal(index.position(), 6)
  t.equal(index.count(), 6)
  t.strictSame(slugs(index, { words: '好' }), [])
  index.setPosition(9)
  t.equal(index.position(), 9)
})

function writeNonsense(path: string) {
  writeFileSync(path, 'this is no database, and longer than a header has to be '.repeat(100))
}

function breakPages(path: string) {
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.fill(0xff, 4096))
}

function setLayout(path: string) {
  const db = new Database(path)
  db.pragma('user_version = 999')
  db.close()
}

t.test('the file is kept, and built anew when it cannot be used', async (t) => {
  const path = join(t.testdir(), 'index.db')
  const first = openIndex(path)
  t.equal(first.position(), 0)
  first.apply(
    ENTRIES.map((entry, at) => ({ put: record(entry), extra: extra(entry.member ?? STEEL, at + 1) })),
    6,
  )
  first.used(`${COAL}/coal-output`, 3)
  const before = JSON.stringify([first.search({ words: '钢铁' }), first.search({ sort: 'used' })])
  first.close()
  t.notOk(existsSync(`${path}-wal`), 'closed cleanly')
  const second = openIndex(path)
  t.equal(JSON.stringify([second.search({ words: '钢铁' }), second.search({ sort: 'used' })]), before)
  t.equal(second.position(), 6)
  second.close()
  for (const harm of [writeNonsense, breakPages, setLayout]) {
    harm(path)
    const again = openIndex(path)
    t.equal(again.position(), 0, `${harm.name}: the hub sees that it has to fill it`)
    t.equal(again.count(), 0)
    t.equal(again.search({ words: '钢铁' }).total, 0)
    again.apply([{ put: record(ENTRIES[0] as Short), extra: extra(STEEL, 1) }], 1)
    again.close()
  }
})

t.test('relations in both directions, and when a version first came', async (t) => {
  const upstream = { relations: { upstream: [`${COAL}/coal-output`] } }
  const [steel, , coal] = ENTRIES as [Short, Short, Short]
  const index = open(t, { ...steel, meta: { ...steel.meta, ...upstream } }, coal)
  const naming = () => index.naming(`${COAL}/coal-output`).map(({ item, role }) => [item.dataset, role])
  t.strictSame(naming(), [[`${STEEL}/steel-output`, 'upstream']])
  t.equal(index.find(`${STEEL}/steel-output`)?.released, '2026-11-02T00:00:00Z')
  index.put(record(steel), { ...extra(STEEL, 3), released: '2026-10-01T00:00:00Z' })
  t.strictSame(naming(), [], 'what is not said any more is gone')
  t.match(index.find(`${STEEL}/steel-output`), { released: '2026-10-01T00:00:00Z', modified: '2026-11-02T00:00:00Z' })
  t.equal(index.find(`${STEEL}/none`), undefined)
})

t.test('tokens', async (t) => {
  t.equal(toIndexTokens('钢铁产量2024'), '钢铁 铁产 产量 量 2024')
  t.equal(toIndexTokens('ＡＢＣ—def'), 'abc def')
  t.equal(toIndexTokens('𠮷野'), '𠮷野 野', 'characters outside the basic plane stay whole')
  t.equal(toIndexTokens('!?'), '')
  t.strictSame(toMatch('钢铁产量'), { strict: '"钢铁 铁产 产量"', loose: '"钢铁" AND "产量"' })
  t.strictSame(toMatch('产业链 GDP'), { strict: '"产业 业链" AND "gdp" *', loose: '"产业" AND "业链" AND "gdp" *' })
  t.strictSame(toMatch('钢'), { strict: '"钢" *', loose: '"钢" *' })
  t.equal(toMatch('a '.repeat(100)).strict.split(' AND ').length, 16, 'no more words than that are looked for')
})

t.test('twenty thousand entries', async (t) => {
  const index = open(t)
  const goods = ['钢铁', '煤炭', '水泥', '纺织', '汽车']
  const kinds = ['产量', '销量', '库存', '价格']
  const themes = ['production', 'circulation', 'trade']
  const size = 20_000
  for (let from = 0; from < size; from += 2_000) {
    const batch = Array.from({ length: 2_000 }, (_, step) => {
      const at = from + step
      const title = `${goods[at % 5]}行业${kinds[at % 4]}第${at}期`
      const meta = { theme: themes[at % 3], industries: [at % 2 === 0 ? 'C3110' : 'B06'] }
      return {
        put: record({ slug: `ds-${at}`, title, member: at % 2 === 0 ? STEEL : COAL, meta }),
        extra: extra(MINISTRY, at + 1),
      }
    })
    index.apply(batch, from + 2_000)
  }
  t.equal(index.count(), size)
  const { total, facets, items, next } = index.search({ words: '钢铁 产量', industry: 'C31', limit: 50 })
  t.equal(total, size / 20, 'every fifth and every fourth, all of them even')
  t.equal(items.length, 50)
  t.type(next, 'string')
  t.strictSame(counts(facets.industry), { C: 1_000 })
  t.equal(
    facets.theme.reduce((sum, { count }) => sum + count, 0),
    1_000,
  )
  t.equal(index.search({ words: '行业' }).total, size)
  t.strictSame(slugs(index, { words: 'ds-19999' }), ['ds-19999'])
  index.remove(`${STEEL}/ds-0`)
  t.equal(index.search({ words: '钢铁 产量' }).total, 999)
})
