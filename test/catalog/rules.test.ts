import fc from 'fast-check'
import t from 'tap'
import { toDcatCatalog } from '#schemas/catalog/dcat.ts'
import {
  findUnreadable,
  isDisplayParagraph,
  isDisplayText,
  isReadable,
  toReadable,
} from '#schemas/catalog/display-text.ts'
import { findBadFileName, foldFileName } from '#schemas/catalog/file-names.ts'
import { fillMeta, META_DEFAULTS, parseMeta } from '#schemas/catalog/fill-meta.ts'
import { toGovMetadata, toResourceCode } from '#schemas/catalog/gov-metadata.ts'
import { isDatasetId, META, META_INPUT, type Meta } from '#schemas/catalog/meta.ts'
import type { CatalogRecord } from '#schemas/catalog/record.ts'
import { CATALOG_REFUSALS, type CatalogRefusalCode } from '#schemas/catalog/refusals.ts'
import {
  checkCatalogRules,
  checkRecordRules,
  findBrokenRules,
  META_RULES,
  permitEnd,
  RECORD_RULES,
  type RuleContext,
} from '#schemas/catalog/rules.ts'
import { CLASSIFICATIONS } from '#schemas/codes/classifications.ts'
import { CONTENT_CLASSES } from '#schemas/codes/content-classes.ts'
import {
  findIndustryLabel,
  INDUSTRY_DIVISIONS,
  INDUSTRY_EDITION,
  INDUSTRY_SECTIONS,
  industryPath,
  isIndustryCode,
  withSection,
} from '#schemas/codes/industries.ts'
import { isCode } from '#schemas/codes/label.ts'
import { LEGAL_BASES } from '#schemas/codes/legal-bases.ts'
import { OWNERSHIP } from '#schemas/codes/ownership.ts'
import { daysLate, nextDue, PERIODICITIES, type PeriodicityCode } from '#schemas/codes/periodicities.ts'
import { findDays } from '#schemas/codes/periods.ts'
import { findRegionLabel, isRegionCode, REGIONS } from '#schemas/codes/regions.ts'
import { SHARING } from '#schemas/codes/sharing.ts'
import { THEMES } from '#schemas/codes/themes.ts'
import { Refusal } from '#schemas/refusal.ts'

const STEEL = '51100000PDY00001X3'
const COAL = '51100000PDY0000283'
const NOW = Date.parse('2026-11-24T04:00:00Z') / 1000
const CONTEXT: RuleContext = { phase: 'construction', now: NOW, member: STEEL, memberClass: 'association' }
const ROLLOUT: Partial<RuleContext> = { phase: 'rollout' }
const PRICE = { amount: '100.00', currency: 'CNY', unit: '次' }
const PERMIT = { authority: '国家统计局', number: '国统制〔2026〕1号', form: '甲101表', until: '2026-12-31' }

const INPUT = {
  slug: 'steel-output',
  title: { zh: '全国钢铁产量月度统计', en: 'Steel output' },
  contentClass: 2,
  theme: 'production',
  sharing: 'conditional',
  responsible: { unit: '统计部' },
} as const

function meta(change: Readonly<Record<string, unknown>> = {}): Meta {
  return { ...fillMeta(parseMeta(INPUT)), ...change } as Meta
}

function record(
  change: Readonly<Record<string, unknown>> = {},
  metaChange: Readonly<Record<string, unknown>> = {},
): CatalogRecord {
  const whole = {
    dataset: `${STEEL}/steel-output`,
    member: STEEL,
    sequence: 1,
    terms: 1,
    version: 1,
    manifest: '0'.repeat(64),
    issued: '2026-11-01T17:00:00Z',
    modified: '2026-11-02T00:00:00Z',
    bytes: 10,
    files: [{ path: '产量.csv', mediaType: 'text/csv; charset=gb18030', bytes: 10 }],
    fields: [{ name: 'month', title: '月份', type: 'yearmonth' }],
    meta: meta(metaChange),
  }
  return { ...whole, ...change } as CatalogRecord
}

interface Case {
  readonly breaks: Readonly<Record<string, unknown>>
  readonly keeps: Readonly<Record<string, unknown>>
  readonly context?: Partial<RuleContext>
  /** Where the circumstances and not META make the difference. */
  readonly keepsContext?: Partial<RuleContext>
}

/** One case per rule: a smallest change that breaks this rule alone, and the nearest one that does not. */
const CASES: Readonly<Partial<Record<CatalogRefusalCode, Case>>> = {
  CLASSIFICATION_REFUSED: { breaks: { classification: 'state-secret' }, keeps: { classification: 'confidential' } },
  SLUG_INVALID: { breaks: { slug: '-steel' }, keeps: { slug: '0steel._-' } },
  RESPONSIBLE_REQUIRED: { breaks: { responsible: { unit: '' } }, keeps: { responsible: { unit: '处' } } },
  TEXT_INVALID: { breaks: { title: { zh: '钢铁\u202e产量' } }, keeps: { title: { zh: '钢铁　产量' } } },
  THEME_REQUIRED: { breaks: { theme: undefined }, keeps: { theme: undefined, contentClass: 4 } },
  INDUSTRY_UNKNOWN: { breaks: { industries: ['C31', 'B31'] }, keeps: { industries: [] } },
  REGION_UNKNOWN: { breaks: { region: '990000' }, keeps: { region: '510104' } },
  PERIOD_INVALID: {
    breaks: { period: { from: '2024-02', to: '2024-01' } },
    keeps: { period: { from: '2024-02-29', to: '2024' } },
  },
  CLASSIFICATION_SHARING: {
    breaks: { classification: 'confidential', sharing: 'unconditional' },
    keeps: { classification: 'internal', sharing: 'unconditional' },
  },
  SENSITIVE_SHARING: { breaks: { sensitive: true, sharing: 'unconditional' }, keeps: { sensitive: true } },
  DISCLOSURE_WITHHELD: {
    breaks: { legalBasis: 'must-disclose', sharing: 'none' },
    keeps: { legalBasis: 'must-disclose', sharing: 'unconditional' },
  },
  OWNERS_REQUIRED: {
    breaks: { ownership: 'JOINT', owners: [COAL, '51100000PDY000036X'] },
    keeps: { ownership: 'JOINT', owners: [COAL, STEEL] },
  },
  OWNERS_UNEXPECTED: { breaks: { owners: [STEEL] }, keeps: { owners: undefined } },
  OWNER_INVALID: {
    breaks: { ownership: 'JOINT', owners: [STEEL, '51100000PDY0000284'] },
    keeps: { ownership: 'JOINT', owners: [STEEL, COAL] },
  },
  PLATFORM_RESERVED: {
    breaks: { ownership: 'PLATFORM' },
    keeps: { ownership: 'PLATFORM' },
    keepsContext: { memberClass: 'department' },
  },
  PRICE_PHASE: { breaks: { price: PRICE }, keeps: { price: PRICE }, keepsContext: ROLLOUT },
  PRICE_LEGAL_BASIS: {
    breaks: { price: PRICE, legalBasis: 'must-report' },
    keeps: { price: PRICE, legalBasis: 'other' },
    context: ROLLOUT,
  },
  PRICE_CLASS: { breaks: { price: PRICE, contentClass: 1 }, keeps: { price: PRICE }, context: ROLLOUT },
  PRICE_INVALID: {
    breaks: { price: { ...PRICE, amount: '0.00' } },
    keeps: { price: { ...PRICE, amount: '0.01' } },
    context: ROLLOUT,
  },
  PERMIT_REQUIRED: { breaks: { contentClass: 3 }, keeps: { contentClass: 3, permit: PERMIT } },
  PERMIT_INVALID: {
    breaks: { contentClass: 3, permit: { ...PERMIT, until: '2027-02-29' } },
    keeps: { contentClass: 3, permit: { ...PERMIT, until: '2028-02-29' } },
  },
  PERMIT_EXPIRED: {
    breaks: { contentClass: 3, permit: { ...PERMIT, until: '2026-11-23' } },
    keeps: { contentClass: 3, permit: { ...PERMIT, until: '2026-11-24' } },
  },
  SAMPLE_CLASSIFICATION: {
    breaks: { sample: { rows: 5 }, classification: 'internal' },
    keeps: { sample: { rows: 5 }, classification: 'public' },
  },
  SAMPLE_SHARING: { breaks: { sample: { rows: 5 }, sharing: 'none' }, keeps: { sample: { rows: 5 } } },
  RELATION_INVALID: {
    breaks: { relations: { upstream: [`${COAL}/`] } },
    keeps: { relations: { upstream: [`${COAL}/coal-output`] } },
  },
  RELATION_SELF: {
    breaks: { relations: { related: [`${STEEL}/steel-output`] } },
    keeps: { relations: { related: [`${STEEL}/steel-stocks`] } },
  },
}

for (const { code, field } of META_RULES) {
  t.test(`rule ${code}`, async (t) => {
    const found = CASES[code]
    if (found === undefined) return t.fail('no case for this rule')
    const context = { ...CONTEXT, ...found.context }
    t.strictSame(findBrokenRules(meta(found.breaks), context), [code])
    t.throws(() => checkCatalogRules(meta(found.breaks), context), { code, facts: { rule: code, broken: [code] } })
    t.strictSame(findBrokenRules(meta(found.keeps), { ...context, ...found.keepsContext }), [])
    t.equal(field === '' || field.startsWith('/'), true)
  })
}

for (const { code } of RECORD_RULES) {
  t.test(`rule ${code}`, async (t) => {
    const sample = { columns: ['月份'], rows: [['2024-01'], ['2024-02']] }
    const files = (...names: string[]) => ({ files: names.map((path) => ({ path, mediaType: 'text/csv', bytes: 1 })) })
    const cases: Readonly<Partial<Record<CatalogRefusalCode, readonly CatalogRecord[]>>> = {
      SLUG_MISMATCH: [record({ dataset: `${STEEL}/other` }), record()],
      FILE_NAME_INVALID: [record(files('a.csv', 'A.csv')), record(files('a.csv', 'b.csv'))],
      SAMPLE_NOT_OPTED: [record({ sample }, { sample: { rows: 1 } }), record({ sample }, { sample: { rows: 2 } })],
    }
    const [breaks, keeps] = cases[code] as [CatalogRecord, CatalogRecord]
    t.throws(() => checkRecordRules(breaks, CONTEXT), { code })
    checkRecordRules(keeps, CONTEXT)
  })
}

t.test('every rule and every refusal has its words in both languages, and no code is unused', async (t) => {
  const used = new Set<string>(['META_INVALID', ...[...META_RULES, ...RECORD_RULES].map(({ code }) => code)])
  t.strictSame(Object.keys(CATALOG_REFUSALS).sort(), [...used].sort())
  for (const { title, remedy, status } of Object.values(CATALOG_REFUSALS)) {
    t.equal(status, 422)
    for (const text of [title, remedy]) t.match(text, { zh: /\p{Script=Han}/u, en: /^[A-Z]/ })
  }
})

t.test('other sides of the same rules', async (t) => {
  const broken = (change: object, context: Partial<RuleContext> = {}) =>
    findBrokenRules(meta(change as Record<string, unknown>), { ...CONTEXT, ...context })
  t.strictSame(broken({ ownership: 'JOINT' }), ['OWNERS_REQUIRED'], 'JOINT without owners')
  t.strictSame(broken({ ownership: 'JOINT', owners: [STEEL, STEEL] }), ['OWNERS_REQUIRED'], 'one owner twice')
  t.strictSame(broken({ ownership: 'PLATFORM' }, { memberClass: 'affiliate' }), ['PLATFORM_RESERVED'])
  t.strictSame(broken({ legalBasis: 'must-disclose', price: PRICE, contentClass: 1 }), [
    'PRICE_PHASE',
    'PRICE_LEGAL_BASIS',
    'PRICE_CLASS',
  ])
  t.strictSame(broken({ legalBasis: 'must-disclose', classification: 'internal' }), ['DISCLOSURE_WITHHELD'])
  t.strictSame(broken({ sample: { rows: 1 }, sensitive: true }), ['SAMPLE_CLASSIFICATION'])
  for (const amount of ['-1', '1e3', '1,000', '1.234', '00', '', 'NaN', '1234567890123', ' 1', '１'])
    t.strictSame(broken({ price: { ...PRICE, amount } }, ROLLOUT), ['PRICE_INVALID'], amount)
  for (const currency of ['cny', 'RM¥', 'CN'])
    t.strictSame(broken({ price: { ...PRICE, currency } }, ROLLOUT), ['PRICE_INVALID'], currency)
  for (const slug of ['', 'A', 'a/b', '.a', 'a b', '钢', 'a'.repeat(65), 'a\n', '../a'])
    t.strictSame(broken({ slug }), ['SLUG_INVALID'], JSON.stringify(slug))
  t.strictSame(broken({ contentClass: 4, theme: undefined, industries: [] }), [], 'class 4 may lack every code')
  t.strictSame(
    broken({ permit: { ...PERMIT, until: '2026-13-01' } }),
    ['PERMIT_INVALID'],
    'a permit counts in every class',
  )
  // 24:00 Beijing time of 31 December is 16:00 UTC.
  t.equal(permitEnd(meta({ permit: PERMIT })), Date.parse('2026-12-31T16:00:00Z') / 1000)
  t.strictSame(broken({ contentClass: 3, permit: PERMIT }, { now: permitEnd(meta({ permit: PERMIT })) }), [
    'PERMIT_EXPIRED',
  ])
  t.strictSame(
    broken({ contentClass: 3, permit: PERMIT }, { now: Number.NaN }),
    ['PERMIT_EXPIRED'],
    'an unreadable clock permits nothing',
  )
})

t.test('the first broken rule is refused by name, with its field and all others', async (t) => {
  const wrong = meta({ classification: 'state-secret', theme: undefined, keywords: ['好', '坏\u200b'] })
  t.throws(() => checkCatalogRules(wrong, CONTEXT), {
    code: 'CLASSIFICATION_REFUSED',
    status: 422,
    facts: { field: '/classification', broken: ['CLASSIFICATION_REFUSED', 'TEXT_INVALID', 'THEME_REQUIRED'] },
  })
  t.throws(() => checkCatalogRules(meta({ keywords: ['好', '坏\u200b'] }), CONTEXT), {
    code: 'TEXT_INVALID',
    facts: { field: '/keywords/1' },
  })
})

t.test('META: what must be given, defaults, spelling, and nothing else', async (t) => {
  t.match(meta(), { ...META_DEFAULTS, ...INPUT })
  t.strictSame(Object.keys(META_DEFAULTS).sort(), [
    'audience',
    'classification',
    'industries',
    'legalBasis',
    'ownership',
    'periodicity',
    'region',
    'sensitive',
  ])
  for (const key of ['slug', 'title', 'contentClass', 'sharing', 'responsible'])
    t.throws(() => parseMeta({ ...INPUT, [key]: undefined }), { code: 'META_INVALID' }, key)
  const wrong: Record<string, unknown> = {
    extra: 1,
    contentClass: 5,
    theme: 'weather',
    sharing: 'free',
    audience: [],
    industries: 'C31',
    title: { en: 'Steel' },
    price: { amount: -1, currency: 'CNY', unit: '次' },
    sample: { rows: 1000 },
    keywords: Array.from({ length: 31 }, (_, index) => `k${index}`),
    owners: ['nobody'],
    description: { zh: '长'.repeat(4001) },
  }
  for (const [key, value] of Object.entries(wrong))
    t.throws(() => parseMeta({ ...INPUT, [key]: value }), { code: 'META_INVALID' }, key)
  for (const value of [null, 1, 'x', [], undefined]) t.throws(() => parseMeta(value), { code: 'META_INVALID' })
  const filled = fillMeta(
    parseMeta({
      ...INPUT,
      title: { zh: ' 钢铁 ', en: 'Cafe\u0301' },
      description: { zh: '一\r\n二' },
      industries: ['3110', 'c31', 'C31'],
      price: { ...PRICE, amount: 12.5 },
      schema: { fields: [] },
    }),
  )
  t.strictSame(filled.title, { zh: '钢铁', en: 'Café' })
  t.equal(filled.description?.zh, '一\n二')
  t.strictSame(filled.industries, ['C3110', 'C31'])
  t.equal(filled.price?.amount, '12.5')
  t.notOk('schema' in filled, 'the table schema goes into the manifest')
  t.equal(META.additionalProperties, false)
  t.equal(META_INPUT.additionalProperties, false)
})

t.test('names that a file may bear in the folders of others, and no two for one file', async (t) => {
  const good = [
    '产量.csv',
    'a b (2).tar.gz',
    '说明（终稿）',
    'console.csv',
    'com10',
    'COM',
    'nul-2026.csv',
    "'$x'&;#`~.csv",
    '_a',
    'a-',
    '长'.repeat(85),
  ]
  t.equal(findBadFileName(good), undefined)
  const bad = [
    ...['', '.', '..', '.bashrc', '.partial-1-0', '-rf', '--data', 'a.', 'a..', 'trail.csv ', ' a.csv', '全角\u3000'],
    ...['a/b', 'a\\b', '../a', 'c:evil.txt', 'a<b', 'a>b', '"a"', 'a|b', 'a?', '*.csv', 'a\nb', 'a\0', 'a\u009bb'],
    ...['CON', 'con.csv', 'Nul.tar.gz', 'aux .csv', 'PRN', 'COM1', 'lpt9.csv', 'com¹.txt', 'CONIN$', 'conout$.txt'],
    ...['报表\u202evsc.exe', 'zero\u200bwidth.csv', 'no-break\u00a0.csv', 'e\u0301.csv', '长'.repeat(86)],
  ]
  for (const name of bad) t.equal(findBadFileName(['a.csv', name]), name, JSON.stringify(name))
  const alike = [
    ['a.csv', 'a.csv'],
    ['a.csv', 'A.CSV'],
    ['é.csv', 'É.csv'],
    ['straße', 'STRASSE'],
    ['ας', 'ΑΣ'],
    ['\u212aelvin', 'Kelvin'],
  ]
  for (const [one, other] of alike as [string, string][])
    t.equal(foldFileName(one), foldFileName(other), `${one}, ${other}`)
  t.equal(foldFileName('e\u0301'), foldFileName('É'), 'however it is composed')
  t.equal(findBadFileName(['a.csv', 'b.csv', 'A.csv']), 'A.csv')
})

t.test('text that people are shown', async (t) => {
  const good = [
    '钢铁产量',
    'Steel & coal',
    'Ünïcödé',
    '〇一二',
    '𠮷野',
    '中国（模拟）—— “试”',
    "O'Brien",
    '2024年1-2月',
    '😀',
    '产量❤\ufe0f',
    '1\ufe0f\u20e3',
    '👨\u200d👩\u200d👧',
    '👩🏽\u200d💻',
    '🏳\ufe0f\u200d🌈',
    'İstanbul',
    'ßtrasse',
  ]
  for (const text of good) t.ok(isDisplayText(text.normalize('NFC')), text)
  const bad = {
    empty: '',
    blank: '  ',
    'outer blank': ' a',
    'not NFC': 'e\u0301',
    null: 'a\0',
    tab: 'a\tb',
    'line end': 'a\nb',
    bell: 'a\u0007',
    escape: '\u001b[31m',
    'C1 control': 'a\u0085b',
    'bidi override': '\u202etxt',
    'bidi isolate': '\u2066a\u2069',
    'left-to-right mark': 'a\u200eb',
    'arabic letter mark': 'a\u061cb',
    'zero-width space': 'a\u200bb',
    'zero-width joiner': 'a\u200db',
    'zero-width non-joiner': 'a\u200cb',
    'byte order mark': '\ufeffa',
    'word joiner': 'a\u2060b',
    'soft hyphen': 'a\u00adb',
    tag: 'a\u{e0061}',
    'variation selector': 'a\ufe0f',
    'variation selector of a figure': '1\ufe0f',
    'two joiners between pictures': '👨\u200d\u200d👩',
    'joiner after a picture': '👨\u200d业',
    'ideographic variation': '葛\u{e0100}',
    'hangul filler': 'a\u3164',
    'halfwidth filler': 'a\uffa0',
    'braille blank': 'a\u2800b',
    'mongolian separator': 'a\u180eb',
    'no-break space': 'a\u00a0b',
    'thin space': 'a\u2009b',
    'line separator': 'a\u2028b',
    'paragraph separator': 'a\u2029b',
    'private use': 'a\ue000',
    'lone surrogate': 'a\ud800',
    noncharacter: 'a\uffff',
    'pile of marks': `z${'\u0335'.repeat(8)}`,
    interlinear: 'a\ufff9b',
    'invisible times': 'a\u2062b',
    'combining joiner': 'a\u034fb',
  }
  for (const [name, text] of Object.entries(bad)) t.notOk(isDisplayText(text), name)
  t.ok(isDisplayParagraph('第一行\n\n第二行'))
  for (const text of ['', '\n', '一\r\n二', '一\n\u200b', '一\n\t二'])
    t.notOk(isDisplayParagraph(text), JSON.stringify(text))
  t.ok(isDatasetId(`${STEEL}/a`))
  for (const id of [STEEL, `${STEEL}/`, `${STEEL}/A`, `x${STEEL}/a`, `${STEEL}/a/b`, `${STEEL}/a\n`])
    t.notOk(isDatasetId(id), id)
})

t.test('industries: GB/T 4754-2017', async (t) => {
  t.equal(Object.keys(INDUSTRY_SECTIONS).length, 20)
  t.equal(Object.keys(INDUSTRY_DIVISIONS).length, 97)
  const ranges = Object.values(INDUSTRY_SECTIONS).flatMap(({ from, to }) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index),
  )
  t.strictSame(
    ranges,
    Array.from({ length: 97 }, (_, index) => index + 1),
    'each 大类 in one 门类, none left out',
  )
  t.strictSame(
    Object.keys(INDUSTRY_DIVISIONS)
      .map(Number)
      .sort((a, b) => a - b),
    ranges,
  )
  for (const code of ['A', 'T', 'C31', 'C311', 'C3110', 'S9522', 'A01'])
    t.ok(isIndustryCode(code, INDUSTRY_EDITION), code)
  for (const code of ['', 'U', 'c31', '31', 'C3', 'C44', 'B31', 'A00', 'T98', 'C31100', 'C31 ', 'C3１', '__proto__'])
    t.notOk(isIndustryCode(code, INDUSTRY_EDITION), code)
  t.notOk(isIndustryCode('C31', 'GB/T 4754-2011' as never), 'an edition that is not known')
  t.strictSame(['3110', 'c31', ' 01', '99', 'steel'].map(withSection), ['C3110', 'C31', 'A01', '99', 'STEEL'])
  t.strictSame(industryPath('C3110'), ['C', 'C31', 'C311', 'C3110'])
  t.equal(findIndustryLabel('C3110')?.zh, '黑色金属冶炼和压延加工业')
  t.equal(findIndustryLabel('J')?.zh, '金融业')
  t.equal(findIndustryLabel('constructor'), undefined)
})

t.test('regions: GB/T 2260', async (t) => {
  t.equal(Object.keys(REGIONS).length, 35, '34 and the whole country')
  for (const code of ['100000', '110000', '510104', '820000']) t.ok(isRegionCode(code), code)
  for (const code of ['', '51', '000000', '100001', '990000', '5101040', '51010a', '５１００００'])
    t.notOk(isRegionCode(code), code)
  t.equal(findRegionLabel('510104')?.zh, '四川省')
  t.equal(findRegionLabel('100001'), undefined)
})

t.test('the lists of META are the code tables', async (t) => {
  const { properties } = META
  t.strictSame(properties.theme.enum, Object.keys(THEMES))
  t.strictSame(properties.sharing.enum, Object.keys(SHARING))
  t.strictSame(properties.ownership.enum, Object.keys(OWNERSHIP))
  t.strictSame(properties.legalBasis.enum, Object.keys(LEGAL_BASES))
  t.strictSame(properties.classification.enum, Object.keys(CLASSIFICATIONS))
  t.strictSame(properties.periodicity.enum, Object.keys(PERIODICITIES))
  t.strictSame(properties.contentClass.enum.map(String), Object.keys(CONTENT_CLASSES))
  t.ok(isCode(THEMES, 'other'))
  for (const code of ['toString', '__proto__', 'Other', 1, undefined]) t.notOk(isCode(THEMES, code), String(code))
})

t.test('periods and the next due date', async (t) => {
  const days = (period: string) => {
    const found = findDays(period)
    return found && `${found.from} ${found.to}`
  }
  t.equal(days('2024'), '2024-01-01 2024-12-31')
  t.equal(days('2024-Q1'), '2024-01-01 2024-03-31')
  t.equal(days('2024-02'), '2024-02-01 2024-02-29')
  t.equal(days('2024-02-29'), '2024-02-29 2024-02-29')
  t.equal(days('2024-W01'), '2024-01-01 2024-01-07')
  t.equal(days('2020-W53'), '2020-12-28 2021-01-03')
  for (const period of [
    '',
    '24',
    '2024-13',
    '2024-00',
    '2023-02-29',
    '2024-Q5',
    '2024-W00',
    '2021-W53',
    '2024-1',
    '2024-01-00',
    '0000',
    '２０２４',
    '2024\n',
  ])
    t.equal(days(period), undefined, JSON.stringify(period))

  const due = (code: PeriodicityCode, to: string | undefined, graceless = true) =>
    nextDue(code, to, graceless)?.toString()
  t.equal(due('daily', '2024-02-28'), '2024-02-29')
  t.equal(due('weekly', '2024-W52'), '2025-01-05')
  t.equal(due('monthly', '2024-01'), '2024-02-29', 'from a month of 31 days to one of 29')
  t.equal(due('monthly', '2024-02'), '2024-03-31', 'and back')
  t.equal(due('quarterly', '2023-Q4'), '2024-03-31')
  t.equal(due('quarterly', '2024-Q2'), '2024-09-30')
  t.equal(due('annual', '2023'), '2024-12-31')
  t.equal(due('annual', '2024-02-29'), '2025-02-28')
  t.equal(due('monthly', '2024-01-15'), '2024-02-15')
  t.equal(due('monthly', '2024-06', false), '2024-08-15', 'with the days that compiling takes')
  for (const code of ['irregular', 'realtime'] as const) t.equal(due(code, '2024'), undefined)
  t.equal(due('monthly', undefined), undefined)
  t.equal(due('monthly', 'nonsense'), undefined)

  const day = Temporal.PlainDate.from('2024-07-31')
  t.equal(daysLate(day, Date.parse('2024-07-31T15:59:59Z') / 1000), 0, 'until 24:00 Beijing time')
  t.equal(daysLate(day, Date.parse('2024-07-31T16:00:00Z') / 1000), 1)
  t.equal(daysLate(day, Date.parse('2024-08-04T16:00:00Z') / 1000), 5)
})

t.test('DCAT 3', async (t) => {
  const relations = { upstream: [`${COAL}/coal-output`], related: [`${STEEL}/steel-stocks`] }
  const whole = record({}, { industries: ['C31'], period: { from: '2024-01', to: '2024-06' }, relations, price: PRICE })
  const shut = record({ dataset: `${STEEL}/shut` }, { slug: 'shut', sharing: 'none' })
  const publisher = { name: '共享中心' }
  const options = {
    title: { zh: '目录', en: 'Catalog' },
    publisher,
    baseUrl: 'https://hub.test',
    names: new Map([[STEEL, '钢铁协会']]),
  }
  const catalog = JSON.parse(JSON.stringify(toDcatCatalog([whole, shut], options)))
  const used = new Set(
    [...JSON.stringify({ ...catalog, '@context': 0 }).matchAll(/"([a-z]+):[A-Za-z]+"/g)].map(([, prefix]) => prefix),
  )
  for (const prefix of used)
    t.ok(prefix === 'urn' || Object.hasOwn(catalog['@context'], prefix as string), `prefix ${prefix}`)
  const [first, second] = catalog['dcat:dataset']
  t.match(first, {
    '@id': `urn:hanghui:dataset:${STEEL}/steel-output`,
    '@type': 'dcat:Dataset',
    'dct:publisher': { 'foaf:name': '钢铁协会', 'dct:identifier': STEEL },
    'dct:temporal': { 'dcat:startDate': { '@value': '2024-01-01' }, 'dcat:endDate': { '@value': '2024-06-30' } },
    'dct:accessRights': { '@id': 'urn:hanghui:sharing:conditional' },
    'dct:relation': [{ '@id': `urn:hanghui:dataset:${STEEL}/steel-stocks` }],
    'dcat:qualifiedRelation': [{ 'dcat:hadRole': { '@id': 'urn:hanghui:role:upstream' } }],
    'odrl:hasPolicy': {
      '@type': 'odrl:Offer',
      'odrl:permission': { 'odrl:duty': [{}, { 'odrl:action': { '@id': 'odrl:compensate' } }] },
    },
  })
  t.strictSame(
    first['dcat:theme'].map((one: Record<string, unknown>) => one['skos:notation']),
    ['2', 'production', 'C31'],
  )
  t.notOk(JSON.stringify(catalog).includes('downloadURL'), 'no address leads past an agreement')
  t.notOk('odrl:hasPolicy' in second, 'what is not shared offers nothing')
})

t.test('核心元数据 of 政务信息资源目录', async (t) => {
  const whole = record({}, { periodicity: 'monthly', relations: { downstream: [`${COAL}/x`] } })
  const resourceCode = toResourceCode(whole.meta, 7, 12)
  t.equal(resourceCode, '3020010007/000012')
  t.equal(toResourceCode({ contentClass: 4 }, 800, 1234567), '3040000800/1234567')
  t.match(toGovMetadata(whole, { memberName: '钢铁协会', resourceCode }), {
    信息资源名称: '全国钢铁产量月度统计',
    信息资源代码: resourceCode,
    信息资源提供方代码: STEEL,
    信息资源格式: ['电子表格'],
    信息项信息: [{ 信息项名称: '月份', 数据类型: 'yearmonth' }],
    共享属性: { 共享类型: '有条件共享' },
    更新周期: '每月',
    发布日期: '2026-11-02',
    关联资源代码: [`${COAL}/x`],
    涉密属性: '非涉密',
  })
  t.ok(new Refusal('THEME_REQUIRED').problem().remedy.zh.includes('theme'), 'catalog refusals are in the one catalogue')
})

t.test('words that are data: what cannot be seen is seen to be there', async (t) => {
  t.equal(toReadable('x\u001b[31mY\u202eZ'), 'x\ufffd[31mY\ufffdZ')
  t.equal(toReadable('一\u00a0二\t三\r\n四　五'), '一 二 三\n四　五')
  t.equal(toReadable('e\u0301'), 'é')
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => isReadable(toReadable(text))))
})

t.test('every text of a payload is looked at, but for names of files and words of the data', async (t) => {
  const bad = 'a\u202eb'
  t.equal(findUnreadable({ a: ['b', { c: bad }] }), '/a/1/c')
  t.equal(
    findUnreadable({
      schema: {
        fields: [
          { name: bad, title: 'x' },
          { name: 'y', description: bad },
        ],
      },
    }),
    '/schema/fields/1/description',
  )
  t.equal(findUnreadable({ terms: { files: [bad] }, policy: { target: bad }, n: 1, none: null }), undefined)
})
