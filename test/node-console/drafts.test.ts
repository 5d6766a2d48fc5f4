import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import iconv from 'iconv-lite'
import t, { type Test } from 'tap'
import type { RuleContext } from '#schemas/catalog/rules.ts'
import { createClock } from '#schemas/clock.ts'
import { openDatabase } from '#schemas/storage/open-database.ts'
import { checkForm, fillForm, readMeta, writeMeta } from '../../node/actions/draft-meta.ts'
import { createDrafting } from '../../node/actions/prepare-draft.ts'
import { createTurns } from '../../node/actions/take-turns.ts'
import { packBackup, restoreNode } from '../../node/backup.ts'
import type { Datasets } from '../../node/store/datasets.ts'
import { createDrafts, type Draft } from '../../node/store/drafts.ts'
import { MIGRATIONS } from '../../node/store/migrations.ts'

const MEMBER = '51100000PDY00001X3'
const RULES: RuleContext = { phase: 'construction', now: 1_790_000_000, member: MEMBER, memberClass: 'association' }
const context = { progress: () => {}, signal: new AbortController().signal }

/** Thirty months; the lines of `bad` by row of the file, the header being row 1. */
function months(bad: Readonly<Record<number, string>> = {}): Buffer {
  const lines = ['月份,从业人数（千人）,失业率（%）']
  for (let row = 2; row <= 31; row++) {
    const month = `${2023 + Math.floor((row - 2) / 12)}-${String(((row - 2) % 12) + 1).padStart(2, '0')}`
    lines.push(bad[row] ?? `${month},${12_000 + row},${(4 + row / 100).toFixed(2)}`)
  }
  return iconv.encode(`${lines.join('\r\n')}\r\n`, 'gb18030')
}

const BAD = { 5: '2023-04,一万二千,4.05', 12: '2023-13,12012,4.12', 20: '2024-07,12020,约4.2' }

function open(test: Test) {
  const home = mkdtempSync(join(tmpdir(), 'hanghui-drafts-'))
  test.teardown(() => rmSync(home, { recursive: true, force: true }))
  const folder = join(home, 'drafts')
  const begin = () => {
    const drafts = createDrafts(folder)
    const clock = createClock(
      () => 1_790_000_000_000,
      0,
      () => {},
    )
    const drafting = createDrafting({ drafts, datasets: {} as Datasets, clock, inTurn: createTurns() })
    return { drafts, drafting }
  }
  let uploads = 0
  const hand = (name: string, bytes: Buffer) => {
    const path = join(home, `upload-${uploads++}`)
    writeFileSync(path, bytes)
    return { name, path }
  }
  const first = begin()
  /** Does it, then looks at the files as the pages do. */
  const look = async (job: Promise<Draft>) => first.drafting.inspect((await job).id, context)
  return { ...first, folder, hand, look, restart: begin }
}

type Opened = Pick<ReturnType<typeof open>, 'drafts'>

function found({ drafts }: Opened, draft: Draft) {
  const [file] = draft.files
  const look = file && drafts.findLook(draft, file)
  if (look === undefined || !('found' in look)) throw new Error('the file has been looked at')
  return look.found
}

t.test(
  'three bad cells of a GB18030 table come out by row, column and rule; the mended file goes through',
  async (t) => {
    const node = open(t)
    const { id } = node.drafting.begin('王敏', null)
    const draft = await node.look(node.drafting.addFiles(id, [node.hand('月报.csv', months(BAD))]))
    const seen = found(node, draft)
    t.match(seen, { kind: 'csv', encoding: 'gb18030', delimiter: ',', headerRows: [1], rows: 30, errorCount: 3 })
    t.same(
      seen.errors.map(({ row, column, rule, message }) => [row, column.letter, column.name, rule, message.zh]),
      [
        [5, 'B', '从业人数（千人）', 'type', '“一万二千”不是整数'],
        [12, 'A', '月份', 'type', '“2023-13”不是年月（如 2025-06）'],
        [20, 'C', '失业率（%）', 'type', '“约4.2”不是数值'],
      ],
    )
    t.same(
      [5, 12, 20].map((row) => seen.preview.rows.find(({ number }) => number === row)?.cells.join()),
      Object.values(BAD),
      'the rows are there to be shown',
    )
    const words = draft.schema?.fields.map(({ name }) => ({ title: `${name}！`, description: '口径' })) ?? []
    await node.look(node.drafting.setFields(id, words))
    await node.drafting.setForm(id, ['titleZh'], { titleZh: '月报' })
    const stored = draft.files[0]?.stored ?? ''
    const mended = await node.look(node.drafting.replaceFile(id, stored, node.hand('月报（改）.csv', months())))
    t.equal(found(node, mended).errorCount, 0)
    t.same(
      mended.files.map(({ name }) => name),
      ['月报（改）.csv'],
    )
    t.same(mended.form, { titleZh: '月报' }, 'what was typed is still there')
    t.match(mended.schema?.fields[1], { title: '从业人数（千人）！', description: '口径', type: 'integer' })
    t.same(readdirSync(join(node.folder, id)).length, 3, 'the old file has gone')
  },
)

t.test('a few words in a short column, or many in a long one, make no type', async (t) => {
  const node = open(t)
  const table = (cells: readonly string[]) => Buffer.from(`值\n${cells.join('\n')}\n`)
  const types = async (cells: readonly string[]) => {
    const { id } = node.drafting.begin('王敏', null)
    const draft = await node.look(node.drafting.addFiles(id, [node.hand('a.csv', table(cells))]))
    return [draft.schema?.fields[0]?.type, found(node, draft).errorCount]
  }
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index))
  t.same(await types([...numbers(5), '无数']), ['string', 0])
  t.same(await types([...numbers(30), 'a', 'b', 'c', 'd', 'e', 'f', 'g']), ['string', 0])
  t.same(await types(['甲', ...numbers(30), '乙']), ['integer', 2])
})

t.test('a person says how a file is to be read', async (t) => {
  const node = open(t)
  const { id } = node.drafting.begin('王敏', null)
  const text = '2025 年月报表,,\n编制：信息部,,\n月份;人数,比率,备注\n2025-01,1,甲\n2025-02,2,乙\n'
  await node.look(node.drafting.addFiles(id, [node.hand('报表.csv', Buffer.from(text))]))
  const draft = await node.look(node.drafting.setReading(id, { headerRow: 3 }))
  t.match(found(node, draft), { headerRows: [3], rows: 2, errorCount: 0 })
  t.same(
    draft.schema?.fields.map(({ name }) => name),
    ['月份;人数', '比率', '备注'],
  )
  const other = await node.look(node.drafting.setReading(id, { headerRow: 3, encoding: 'gb18030' }))
  const look = node.drafts.findLook(other, other.files[0] as Draft['files'][number])
  t.ok(
    look !== undefined && (!('found' in look) || look.found.encoding === 'gb18030'),
    'it is read as told, or not at all',
  )
})

t.test('drafts outlive a restart; what a crash left half goes', async (t) => {
  const node = open(t)
  const { id } = node.drafting.begin('王敏', null)
  const draft = await node.look(node.drafting.addFiles(id, [node.hand('a.csv', months())]))
  await node.drafting.setForm(id, ['titleZh', 'keywords'], { titleZh: '甲', keywords: '一、二' })
  mkdirSync(join(node.folder, '0a0a0a0a-0000-4000-8000-000000000000'))
  writeFileSync(join(node.folder, '0a0a0a0a-0000-4000-8000-000000000000', 'half'), 'x')
  writeFileSync(join(node.folder, id, 'unnamed-upload'), 'x')
  const again = node.restart()
  t.same(
    again.drafts.list().map((one) => one.id),
    [id],
  )
  t.match(again.drafts.get(id), { form: { titleZh: '甲', keywords: '一、二' }, files: draft.files })
  t.notOk(readdirSync(join(node.folder, id)).includes('unnamed-upload'))
  t.same(readdirSync(node.folder), [id])
  const [file] = draft.files
  t.same(readFileSync(again.drafts.pathOf(id, file as Draft['files'][number])), months())
  await again.drafting.discard(id)
  t.same([again.drafts.list(), readdirSync(node.folder)], [[], []])
  t.throws(() => again.drafts.get(id), { code: 'NOT_FOUND' })
  for (const hostile of ['..', '../..', '', 'a/b', '..%2f']) t.equal(again.drafts.find(hostile), undefined)
})

t.test('a backup holds the drafts as they stood when it began', async (t) => {
  const node = open(t)
  const { id } = node.drafting.begin('王敏', null)
  const draft = await node.look(node.drafting.addFiles(id, [node.hand('a.csv', months())]))
  await node.drafting.setForm(id, ['titleZh'], { titleZh: '甲' })
  const dataDir = dirname(node.folder)
  writeFileSync(join(dataDir, 'config.toml'), '')
  mkdirSync(join(dataDir, 'blobs'))
  const db = openDatabase(join(dataDir, 'node.db'), MIGRATIONS, { create: true })
  const file = join(dataDir, 'backup')
  const packing = packBackup({ db, dataDir, blobs: join(dataDir, 'blobs'), path: file })
  node.drafts.remove(id)
  await packing
  db.close()
  t.same(
    readdirSync(dataDir).filter((name) => name.startsWith('backup')),
    ['backup'],
    'nothing is left beside it',
  )
  const target = join(dataDir, 'restored')
  await restoreNode({ dataDir: target, file })
  const restored = createDrafts(join(target, 'drafts'))
  t.match(restored.get(id), { form: { titleZh: '甲' }, files: draft.files })
  const [table] = draft.files
  t.same(readFileSync(restored.pathOf(id, table as Draft['files'][number])), months())
  t.ok(restored.findLook(draft, table as Draft['files'][number]), 'what was found in it has come along')
})

t.test('a file that cannot be read says why, and another takes its place', async (t) => {
  const node = open(t)
  const { id } = node.drafting.begin('王敏', null)
  const draft = await node.look(node.drafting.addFiles(id, [node.hand('假.xlsx', Buffer.from('not a workbook'))]))
  const [file] = draft.files
  t.match(node.drafts.findLook(draft, file as Draft['files'][number]), { refused: { code: 'INPUT_UNREADABLE' } })
  const other = await node.look(node.drafting.replaceFile(id, file?.stored ?? '', node.hand('真.csv', months())))
  t.equal(found(node, other).errorCount, 0)
  await t.rejects(node.drafting.addFiles(id, [node.hand('坏\u202e名.csv', months())]), {
    code: 'FILE_NAME_INVALID',
  })
  await t.rejects(node.drafting.replaceFile(id, '', node.hand('a.proof.json', months())), { code: 'USAGE' })
  t.same(node.drafts.get(id).files, other.files)
})

const FORM = {
  titleZh: '制造业月度从业人数',
  slug: 'monthly',
  contentClass: '2',
  theme: 'workforce',
  industries: ['C', 'C31'],
  industriesMore: 'c3110，2641',
  region: '110000',
  periodFrom: '2025-01',
  periodTo: '2025-06',
  periodicity: 'monthly',
  keywords: '制造业、 就业,失业率',
  responsibleUnit: '信息部',
  responsibleContact: 'data@example.org',
  sharing: 'conditional',
  audience: ['department'],
  sample: 'yes',
  sampleRows: '3',
} as const

t.test('a form says what META says, and back', async (t) => {
  t.same(checkForm(FORM, RULES), [])
  const meta = readMeta(FORM)
  t.match(meta, {
    industries: ['C', 'C31', 'C3110', 'C2641'],
    keywords: ['制造业', '就业', '失业率'],
    period: { from: '2025-01', to: '2025-06' },
    sample: { rows: 3 },
    audience: ['department'],
  })
  t.same(readMeta(fillForm(meta)), meta, 'revising begins with what is published')
  t.same(Object.keys(writeMeta({})), ['sensitive'], 'nothing typed, nothing said')
  const { audience: _, ...unasked } = FORM
  const bare = { ...unasked, industries: '', industriesMore: '', sample: '' }
  t.same(checkForm(bare, RULES), [], 'boxes left open say nothing')
  t.match(readMeta(bare), { audience: ['association', 'department'], industries: [] })
  t.same(checkForm({ ...bare, audience: '' }, RULES), [
    { field: 'audience', code: 'META_INVALID', says: { zh: '请至少选择一项', en: 'Choose at least one' } },
  ])
  t.throws(() => readMeta({ ...bare, audience: '' }), { code: 'META_INVALID' }, 'nobody never becomes everybody')
  t.same(checkForm({ ...bare, audience: '', sharing: 'none' }, RULES), [], 'what is not shared is for nobody anyway')
})

t.test('every rule lands at its field', async (t) => {
  const at = (change: object, rules = RULES) =>
    checkForm({ ...FORM, ...change }, rules).map(({ field, code }) => [field, code])
  const cases: readonly [object, string, string][] = [
    [{ titleZh: '' }, 'titleZh', 'MISSING'],
    [{ contentClass: '' }, 'contentClass', 'MISSING'],
    [{ sharing: '' }, 'sharing', 'MISSING'],
    [{ responsibleUnit: ' ' }, 'responsibleUnit', 'MISSING'],
    [{ titleZh: '隐\u200b形' }, 'titleZh', 'TEXT_INVALID'],
    [{ descriptionEn: 'only English' }, 'descriptionZh', 'MISSING'],
    [{ titleZh: '长'.repeat(201) }, 'titleZh', 'META_INVALID'],
    [{ slug: 'Not A Slug' }, 'slug', 'SLUG_INVALID'],
    [{ theme: '' }, 'theme', 'THEME_REQUIRED'],
    [{ industriesMore: 'Z9' }, 'industriesMore', 'INDUSTRY_UNKNOWN'],
    [{ industriesMore: '', industries: ['Z'] }, 'industries', 'INDUSTRY_UNKNOWN'],
    [{ regionMore: '990000' }, 'regionMore', 'REGION_UNKNOWN'],
    [{ region: '990000' }, 'region', 'REGION_UNKNOWN'],
    [{ periodFrom: '2025-07' }, 'periodFrom', 'PERIOD_INVALID'],
    [{ classification: 'confidential', sharing: 'unconditional', sample: '' }, 'sharing', 'CLASSIFICATION_SHARING'],
    [{ sensitive: 'yes', sharing: 'unconditional', sample: '' }, 'sharing', 'SENSITIVE_SHARING'],
    [{ sensitive: 'yes' }, 'sample', 'SAMPLE_CLASSIFICATION'],
    [{ sharing: 'none' }, 'sample', 'SAMPLE_SHARING'],
    [{ sampleRows: '0' }, 'sampleRows', 'META_INVALID'],
    [{ legalBasis: 'must-disclose', sharing: 'none', sample: '' }, 'legalBasis', 'DISCLOSURE_WITHHELD'],
    [{ ownership: 'JOINT', owners: '' }, 'owners', 'OWNERS_REQUIRED'],
    [{ ownership: 'JOINT', owners: `${MEMBER} 51100000PDY0000284` }, 'owners', 'OWNER_INVALID'],
    [{ ownership: 'PLATFORM' }, 'ownership', 'PLATFORM_RESERVED'],
    [{ priced: 'yes', priceAmount: '1', priceCurrency: 'CNY', priceUnit: '次' }, 'priceAmount', 'PRICE_PHASE'],
    [{ priced: 'yes', priceCurrency: 'CNY', priceUnit: '次' }, 'priceAmount', 'MISSING'],
    [{ contentClass: '3' }, 'permitAuthority', 'MISSING'],
    [{ downstream: 'nonsense' }, 'downstream', 'RELATION_INVALID'],
    [{ upstream: `${MEMBER}/monthly` }, 'upstream', 'RELATION_SELF'],
    [{ owners: [MEMBER, '51100000PDY0000283'] }, 'owners', 'OWNERS_UNEXPECTED'],
    [{ ownership: 'JOINT', owners: MEMBER, ownersMore: '没有的协会' }, 'ownersMore', 'META_INVALID'],
    [{ audience: '', titleZh: '长'.repeat(201), keywords: '长'.repeat(41) }, 'audience', 'META_INVALID'],
    [{ audience: '', titleZh: '长'.repeat(201), keywords: '长'.repeat(41) }, 'keywords', 'META_INVALID'],
  ]
  for (const [change, field, code] of cases)
    t.ok(
      at(change).some((one) => one[0] === field && one[1] === code),
      `${code} at ${field}: ${JSON.stringify(at(change))}`,
    )
  const permit = {
    contentClass: '3',
    permitAuthority: '国家统计局',
    permitNumber: '1',
    permitForm: 'A1',
    permitUntil: '2020-12-31',
  }
  t.same(at(permit), [['permitUntil', 'PERMIT_EXPIRED']])
  t.same(
    checkForm({ ...FORM, sharing: '', theme: '' }, RULES, ['theme']).map(({ field }) => field),
    ['theme'],
    'a step speaks of its own fields',
  )
  t.ok(
    checkForm({ ...FORM, theme: '' }, RULES).every(({ says }) => !/theme/.test(says.zh)),
    'in words, not in keys of a file',
  )
})
