/** The exchange at a real hub, over its real mutual TLS, without any node: what a stranger's software would see. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { parseDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { RefusalCode } from '#schemas/refusals.ts'
import { verifyAgreement } from '#schemas/verify-agreement.ts'
import { createServer } from '#web/serving/create-server.ts'
import { createLog } from '#web/serving/log.ts'
import { routeStatus } from '../../hub/routes/status.ts'
import { APPROVER, REGISTRAR, startNetwork } from '../kit/start-network.ts'
import { madeDocuments } from './made-documents.ts'
import { enrolOverWire, type WireParty } from './wire-party.ts'

t.test('from publishing to a grant that ends', async (test) => {
  await using network = await startNetwork()
  const { hub } = network
  const parties: WireParty[] = []
  const enrol = async (memberClass: string, member: string, name: string): Promise<WireParty> => {
    const { code } = await hub.call<{ code: string }>('code', { class: memberClass, member, name, as: REGISTRAR })
    const party = await enrolOverWire(hub.listeners, code)
    parties.push(party)
    return party
  }
  test.teardown(() => Promise.all(parties.map((party) => party.close())))
  const owner = await enrol('association', '51100000PDY00001X3', '示例协会甲')
  const consumer = await enrol('department', '11100000PDY0090060', '示例部门')
  const stranger = await enrol('association', '51100000PDY0000283', '示例协会乙')
  const make = madeDocuments({ net: owner.trust.net, now: () => Math.floor(Date.now() / 1000) })

  const heardByStranger = stranger.listen(
    (lines) => lines.filter((line) => line.startsWith('event: status')).length >= 2,
  )
  const heardByOwner = owner.listen((lines) => lines.some((line) => line.includes('"decision"')))
  await new Promise((resolve) => setTimeout(resolve, 100))

  const entry = make.signEntry(make.entryPayload(owner, 'steel', {}, { sensitive: false }), owner.signer())
  test.equal((await owner.post('/v1/catalog-entries', { entry: entry.text })).body.state, 'published')
  test.equal((await consumer.post('/v1/catalog-entries', { entry: entry.text })).body.code, 'MEMBER_MISMATCH')
  const found = (await consumer.get(`/v1/catalog-entries/search?words=${encodeURIComponent('钢铁')}`)).body
  test.equal(found.items[0].dataset, `${owner.id}/steel`, 'found at once')
  const terms = make.terms()
  const request = make.compact('request', consumer, {
    consumer: consumer.id,
    dataset: `${owner.id}/steel`,
    entry: entry.id,
    terms,
  })
  test.match((await consumer.post('/v1/requests', { request: request.text })).body, {
    path: 'conditional',
    state: 'REQUESTED',
  })
  const owned = make.several('agreement', make.agreementPayload({ request, entry, terms }), [[owner.signer(), 'owner']])
  test.equal((await owner.post('/v1/agreements', { agreement: owned.text })).body.state, 'AGREED')
  const both = make.cosign('agreement', owned.text, consumer, 'consumer')
  test.equal((await consumer.post('/v1/agreements', { agreement: both })).body.state, 'VERIFIED')

  const queue = await hub.call<{ id: string; kind: string }[]>('queue')
  test.same(
    queue.filter(({ kind }) => kind === 'agreement').map(({ id }) => id),
    [owned.id],
  )
  await test.rejects(hub.call('approve', { id: owned.id, as: REGISTRAR }), { code: 'ROLE_REQUIRED' })
  test.match(await hub.call('approve', { id: owned.id.slice(0, 12), as: APPROVER }), {
    id: owned.id,
    state: 'FINALIZED',
  })
  test.same(
    (await hub.call<{ kind: string }[]>('queue')).filter(({ kind }) => kind === 'agreement'),
    [],
  )
  test.match(await hub.call('agreements'), [{ id: owned.id, state: 'FINALIZED' }])

  await consumer.refresh()
  const { documents } = (await consumer.get(`/v1/agreements/${owned.id}`)).body
  const keys = {
    member: (thumbprint: string) => {
      const { member, publicKey } = consumer.trust.requireCertificate(thumbprint, 'signing')
      return { member: member.id, publicKey }
    },
    hub: (thumbprint: string, at: number) => consumer.trust.hubKey('agreement', thumbprint, at),
  }
  const { hub: signature } = verifyAgreement(documents.agreement, 'hub', keys, consumer.trust.net)
  test.match(consumer.trust.verifyHub('decision', documents.decision).payload, {
    outcome: 'approved',
    by: [{ operator: APPROVER, via: { kind: 'control' } }],
  })
  test.equal((await stranger.get(`/v1/agreements/${owned.id}`)).body.code, 'AGREEMENT_UNKNOWN')

  const ask = () => make.compact('grant-request', consumer, { agreement: owned.id, holder: consumer.tls() })
  const asked = ask()
  const { grant } = (await consumer.post('/v1/grants', { request: asked.text })).body
  test.match(consumer.trust.verifyHub('grant', grant).payload, {
    aud: owner.id,
    sub: consumer.id,
    status: signature?.status,
  })
  test.throws(() => consumer.trust.verifyHub('decision', grant), { code: 'DOCUMENT_KIND' })
  const content = {
    agreement: owned.id,
    dataset: `${owner.id}/steel`,
    version: 1,
    manifest: sha256('steel1'),
  }
  const order = make.compact('pull-order', consumer, {
    ...content,
    grant: 'A'.repeat(22),
    consumer: consumer.id,
    owner: owner.id,
    purpose: '行业运行监测',
  })
  const ordered = { documents: [{ kind: 'pull-order', document: order.text }] }
  test.same((await consumer.post('/v1/receipts', ordered)).body, { stored: [order.id], refused: [] })
  const delivery = make.compact('delivery', owner, {
    ...content,
    order: order.id,
    bytes: 12,
    outcome: 'delivered',
    opened: '2026-01-01T00:00:00Z',
    closed: '2026-01-01T00:00:00Z',
  })
  test.same((await owner.post('/v1/receipts', { documents: [{ kind: 'delivery', document: delivery.text }] })).body, {
    stored: [delivery.id],
    refused: [],
  })

  await hub.stop()
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(hub.dataDir, `index.db${suffix}`), { force: true })
  await hub.start()
  test.same(
    (await consumer.post('/v1/grants', { request: asked.text })).body,
    { grant },
    'a retry after a restart hears the same',
  )
  test.equal((await consumer.post('/v1/requests', { request: request.text })).body.state, 'REQUESTED')
  test.match(
    (await consumer.get('/v1/catalog-entries/search?sort=used')).body,
    { total: 1, items: [{ used: 1 }] },
    'a deleted index is filled again',
  )
  const open = async (path: string) =>
    (await (await fetch(`${hub.listeners()['public']}${path}`)).json()) as Record<string, unknown>
  test.match(await open('/api/v1/statistics'), { totals: { members: 3, datasets: 1, pulls: 1, bytes: 0 } })
  test.match(await open('/api/v1/datasets'), { total: 1 })
  test.match(await open(`/api/v1/datasets/${owner.id}/steel`), { document: entry.text })
  test.match(await open('/catalog'), { '@type': 'dcat:Catalog' })
  test.match(await open('/api/v1/nothing'), { code: 'NOT_FOUND' })

  test.match(await hub.call('suspend', { id: owned.id, as: APPROVER, reason: '核查' }), { state: 'SUSPENDED' })
  await consumer.refresh()
  test.equal(consumer.trust.statusOf(signature?.status as number), 'suspended', 'the status list says so at once')
  test.equal((await consumer.post('/v1/grants', { request: ask().text })).body.code, 'AGREEMENT_SUSPENDED')
  const stop = make.compact('agreement-change', owner, {
    agreement: owned.id,
    change: 'terminate',
    reason: '停止',
    previous: owned.id,
  })
  test.same((await owner.post(`/v1/agreements/${owned.id}/changes`, { change: stop.text })).body, {
    state: 'TERMINATED',
  })
  await consumer.refresh()
  test.equal(consumer.trust.statusOf(signature?.status as number), 'revoked')
  await test.rejects(hub.call('resume', { id: owned.id, as: APPROVER, reason: '无误' }), { code: 'TRANSITION_REFUSED' })

  const lines = (await heardByOwner).join('\n')
  for (const { id } of [request, owned]) test.match(lines, id, 'parties hear of their documents')
  test.match(lines, parseDocument('decision', documents.decision).id)
  const others = (await heardByStranger).join('\n')
  test.match(others, 'event: catalog')
  test.notMatch(others, 'event: document', 'others of none')
})

t.test('a full disk: nothing new is taken, what there is is read, and all goes on when there is room', async (test) => {
  const pages = watchPages(test)
  await using network = await startNetwork()
  const { hub } = network
  const { code } = await hub.call<{ code: string }>('code', {
    class: 'association',
    member: '51100000PDY00001X3',
    name: '示例协会甲',
    as: REGISTRAR,
  })
  const owner = await enrolOverWire(hub.listeners, code)
  test.teardown(() => owner.close())
  const make = madeDocuments({ net: owner.trust.net, now: () => Math.floor(Date.now() / 1000) })
  const push = async (slug: string) => {
    const entry = make.signEntry(make.entryPayload(owner, slug, {}, { sensitive: false }), owner.signer())
    const { status, body } = await owner.post('/v1/catalog-entries', { entry: entry.text })
    return [status, body.code ?? body.state]
  }
  test.same(await push('first'), [200, 'published'])

  pages.fill(join(hub.dataDir, 'hub.db'))
  const answers = []
  for (let n = 0; n < 40; n++) answers.push((await push(`full-${n}`)).join(' '))
  test.same([...new Set(answers.slice(-10))], ['507 DISK_FULL'])
  for (const path of ['/', '/v1/root', '/v1/directory', '/v1/status', '/datasets'])
    test.equal((await fetch(`${hub.listeners().public}${path}`)).status, 200, path)
  test.equal((await owner.get('/v1/catalog-entries/search')).status, 200)

  pages.free()
  test.same(await push('last'), [200, 'published'])
})

t.test('a status list that finds no room to be signed anew is answered as it was', async (test) => {
  let problem: RefusalCode = 'DISK_FULL'
  const refreshed = () => Promise.reject(new Refusal(problem))
  const app = createServer({ log: createLog({ level: 'silent', name: 'hub' }) })
  routeStatus(app, { trust: { status: () => ({ text: 'list' }) } as never, publisher: { refreshed } })
  const ask = async () => (await app.inject('/v1/status')).body
  test.equal(await ask(), 'list')
  problem = 'CLOCK_SKEW'
  test.match(await ask(), 'CLOCK_SKEW')
})

/** A disk that ends for one database: its limit of pages holds for the server's own connection only. */
function watchPages(test: Test) {
  const opened = new Map<string, Database.Database>()
  const { pragma } = Database.prototype
  Database.prototype.pragma = function (this: Database.Database, ...given: Parameters<typeof pragma>) {
    opened.set(this.name, this)
    return pragma.apply(this, given)
  }
  test.teardown(() => {
    Database.prototype.pragma = pragma
  })
  let full: Database.Database | undefined
  return {
    fill(path: string): void {
      full = opened.get(path)
      full?.pragma(`max_page_count = ${full.pragma('page_count', { simple: true })}`)
    },
    free: () => void full?.pragma('max_page_count = 1000000'),
  }
}
