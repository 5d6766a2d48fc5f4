import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import type { Grant, PullOrder } from '#schemas/kinds.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { createLog } from '#web/serving/log.ts'
import { createRunningTransfers } from '../../node/actions/running-transfers.ts'
import { openAsker } from '../kit/ask-owner.ts'
import { MIB, makeAgreement } from '../kit/exchange-world.ts'
import type { MemberPair } from '../kit/member-pairs.ts'
import { openExchange } from '../kit/open-exchange.ts'

t.test('a grant opens only what it was minted for, to whom, and while it runs', async (t) => {
  await using at = await openExchange()
  const { authority, agreement, holder, consumer, owner } = at
  const mint = (more: Partial<Grant>, signer = authority.signerOf('grant')) =>
    authority.mintGrant(agreement, holder, more, signer)
  const now = authority.now()
  const other = makeAgreement(at.world, at.published.entry)
  const cases: [code: string, grant: string][] = [
    ['SIGNER_UNKNOWN', mint({}, consumer.signer())],
    ['SIGNER_FORBIDDEN', mint({}, authority.signerOf('directory'))],
    ['NETWORK_MISMATCH', mint({ net: sha256('another') })],
    ['GRANT_AUDIENCE', mint({ aud: '51100000PDY0000283' })],
    ['GRANT_SUBJECT', mint({ sub: '51100000PDY0000283' })],
    ['GRANT_HOLDER_MISMATCH', authority.mintGrant(agreement, sha256('another certificate'))],
    ['GRANT_EXPIRED', mint({ iat: now - 100, exp: now - 1 })],
    ['GRANT_TOO_LONG', mint({ exp: now + 25 * 3_600 })],
    ['CLOCK_SKEW', mint({ iat: now + 1000, exp: now + 2000 })],
    ['GRANT_SCOPE', mint({ dataset: `${owner.member.id}/secret` })],
    ['AGREEMENT_NOT_OURS', authority.mintGrant(other, holder)],
    ['DOCUMENT_KIND', at.orderOf()],
  ]
  for (const [code, grant] of cases) t.equal(await at.codeOf(at.manifests, { grant }), code)
  t.equal(await at.codeOf(at.manifests, {}), 'GRANT_REQUIRED')
  t.equal((await at.ask(at.manifests, { grant: at.grant })).status, 200)
  t.equal(await at.codeOf(`/v1/manifests?dataset=${owner.member.id}/secret`), 'GRANT_SCOPE')
  t.equal(await at.codeOf(`${at.manifests}&version=2`), 'VERSION_UNKNOWN')
})

t.test('a right ends by status, by our own word, by changed terms, by withdrawal, by its date', async (t) => {
  await using at = await openExchange()
  const { authority, owner, agreement, world, published } = at
  const expect = async (code: string, why: string) => t.equal(await at.codeOf(at.manifests), code, why)
  authority.setStatus(agreement.status, 'suspended')
  at.time.now += 2_000
  authority.sign()
  world.tellAll()
  await expect('AGREEMENT_SUSPENDED', 'the hub says so')
  authority.setStatus(agreement.status, 'good')
  at.time.now += 2_000
  authority.sign()
  world.tellAll()
  owner.learn(agreement, { state: 'SUSPENDED', suspendedBy: ['owner'] })
  await expect('AGREEMENT_SUSPENDED', 'we say so')
  owner.learn(agreement, { state: 'TERMINATED', cause: 'terminated', endedBy: 'owner' })
  await expect('AGREEMENT_TERMINATED', 'we ended it')

  const again = makeAgreement(world, published.entry)
  owner.learn(again)
  const grant = authority.mintGrant(again, at.holder)
  t.equal(
    await at.codeOf(at.manifests, { grant }),
    'AGREEMENT_TERMINATED',
    'the hub cannot make a new one where the owner ended the last',
  )
  owner.learn(agreement)
  t.equal(await at.codeOf(at.manifests, { grant }), '')
  await owner.publish('output', { 'output.csv': randomBytes(10) }, { audience: ['association'] })
  await expect('AUDIENCE_EXCLUDED', 'the class is asked at each pull')
  await owner.publish('output', { 'output.csv': randomBytes(10) }, { terms: 2 })
  await expect('OFFER_CHANGED', 'other terms are another offer')
  owner.entries.push({ id: sha256('tombstone'), sequence: 9, payload: undefined })
  await expect('DATASET_WITHDRAWN', 'nothing is offered any more')
})

t.test('under conditions only our own signature counts, until the date agreed on', async (t) => {
  await using at = await openExchange({ sharing: 'conditional', terms: { until: '2099-01-01T00:00:00Z' } })
  t.equal(await at.codeOf(at.manifests), '')
  const rogue = makeAgreement(at.world, at.published.entry, { sharing: 'unconditional' })
  t.equal(
    await at.codeOf(at.manifests, { grant: at.authority.mintGrant(rogue, at.holder) }),
    'AGREEMENT_NOT_OURS',
    'never seen',
  )
  at.owner.learn(rogue)
  t.equal(
    await at.codeOf(at.manifests, { grant: at.authority.mintGrant(rogue, at.holder) }),
    'AGREEMENT_NOT_OURS',
    'no open offer covers it',
  )
  const over = makeAgreement(at.world, at.published.entry, {
    sharing: 'conditional',
    terms: { until: '2020-01-01T00:00:00Z' },
  })
  at.owner.learn(over)
  t.equal(await at.codeOf(at.manifests, { grant: at.authority.mintGrant(over, at.holder) }), 'AGREEMENT_EXPIRED')
  const half = makeAgreement(at.world, at.published.entry, { sharing: 'conditional', hub: false })
  const sent = await at.order(at.orderOf({ agreement: half.id }), {
    body: { order: at.orderOf({ agreement: half.id }), agreement: half.text },
  })
  t.equal(sent.code, 'SIGNATURES_INCOMPLETE', 'two of three signatures are none')
})

t.test(
  'a certificate that no key of the member vouches for is refused, and so is a revoked one on an open connection',
  async (t) => {
    await using at = await openExchange()
    const foreign = await at.authority.issueForeignPair(at.consumer.member)
    at.time.now += 2_000
    at.authority.sign()
    at.world.tellAll()
    await using thief = openAsker(at.world, foreign)
    const grant = at.authority.mintGrant(at.agreement, foreign.tls.certificate.thumbprint)
    t.equal((await thief.ask(at.manifests, { grant })).code, 'KEY_NOT_CONTINUED')
    t.equal(await at.codeOf(at.manifests), '')
    at.authority.setStatus((at.consumer.member.pairs[0] as MemberPair).places.tls, 'revoked')
    at.time.now += 2_000
    at.authority.sign()
    at.world.tellAll()
    t.equal(await at.codeOf(at.manifests), 'CERTIFICATE_REVOKED')
  },
)

t.test('an order is counted once, and of fifty at once exactly the allowed number get in', async (t) => {
  await using at = await openExchange({ terms: { pulls: 3 } })
  const text = at.orderOf()
  const [first, second] = [await at.order(text), await at.order(text)]
  t.same([first.status, second.status], [201, 201])
  t.same(first.json, second.json, 'the same order again has the same answer and no second effect')
  const { jti } = JSON.parse(Buffer.from(text.split('.')[1] as string, 'base64url').toString()) as PullOrder
  t.equal((await at.order(at.orderOf({ jti, purpose: '统计分析', iat: at.authority.now() - 1 }))).code, 'REPLAYED')
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => at.order()))
  t.equal(outcomes.filter(({ status }) => status === 201).length, 2)
  t.equal(outcomes.filter(({ code }) => code === 'PULLS_SPENT').length, 48)
  at.time.now += 200_000
  t.equal((await at.order(text)).status, 201, 'a retry is looked up before any time check')
})

t.test('an order asks for what was agreed, now, and in its own name', async (t) => {
  await using at = await openExchange()
  const cases: [code: string, said: Partial<PullOrder>][] = [
    ['PURPOSE_MISMATCH', { purpose: '转售' }],
    ['STALE_REQUEST', { iat: at.authority.now() - 121 }],
    ['STALE_REQUEST', { iat: at.authority.now() + 121 }],
    ['VERSION_UNKNOWN', { version: 7 }],
    ['MANIFEST_MISMATCH', { manifest: sha256('another') }],
    ['GRANT_SCOPE', { grant: newJti() }],
    ['GRANT_SCOPE', { dataset: `${at.owner.member.id}/secret` }],
    ['GRANT_AUDIENCE', { owner: '51100000PDY0000283' }],
    ['MEMBER_MISMATCH', { consumer: '51100000PDY0000283' }],
  ]
  for (const [code, said] of cases) t.equal((await at.order(at.orderOf(said))).code, code, JSON.stringify(said))
  const spoilt = `${at.orderOf().slice(0, -8)}AAAAAAAA`
  t.equal((await at.order(spoilt)).code, 'SIGNATURE_INVALID')
  t.equal(
    (await at.ask('/v1/pulls', { grant: at.grant, body: { order: at.orderOf(), extra: 1 } })).code,
    'BODY_INVALID',
  )
  t.equal(at.owner.exchange.status().openPulls, 0)
})

t.test('ranges: one, inside the file, of the file that was meant, by the member whose pull it is', async (t) => {
  await using at = await openExchange({ terms: { files: ['output.csv'] } })
  const { path, match, pull } = await at.openFile()
  const got = await at.ask(path, { grant: at.grant, headers: { ...match, range: 'bytes=100-199' } })
  t.equal(got.status, 206)
  t.ok(got.bytes.equals(at.content.subarray(100, 200)))
  for (const range of [
    'bytes=0-',
    'bytes=-5',
    'bytes=5-4',
    `bytes=0-${at.content.length}`,
    'bytes=0-1,3-4',
    'bytes=0-1, 0-1',
    'bytes= 0-1',
    'rows=0-1',
    `bytes=${'9'.repeat(17)}-${'9'.repeat(17)}`,
    '',
  ]) {
    t.equal(await at.codeOf(path, { grant: at.grant, headers: { ...match, range } }), 'RANGE_INVALID', range)
  }
  t.equal(await at.codeOf(path, { grant: at.grant, headers: match }), 'RANGE_INVALID', 'none at all')
  const range = 'bytes=0-1'
  t.equal(await at.codeOf(path, { grant: at.grant, headers: { range, 'if-match': '*' } }), 'VERSION_CHANGED')
  t.equal(await at.codeOf(path, { grant: at.grant, headers: { range } }), 'VERSION_CHANGED')
  t.equal(
    await at.codeOf(`/v1/files/${pull}/1`, { grant: at.grant, headers: { range, ...match } }),
    'SCOPE_EXCEEDED',
    'a file that was not agreed on',
  )
  t.equal(await at.codeOf(`/v1/files/${pull}/2/chunks`), 'NOT_FOUND')
  t.equal(await at.codeOf(`/v1/files/${pull}/..%2f0`), 'PULL_UNKNOWN')
  t.equal(await at.codeOf(`/v1/files/${sha256('none')}/0/chunks`), 'PULL_UNKNOWN')
  const list = await at.ask(`${path}/chunks`, { grant: at.grant })
  t.equal(sha256(list.bytes), at.owner.versions[0]?.payload.files[0]?.chunks.list.sha256)

  await using stranger = openAsker(at.world, at.authority.members.get('51100000PDY0000283')?.pairs[0] as MemberPair)
  t.equal((await stranger.ask(path, { grant: at.grant, headers: { range, ...match } })).code, 'GRANT_HOLDER_MISMATCH')
  t.equal((await stranger.ask(`/v1/pulls/${pull}/delivery`, { body: {} })).code, 'PULL_UNKNOWN')
  const delivered = await at.ask(`/v1/pulls/${pull}/delivery`, { body: {} })
  t.same(
    (await at.ask(`/v1/pulls/${pull}/delivery`, { body: {} })).json,
    delivered.json,
    'the same delivery ever after',
  )
  t.equal(await at.codeOf(path, { grant: at.grant, headers: { range, ...match } }), 'PULL_CLOSED')
})

t.test('what left is in the delivery, however closely the consumer asks for it', async (t) => {
  await using at = await openExchange({ bytes: 200_000 })
  const whole = { range: `bytes=0-${at.content.length - 1}` }
  const lanes = Array.from({ length: 6 }, () => openAsker(at.world, at.consumer.member.pairs[0] as MemberPair))
  let received = 0
  for (let round = 0; round < 24; round++) {
    const { pull, path, match } = await at.openFile()
    await Promise.all(lanes.map((lane) => lane.ask(`${path}/chunks`, { grant: at.grant })))
    const asked = lanes.map((lane) =>
      lane.ask(path, { grant: at.grant, headers: { ...match, ...whole } }).catch(() => undefined),
    )
    await wait(round % 8)
    const { json } = await at.ask(`/v1/pulls/${pull}/delivery`, { body: {} })
    const got = (await Promise.all(asked)).filter((answer) => answer?.status === 206)
    const bytes = got.reduce((sum, answer) => sum + (answer?.bytes.length ?? 0), 0)
    const said = parseDocument('delivery', json.delivery as string).payload.bytes
    if (!(bytes <= said)) t.fail(`round ${round}: ${bytes} came, ${said} were signed for`)
    received += bytes
  }
  t.ok(received > 0, 'some was as quick as the closing')
  for (const lane of lanes) await lane[Symbol.asyncDispose]()
})

t.test('while a pull closes nothing of it begins; when it could not be closed, it goes on', async (t) => {
  const transfers = createRunningTransfers(async () => {}, createLog({ level: 'silent', name: 'node' }))
  const { promise: stored, reject } = Promise.withResolvers<string>()
  const closing = transfers.closeAround('one', () => stored)
  t.throws(() => transfers.requireRoom('member', 'one'), { code: 'PULL_CLOSED' })
  transfers.requireRoom('member', 'other')
  reject(new Refusal('EVIDENCE_UNSTORED'))
  await t.rejects(closing, { code: 'EVIDENCE_UNSTORED' })
  transfers.requireRoom('member', 'one')
})

t.test('nobody answers an order before giving it', async (t) => {
  await using at = await openExchange()
  const { pull } = await at.openFile()
  const said = { order: pull, delivery: null, agreement: at.agreement.id, manifest: at.published.manifest } as const
  const answer = (iat: number) => {
    const payload = { net: at.authority.net, jti: newJti(), iat, ...said, bytes: 0, outcome: 'abandoned' } as const
    const acknowledgement = signDocument('acknowledgement', payload, at.consumer.signer())
    return at.ask(`/v1/pulls/${pull}/acknowledgement`, { body: { acknowledgement } })
  }
  t.equal((await answer(at.authority.now() - 121)).code, 'CLOCK_SKEW')
  t.match(at.owner.receipts(), [{ delivery: null }], 'and the pull stays open')
  t.equal((await answer(at.authority.now() - 119)).status, 200)
})

t.test('files that a folder cannot bear are not even ordered', async (t) => {
  await using at = await openExchange()
  const { owner, consumer, agreement } = at
  for (const names of [['a.csv', '.bashrc'], ['-rf'], ['CON'], ['a.csv', 'A.csv']]) {
    await owner.publish('output', Object.fromEntries(names.map((name) => [name, randomBytes(10)])))
    await t.rejects(consumer.pull(agreement.id), { code: 'FILE_NAME_INVALID', facts: { file: names.at(-1) } })
  }
  t.same(consumer.receipts(), [])
  t.equal((await consumer.pull(agreement.id, 1)).version, 1)
})

t.test('a full disk: no evidence, no action', async (t) => {
  await using at = await openExchange()
  const { path, match } = await at.openFile()
  const pages = at.owner.db.pragma('page_count', { simple: true }) as number
  at.owner.db.pragma(`max_page_count = ${pages}`)
  const outcomes = []
  for (let i = 0; i < 60; i++) outcomes.push((await at.order()).code)
  t.ok(outcomes.includes('EVIDENCE_UNSTORED'), 'orders stop')
  t.notOk(outcomes.some((code) => code !== '' && code !== 'EVIDENCE_UNSTORED'))
  at.owner.db.pragma('max_page_count = 1000000')
  t.equal((await at.order()).status, 201, 'and go on when there is room again')
  t.equal((await at.ask(path, { grant: at.grant, headers: { ...match, range: 'bytes=0-9' } })).status, 206)
})

/** A reader that takes its time: the transfer is under way while the test does something. */
async function slowly(at: Awaited<ReturnType<typeof openExchange>>, act: () => Promise<void> | void): Promise<unknown> {
  let _acted: Promise<void> | undefined
  return at.consumer
    .pull(at.agreement.id, undefined, undefined, (done) => {
      if (done > 4 * MIB) _acted ??= Promise.resolve(act())
    })
    .catch((error: unknown) => error)
}

t.test('a running transfer is cut when its right ends, and says why to the next request', async (t) => {
  await using at = await openExchange({ bytes: 64 * MIB })
  const refused = await slowly(at, async () => {
    at.owner.learn(at.agreement, { state: 'SUSPENDED', suspendedBy: ['owner'] })
    await at.owner.exchange.changed()
  })
  t.ok(isRefusal(refused, 'AGREEMENT_SUSPENDED'), String(refused))
  while (at.owner.exchange.status().runningTransfers > 0) await wait(5)
  at.owner.learn(at.agreement)
  const pulled = (await at.consumer.pull(at.agreement.id)) as { fetchedBytes: number }
  t.ok(pulled.fetchedBytes >= at.content.length, 'resumed, the same pull goes on')
  const receipts = at.owner.receipts()
  t.same(
    receipts.map(({ outcome }) => outcome),
    ['verified'],
  )
})

t.test('at the end of a grant the transfer is cut and the next grant continues it without counting', async (t) => {
  await using at = await openExchange({ bytes: 64 * MIB, terms: { pulls: 1 } })
  at.consumer.hubSide.grantSeconds = 600
  const pulled = await slowly(at, async () => {
    at.time.now += 700_000
    await at.owner.exchange.changed()
  })
  t.notOk(isRefusal(pulled), String(pulled))
  t.match(pulled, { version: 1 })
})

t.test('what the owner signed is what is taken: another manifest, list or version is refused', async (t) => {
  await using at = await openExchange({ bytes: 2 * MIB })
  const { owner, consumer, agreement, published } = at
  const version = owner.versions[0] as (typeof owner.versions)[number]
  const list = version.payload.files[0]?.chunks.list.sha256 as string
  const path = owner.deps.blobs.pathOf(list)
  const bytes = Buffer.from(owner.deps.blobs.read(list))
  await owner.publish('secret', { 'output.csv': randomBytes(10) })
  const foreign = owner.versions.at(-1) as typeof version
  const codeOf = async () =>
    consumer.pull(agreement.id).then(
      () => '',
      (error: unknown) => (isRefusal(error) ? error.code : String(error)),
    )

  owner.versions.length = 0
  owner.versions.push({ ...foreign, payload: { ...foreign.payload, dataset: version.payload.dataset } })
  t.equal(await codeOf(), 'MANIFEST_MISMATCH')
  owner.versions.length = 0
  owner.versions.push(version)
  const spoilt = Buffer.from(bytes)
  spoilt[10] = (spoilt[10] as number) ^ 1
  writeFileSync(path, spoilt)
  t.equal(await codeOf(), 'FILE_TAMPERED', 'a damaged store is found out by its owner')
  const { read } = owner.deps.blobs
  owner.deps.blobs.read = () => spoilt
  t.equal(await codeOf(), 'CHUNK_LIST_INVALID', 'and a list that was not signed by the consumer')
  owner.deps.blobs.read = read
  writeFileSync(path, bytes)
  t.equal(published.version, (await consumer.pull(agreement.id)).version)
})
