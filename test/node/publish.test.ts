import t, { type Test } from 'tap'
import { parseDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import { refusalFromProblem } from '#schemas/refusal.ts'
import { createServer } from '#web/serving/create-server.ts'
import { createLog } from '#web/serving/log.ts'
import type { HubRequests } from '../../node/exchange-deps.ts'
import { type Party, startWorld } from '../hub-exchange/world.ts'
import { createAuthority } from '../kit/authority.ts'
import { csv, gb18030, workbook } from '../tables/made-tables.ts'
import { createPaperHub } from './paper-hub.ts'
import { openPublishingNode } from './publishing-node.ts'

const time = { now: Date.parse('2026-11-24T08:00:00Z') }
const authority = await createAuthority(time)
const association = await authority.enrol('51100000PDY00001X3', 'association')
const other = await authority.enrol('51100000PDY0000283', 'association')
const stranger = await authority.enrol('11100000PDY0090060', 'department')
authority.sign()

const TABLE = csv([
  ['省份', '月份', '产量'],
  ['四川', '2026-09', '1204'],
  ['云南', '2026-09', '886'],
])
const META = {
  slug: 'output',
  title: { zh: '月度产量' },
  contentClass: 2,
  theme: 'production',
  sharing: 'conditional',
  responsible: { unit: '统计部' },
}
const SCHEMA = { fields: [{ name: '省份' }, { name: '月份' }, { name: '产量', type: 'integer' }] }

function open(test: Test, member = association, hub = createPaperHub(authority)) {
  const node = openPublishingNode(authority, member, hub)
  test.teardown(node.discard)
  return { node, hub }
}
const entryOf = (text: string): CatalogEntry => parseDocument('catalog-entry', text).payload

t.test('a GB18030 table, its next version, the same again', async (t) => {
  const { node, hub } = open(t)
  const bytes = gb18030(TABLE)
  const first = await node.publish(META, { '产量.csv': bytes })
  t.match(first, {
    dataset: `${association.id}/output`,
    version: 1,
    bytes: bytes.length,
    chunks: 1,
    proposed: true,
    state: 'published',
    unchanged: false,
  })
  t.same(
    first.schema?.fields.map(({ name }) => name),
    ['省份', '月份', '产量'],
  )

  const manifest = node.publishing.datasets.findManifest(first.manifest)?.payload
  t.match(manifest, {
    version: 1,
    previous: null,
    files: [{ path: '产量.csv', mediaType: 'text/csv; charset=gb18030', sha256: sha256(bytes) }],
  })
  t.ok(node.blobs.has(sha256(bytes)), 'the published bytes are kept')
  t.ok(node.blobs.has(manifest?.files[0]?.chunks.list.sha256 as string), 'and so is their chunk list')
  t.equal(node.uploadsLeft(), 0, 'no upload is left behind')

  const entry = entryOf(hub.newest(first.dataset)?.text as string)
  t.match(entry, {
    sequence: 1,
    terms: 1,
    manifest: first.manifest,
    issued: '2026-11-24T08:00:00Z',
    bytes: bytes.length,
  })
  t.match(entry.fields?.[2], { name: '产量', type: 'integer' })
  t.equal(entry.sample, undefined, 'no rows without the owner having said so')
  t.notMatch(JSON.stringify(entry), sha256(bytes), 'no hash of contents in public')

  const again = await node.publish(META, { '产量.csv': bytes })
  t.match(again, { version: 1, entry: first.entry, manifest: first.manifest, unchanged: true, state: 'published' })
  t.equal(hub.posted.length, 1, 'nothing was sent')

  time.now += 3_600_000
  const next = await node.publish(META, { '产量.csv': gb18030(`${TABLE}贵州,2026-09,412\r\n`) })
  t.match(next, { version: 2, unchanged: false, state: 'published' })
  t.equal(node.publishing.datasets.findVersion(first.dataset)?.payload.previous, first.manifest)
  t.match(entryOf(hub.newest(first.dataset)?.text as string), {
    sequence: 2,
    terms: 1,
    version: 2,
    issued: '2026-11-24T08:00:00Z',
    modified: '2026-11-24T09:00:00Z',
  })
  t.same(new Set(node.progress.map(({ phase }) => phase)), new Set(['check', 'hash', 'sign', 'send']))
})

t.test('workbook, opaque file, several files with one schema, a public sample', async (t) => {
  const { node, hub } = open(t)
  const book = workbook({
    产量: {
      rows: [
        ['省份', '月份', '产量'],
        ['四川', '2026-09', 1204],
      ],
    },
  })
  const booked = await node.publish({ ...META, slug: 'book' }, { '产量.xlsx': book }, SCHEMA)
  t.match(booked, { proposed: false, state: 'published' })
  t.equal(booked.schema?.fields[2]?.type, 'integer')

  const scan = Buffer.from('%PDF-1.7 scanned')
  const opaque = await node.publish({ ...META, slug: 'scan' }, { '年报.pdf': scan })
  t.match(opaque, { schema: null, proposed: false, state: 'published' })
  t.equal(entryOf(hub.newest(opaque.dataset)?.text as string).files[0]?.mediaType, 'application/pdf')

  const open_ = { ...META, slug: 'several', sample: { rows: 1 } }
  const several = await node.publish(open_, { 'a.csv': TABLE, '说明.pdf': scan }, SCHEMA)
  t.equal(several.schema?.fields.length, 3, 'the schema is for the table, not for the paper beside it')
  t.same(entryOf(hub.newest(several.dataset)?.text as string).sample, {
    columns: ['省份', '月份', '产量'],
    rows: [['四川', '2026-09', '1204']],
  })
  const odd = '省份\u00a0,月\u200b份\n四川\u202e,\u001b[31m\n'
  const strange = await node.publish({ ...open_, slug: 'strange' }, { 'c.csv': odd })
  const shown = entryOf(hub.newest(strange.dataset)?.text as string)
  t.match(
    shown,
    { sample: { rows: [['四川\ufffd', '\ufffd[31m']] }, fields: [{}, { name: '月\ufffd份' }] },
    'seen to be there',
  )
  const revised = await node.publish({ ...open_, sample: { rows: 2 } }, {})
  t.match(revised, { version: 1, unchanged: false })
  t.equal(
    entryOf(hub.newest(several.dataset)?.text as string).sample?.rows.length,
    2,
    'a revision takes its rows from what is kept',
  )
})

t.test('what is refused leaves nothing', async (t) => {
  const { node, hub } = open(t)
  const bad = csv([
    ['省份', '月份', '产量'],
    ['四川', '2026-09', '很多'],
    ['云南', '2026-09', '886'],
    ['贵州', '2026-09', ''],
  ])
  await t.rejects(node.publish(META, { 'a.csv': bad }, SCHEMA), {
    code: 'INPUT_INVALID',
    facts: { errorCount: 1, errors: [{ row: 2 }] },
  })
  await t.rejects(node.publish({ ...META, theme: undefined }, { 'a.csv': TABLE }), { code: 'THEME_REQUIRED' })
  await t.rejects(node.publish({ ...META, title: {} }, { 'a.csv': TABLE }), { code: 'META_INVALID' })
  await t.rejects(node.publish(META, { 'a.csv': TABLE, 'A.csv': TABLE }), { code: 'USAGE' })
  for (const name of ['a\u202ecsv', '.bashrc', '-rf', 'CON.csv', 'c:a.csv', 'a.csv '])
    await t.rejects(node.publish(META, { [name]: TABLE }), { code: 'FILE_NAME_INVALID', facts: { file: name } })
  for (const name of ['.partial-1-0', 'output-v1.proof.json'])
    await t.rejects(
      node.publish(META, { [name]: TABLE }),
      { code: 'USAGE', facts: { file: name } },
      'nobody could pull it to a folder',
    )
  await t.rejects(node.publish(META, { '../a.csv': TABLE }), { code: 'BODY_INVALID' })
  await t.rejects(node.publish(META, {}), { code: 'USAGE' })
  await t.rejects(node.publish(META, { 'a.csv': TABLE }, { fields: [{ name: '省份' }, { name: '省份' }] }), {
    code: 'SCHEMA_INVALID',
  })
  await t.rejects(node.run('publish', { meta: META, files: [{ name: 'a.csv', upload: 'none' }] }), {
    code: 'NOT_FOUND',
  })
  t.equal(node.count('versions') + node.count('entries') + node.count('outbox') + hub.posted.length, 0)
})

t.test('a description may change without a new version; terms count what was offered', async (t) => {
  const { node, hub } = open(t)
  const { dataset, manifest } = await node.publish(META, { 'a.csv': TABLE })
  const steps = [
    [{ keywords: ['产量'] }, 1],
    [{ audience: ['department'] }, 2],
    [{ audience: ['department'], title: { zh: '产量' } }, 2],
    [{ audience: ['department', 'association'] }, 3],
    [{ sharing: 'unconditional' }, 4],
  ] as const
  for (const [index, [change, terms]] of steps.entries()) {
    t.match(await node.publish({ ...META, ...change }, { 'a.csv': TABLE }), { version: 1, manifest, unchanged: false })
    t.match(
      entryOf(hub.newest(dataset)?.text as string),
      { sequence: index + 2, terms, version: 1, manifest },
      JSON.stringify(change),
    )
  }
  const same = { ...META, sharing: 'unconditional', audience: ['association', 'department'] }
  t.match(await node.publish(same, { 'a.csv': TABLE }), { unchanged: true }, 'said or meant by default')
})

t.test('a refusal by the hub leaves its number free and loses nothing', async (t) => {
  const { node, hub } = open(t)
  const { dataset } = await node.publish(META, { 'a.csv': TABLE })
  hub.mood.refuse = 'MEMBER_UNKNOWN'
  await t.rejects(node.publish(META, { 'a.csv': `${TABLE}贵州,2026-09,1\r\n` }), { code: 'MEMBER_UNKNOWN' })
  const [row] = await node.run<{ problem: object }[]>('datasets')
  t.match(row, {
    dataset,
    version: 1,
    state: 'published',
    sequence: 1,
    title: META.title,
    problem: { code: 'MEMBER_UNKNOWN' },
  })
  t.equal(node.publishing.datasets.findVersion(dataset)?.payload.version, 1, 'what stands is served')
  t.equal(node.publishing.outbox.count(), 0)

  hub.mood.refuse = undefined
  t.match(await node.publish(META, { 'a.csv': `${TABLE}贵州,2026-09,1\r\n` }), { version: 2, state: 'published' })
  t.match(entryOf(hub.newest(dataset)?.text as string), { sequence: 2, version: 2 })
  const [now] = await node.run<{ problem?: object }[]>('datasets')
  t.match(now, { version: 2, state: 'published', sequence: 2 })
  t.equal(now?.problem, undefined)
})

t.test('with the hub away everything waits in order, also over a crash', async (t) => {
  const { node, hub } = open(t)
  hub.mood.reachable = false
  t.match(await node.publish(META, { 'a.csv': TABLE }), { version: 1, state: 'queued' })
  t.match(await node.publish(META, { 'a.csv': `${TABLE}贵州,2026-09,1\r\n` }), { version: 2, state: 'queued' })
  const other = await node.publish({ ...META, slug: 'second' }, { 'b.csv': TABLE })
  t.equal(node.publishing.datasets.findVersion(other.dataset), undefined, 'not served before it is published')
  t.equal(node.publishing.datasets.newestEntry(other.dataset)?.sequence, 1, 'but our own word counts at once')
  node.close()

  hub.mood.reachable = true
  hub.mood.forget = true
  const revived = openPublishingNode(authority, association, hub, node.folder)
  t.teardown(revived.discard)
  await revived.publishing.tick()
  t.equal(revived.publishing.outbox.count(), 3, 'sent, but the answers were lost')
  hub.mood.forget = false
  await revived.publishing.tick()
  t.equal(revived.publishing.outbox.count(), 3, 'not again at once')
  time.now += 10_000
  await revived.publishing.tick()
  t.equal(revived.publishing.outbox.count(), 0)
  t.same(
    hub.lines.map(({ dataset, sequence }) => `${dataset.slice(19)} ${sequence}`).sort(),
    ['output 1', 'output 2', 'second 1'],
    'each once',
  )
  t.same(
    (await revived.run<{ state: string }[]>('datasets')).map(({ state }) => state),
    ['published', 'published'],
  )
  t.equal(revived.publishing.datasets.findVersion(`${association.id}/output`)?.payload.version, 2)
})

t.test('withdrawing, and offering the same again', async (t) => {
  const { node, hub } = open(t)
  const { dataset, entry } = await node.publish(META, { 'a.csv': TABLE })
  hub.mood.reachable = false
  t.match(await node.run('withdraw', { dataset: 'output', reason: '口径调整' }), {
    dataset,
    sequence: 2,
    state: 'queued',
  })
  t.equal(node.publishing.datasets.newestEntry(dataset)?.payload, undefined, 'obeyed here at once')
  hub.mood.reachable = true
  await node.publishing.catchUp()
  t.match(await node.run('datasets'), [{ dataset, state: 'withdrawn', sequence: 2 }])
  await t.rejects(node.run('withdraw', { dataset, reason: 'twice' }), { code: 'DATASET_WITHDRAWN' })
  await t.rejects(node.run('withdraw', { dataset: 'never', reason: 'no' }), { code: 'DATASET_UNKNOWN' })

  const back = await node.publish(META, { 'a.csv': TABLE })
  t.match(back, { version: 1, unchanged: false, state: 'published' })
  t.match(entryOf(hub.newest(dataset)?.text as string), { sequence: 3, terms: 2 }, 'a new offer')
  t.equal(node.publishing.datasets.findEntry(entry)?.payload?.terms, 1, 'the old one is still known')
})

t.test('JOINT: published when all owners have signed, ended by one of them', async (t) => {
  const hub = createPaperHub(authority)
  const { node } = open(t, association, hub)
  const { node: second } = open(t, other, hub)
  const { node: third } = open(t, stranger, hub)
  const meta = { ...META, slug: 'joint', ownership: 'JOINT', owners: [association.id, other.id] }
  const { dataset, state, entry } = await node.publish(meta, { 'a.csv': TABLE })
  t.equal(state, 'waiting')
  await node.publishing.tick()
  t.equal(node.publishing.datasets.newestEntry(dataset), undefined, 'binds nobody yet')
  await t.rejects(third.run('cosign', { dataset }), { code: 'COSIGNATURE_FOREIGN' })

  await t.rejects(second.run('cosign', { dataset, entry: 'a'.repeat(64) }), { code: 'TERMS_MISMATCH' })
  t.match(await second.run('cosign', { dataset, entry }), { dataset, state: 'published', missing: [] })
  t.match(await second.run('cosign', { dataset }), { dataset, state: 'published' }, 'twice is once')
  await node.publishing.catchUp()
  t.match(await node.run('datasets'), [{ dataset, state: 'published' }])
  t.equal(node.publishing.datasets.findEntry(entry)?.payload?.owners.length, 2)
  t.equal(node.publishing.datasets.findVersion(dataset)?.payload.version, 1)

  await t.rejects(third.run('withdraw', { dataset, reason: 'not mine' }), { code: 'NAMESPACE_FOREIGN' })
  t.match(await second.run('withdraw', { dataset, reason: '分歧' }), { dataset, sequence: 2, state: 'withdrawn' })
  await node.publishing.catchUp()
  t.equal(node.publishing.datasets.newestEntry(dataset)?.sequence, 2)
  t.equal(node.publishing.datasets.newestEntry(dataset)?.payload, undefined, "the publisher's node obeys")
})

t.test('a forged tombstone of a JOINT dataset changes nothing', async (t) => {
  const hub = createPaperHub(authority)
  const { node } = open(t, association, hub)
  const { node: third } = open(t, stranger, hub)
  const { node: second } = open(t, other, hub)
  const meta = { ...META, slug: 'forged', ownership: 'JOINT', owners: [association.id, other.id] }
  const { dataset } = await node.publish(meta, { 'a.csv': TABLE })
  const own = await third.publish({ ...META, slug: 'own' }, { 'a.csv': TABLE })
  await third.run('withdraw', { dataset: 'own', reason: 'to have a signed tombstone' })
  const foreign = hub.newest(own.dataset)?.text as string
  hub.lines.push({ id: 'x', dataset, sequence: 2, text: foreign, state: 'withdrawn' })
  const sound = await node.publish({ ...meta, slug: 'sound' }, { 'a.csv': TABLE })
  await second.run('cosign', { dataset: sound.dataset })
  await node.publishing.catchUp()
  t.match(await node.run('datasets'), [
    { dataset, state: 'waiting', sequence: 1 },
    { dataset: sound.dataset, state: 'published' },
  ])
})

t.test('sponsoring', async (t) => {
  const { node, hub } = open(t)
  const affiliate = '51100000PDY000036X'
  const given = await node.run<{ sponsorship: string }>('sponsor', { member: affiliate, until: '2027-06-30' })
  t.match(given, { affiliate, until: '2027-06-30T16:00:00Z', state: 'standing' })
  t.match(parseDocument('sponsorship', hub.posted[0]?.document as string).payload, {
    sponsor: association.id,
    affiliate,
  })
  t.same(await node.run('sponsor', { member: affiliate, until: '2027-06-30' }), given, 'the same word is given once')
  hub.mood.reachable = false
  t.match(await node.run('unsponsor', { member: affiliate }), { sponsorship: given.sponsorship, state: 'queued' })
  await t.rejects(node.run('unsponsor', { member: affiliate }), { code: 'NOT_FOUND' })
  hub.mood.reachable = true
  await node.publishing.catchUp()
  t.equal(
    parseDocument('sponsorship-revocation', hub.posted[1]?.document as string).payload.sponsorship,
    given.sponsorship,
  )

  await node.run('sponsor', { member: affiliate })
  await node.run('sponsor', { member: affiliate, until: '2027-05-01' })
  t.match(await node.run('unsponsor', { member: affiliate }), { until: '2027-05-01T16:00:00Z', state: 'revoked' })
  await t.rejects(
    node.run('unsponsor', { member: affiliate }),
    { code: 'NOT_FOUND' },
    'the word before it went with it',
  )
  const posted = hub.posted.length
  t.match(await node.run('sponsor', { member: affiliate }), { until: null, state: 'standing' })
  t.equal(hub.posted.length, posted + 1, 'given anew')

  await t.rejects(node.run('sponsor', { member: affiliate, until: '2026-01-01' }), { code: 'PERIOD_OVER' })
  await t.rejects(node.run('sponsor', { member: '51100000PDY000036Y' }), { code: 'USCC_INVALID' })
  await t.rejects(node.run('sponsor', { member: other.id }), { code: 'SPONSOR_INELIGIBLE' })
  await t.rejects(open(t, stranger).node.run('sponsor', { member: affiliate }), { code: 'SPONSOR_INELIGIBLE' })
})

t.test("search is the hub's; the own catalog is DCAT", async (t) => {
  const { node, hub } = open(t)
  await node.run('search', { words: '就业 & x', class: 2, region: ['510000', '530000'], sort: 'newest' })
  t.equal(
    hub.asked.at(-1),
    '/v1/catalog-entries/search?words=%E5%B0%B1%E4%B8%9A+%26+x&class=2&region=510000&region=530000&sort=newest',
  )
  await t.rejects(node.run('search', { colour: 'red' }), { code: 'BODY_INVALID' })

  await node.publish(META, { 'a.csv': TABLE })
  await node.publish({ ...META, slug: 'gone' }, { 'a.csv': TABLE })
  await node.run('withdraw', { dataset: 'gone', reason: 'over' })
  const app = createServer({ log: createLog({ level: 'silent', name: 'node' }) })
  t.teardown(() => app.close())
  node.publishing.catalogRoute(app)
  const answer = await app.inject({ url: '/catalog' })
  t.match(answer.headers['content-type'], 'application/ld+json')
  const listed = answer.json()['dcat:dataset'] as { 'dct:identifier': string }[]
  t.same(
    listed.map((one) => one['dct:identifier']),
    [`${association.id}/output`],
  )
  t.equal((await app.inject({ url: '/catalog?page=2' })).statusCode, 400)
})

t.test("the real hub's exchange takes and finds all of it", async (t) => {
  const world = await startWorld()
  t.teardown(world.close)
  const parties = [await world.join(association.id, 'association'), await world.join(other.id, 'association')] as const
  world.authority.sign()
  const [first, second] = parties.map((party) => {
    const node = openPublishingNode(world.authority, party.member, overTheWire(party))
    t.teardown(node.discard)
    return node
  }) as [ReturnType<typeof openPublishingNode>, ReturnType<typeof openPublishingNode>]

  const { dataset } = await first.publish({ ...META, sample: { rows: 2 } }, { 'a.csv': gb18030(TABLE) }, SCHEMA)
  t.match(await first.publish({ ...META, audience: ['department'] }, { 'a.csv': gb18030(TABLE) }, SCHEMA), {
    version: 1,
    state: 'published',
  })
  t.match(
    await first.publish({ ...META, audience: ['department'] }, { 'a.csv': `${TABLE}贵州,2026-09,1\r\n` }, SCHEMA),
    { version: 2, state: 'published' },
  )
  t.match(await second.run('search', { words: '产量', class: 2 }), {
    items: [{ dataset, version: 2, member: association.id, sharing: 'conditional' }],
    next: null,
  })
  t.match(await first.run('withdraw', { dataset, reason: '口径调整' }), { sequence: 4, state: 'withdrawn' })
  t.match(await first.publish(META, { 'a.csv': TABLE }, SCHEMA), { version: 3, state: 'published' })

  const meta = { ...META, slug: 'joint', ownership: 'JOINT', owners: [association.id, other.id] }
  const joint = await first.publish(meta, { 'a.csv': TABLE })
  t.equal(joint.state, 'waiting')
  t.match(await second.run('cosign', { dataset: joint.dataset }), { state: 'published' })
  await first.publishing.catchUp()
  t.equal(first.publishing.datasets.newestEntry(joint.dataset)?.sequence, 1)
  t.match(await second.run('withdraw', { dataset: joint.dataset, reason: '分歧' }), { sequence: 2, state: 'withdrawn' })
  await first.publishing.catchUp()
  t.equal(first.publishing.datasets.newestEntry(joint.dataset)?.payload, undefined)

  const foreign = { ...meta, slug: 'nobody', owners: [association.id, stranger.id] }
  await t.rejects(first.publish(foreign, { 'a.csv': TABLE }), { code: 'MEMBER_UNKNOWN' })
  t.match((await first.run<object[]>('datasets')).at(-2), { state: 'refused', problem: { code: 'MEMBER_UNKNOWN' } })
})

/** The hub's member listener as a node's client shows it. */
function overTheWire(party: Party): HubRequests {
  const open = ({ status, body }: Awaited<ReturnType<Party['get']>>): unknown => {
    if (status >= 400) throw refusalFromProblem(body)
    return body
  }
  return {
    get: async (path) => open(await party.get(path)),
    post: async (path, body) => open(await party.post(path, body)),
  }
}
