import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { toBase64url } from '#schemas/base64url.ts'
import { parseDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { verifyProof } from '#schemas/verify-proof.ts'
import { pumpFile } from '#web/serving/pump-file.ts'
import { lookupAllowed, requireAllowedAddress } from '../../node/actions/check-address.ts'
import { createLearnLine } from '../../node/actions/learn-line.ts'
import { watchPace } from '../../node/actions/watch-pace.ts'
import { createCertificates } from '../../node/store/certificates.ts'
import { createExchangeWorld, MIB, makeAgreement } from '../kit/exchange-world.ts'

const codeOf = async (run: Promise<unknown>): Promise<string> => {
  try {
    await run
    return 'nothing refused'
  } catch (error) {
    return isRefusal(error) ? error.code : String(error)
  }
}

t.test(
  'a version is pulled, verified, acknowledged and filed; a second pull fetches nothing and counts again',
  async (t) => {
    await using world = await createExchangeWorld()
    const { owner, consumer } = world
    const bytes = randomBytes(5 * MIB)
    const small = Buffer.from('产量,1\n')
    const { entry } = await owner.publish('output', {
      'output.csv': bytes,
      'notes.csv': small,
      'empty.csv': Buffer.alloc(0),
    })
    const agreement = makeAgreement(world, entry, { terms: { pulls: 2 } })
    consumer.learn(agreement)
    owner.learn(agreement)

    const seen: number[] = []
    const pulled = await consumer.pull(agreement.id.slice(0, 12), undefined, undefined, (done) => seen.push(done))
    t.equal(pulled.bytes, bytes.length + small.length)
    t.equal(pulled.fetchedBytes, pulled.bytes)
    t.same(
      pulled.files.map(({ path }) => path),
      ['output.csv', 'notes.csv', 'empty.csv'],
    )
    t.ok(readFileSync(pulled.files[0]?.handle as string).equals(bytes), 'byte-identical')
    t.equal(seen.at(-1), pulled.bytes, 'progress reaches the end')

    const [receipt] = owner.receipts()
    t.match(receipt, {
      role: 'owner',
      bytes: pulled.bytes,
      outcome: 'verified',
      delivery: /^[0-9a-f]{64}$/,
      acknowledgement: /^[0-9a-f]{64}$/,
    })

    const contents = new Map(pulled.files.map(({ path, handle }) => [path, sha256(readFileSync(handle))]))
    for (const node of [owner, consumer]) {
      const [proved] = node.receipts({ id: pulled.pull.slice(0, 10), proofs: true })
      const verdict = await verifyProof(
        proved?.proofFile as string,
        world.authority.net,
        async (path) => contents.get(path),
        async () => {},
      )
      t.same(
        verdict.checks.filter(({ ok }) => !ok),
        [],
        'the proof file holds offline',
      )
      t.equal(verdict.signer, owner.member.id)
      const alone = await verifyProof(
        proved?.proofFile as string,
        world.authority.net,
        async () => undefined,
        async () => {},
      )
      t.equal(alone.ok, true, 'and without the data: a receipt names none that must lie beside it')
    }

    owner.hubSide.refusing = 'delivery'
    await owner.exchange.runChores()
    await consumer.exchange.runChores()
    t.equal(owner.exchange.status().unfiledReceipts, 1, 'one that the hub refuses holds up no other')
    delete owner.hubSide.refusing
    world.time.now += 3_700_000
    await owner.exchange.runChores()
    t.same(
      owner.hubSide.filed.map(({ kind }) => kind),
      ['pull-order', 'acknowledgement', 'delivery'],
    )
    t.same(new Set(consumer.hubSide.filed), new Set(owner.hubSide.filed), 'both sides file the same papers')

    const again = await consumer.pull(`${owner.member.id}/output`)
    t.not(again.pull, pulled.pull)
    t.equal(again.fetchedBytes, 0, 'everything was at hand')
    t.equal(await codeOf(consumer.pull(agreement.id)), 'PULLS_SPENT')
  },
)

t.test('only what changed moves; inserted bytes shift nothing', async (t) => {
  await using world = await createExchangeWorld()
  const { owner, consumer } = world
  const first = randomBytes(8 * MIB)
  const { entry } = await owner.publish('output', { 'output.csv': first })
  const agreement = makeAgreement(world, entry)
  consumer.learn(agreement)
  owner.learn(agreement)
  await consumer.pull(agreement.id)
  const second = Buffer.concat([first.subarray(0, 3 * MIB), randomBytes(1000), first.subarray(3 * MIB)])
  await owner.publish('output', { 'output.csv': second })
  const pulled = await consumer.pull(agreement.id)
  t.equal(pulled.version, 2)
  t.ok(pulled.fetchedBytes > 1000 && pulled.fetchedBytes < MIB, `moved ${pulled.fetchedBytes}`)
  t.ok(readFileSync(pulled.files[0]?.handle as string).equals(second))
  t.equal((await consumer.pull(agreement.id, 1)).version, 1, 'an earlier version stays to be had')
})

t.test('a pull that does not fit is not begun; one that fits no more keeps what it has (threats F6)', async (t) => {
  await using world = await createExchangeWorld()
  const { owner, consumer } = world
  const bytes = randomBytes(24 * MIB)
  const { entry } = await owner.publish('output', { 'output.csv': bytes })
  const agreement = makeAgreement(world, entry, { terms: { pulls: 1 } })
  owner.learn(agreement)
  consumer.learn(agreement)
  const { blobs } = consumer.deps
  const partial = blobs.partialPath(sha256(bytes))

  blobs.room = () => 23 * MIB
  const refused = () => consumer.pull(agreement.id).catch((error: unknown) => error)
  t.match(await refused(), { code: 'DISK_FULL', facts: { neededBytes: bytes.length, freeBytes: 23 * MIB } })
  t.notOk(existsSync(partial), 'nothing is begun')
  t.same(owner.receipts(), [], 'nor ordered')

  // Somebody else fills the disk meanwhile.
  let disk = 30 * MIB
  blobs.room = () => disk - blobs.takenBytes(sha256(bytes))
  const broken = consumer.pull(agreement.id, undefined, undefined, (done) => {
    if (done > 6 * MIB) disk = 12 * MIB
  })
  t.equal(await codeOf(broken), 'DISK_FULL')
  const taken = blobs.takenBytes(sha256(bytes))
  t.ok(taken > 6 * MIB && taken <= 14 * MIB, `stops in time: ${taken}`)
  t.match(await refused(), { code: 'DISK_FULL', facts: { neededBytes: bytes.length - taken } })

  disk = 25 * MIB
  const pulled = await consumer.pull(agreement.id)
  t.ok(readFileSync(pulled.files[0]?.handle as string).equals(bytes), 'resumed once there is room')
  disk = 0
  t.equal(await codeOf(consumer.pull(agreement.id)), 'PULLS_SPENT', 'what is here needs no room')
})

t.test(
  'an interrupted pull is joined at its first missing chunk and counts once, also after a restart of both',
  async (t) => {
    await using world = await createExchangeWorld()
    const { owner } = world
    const bytes = randomBytes(24 * MIB)
    const { entry } = await owner.publish('output', { 'output.csv': bytes })
    const agreement = makeAgreement(world, entry, { terms: { pulls: 1 } })
    owner.learn(agreement)
    world.consumer.learn(agreement)
    const stop = new AbortController()
    const broken = world.consumer.pull(agreement.id, undefined, stop.signal, (done) => done > 9 * MIB && stop.abort())
    t.equal(await codeOf(broken), 'TRANSFER_CUT')
    await world.restart('consumer')
    await world.restart('owner')
    world.consumer.learn(agreement)
    const start: number[] = []
    const pulled = await world.consumer.pull(agreement.id, undefined, undefined, (done) => start.push(done))
    t.ok((start[1] as number) > 9 * MIB, 'goes on where it stopped')
    t.ok(readFileSync(pulled.files[0]?.handle as string).equals(bytes))
    t.ok(
      pulled.fetchedBytes >= bytes.length && pulled.fetchedBytes < bytes.length + 9 * MIB,
      `counted ${pulled.fetchedBytes}`,
    )
  },
)

t.test('killed after any of its steps, the consumer goes on with the same pull, which counts once', async (t) => {
  await using world = await createExchangeWorld()
  const { owner } = world
  let kills = 0
  for (let step = 1; ; step++) {
    const bytes = randomBytes(9 * MIB)
    const { entry } = await owner.publish('output', { 'output.csv': bytes })
    const agreement = makeAgreement(world, entry, { terms: { pulls: 1 } })
    owner.learn(agreement)
    world.consumer.learn(agreement)
    world.consumer.killAfterCommits(step)
    const first = await codeOf(world.consumer.pull(agreement.id))
    const image = world.consumer.image()
    if (image === undefined) {
      t.equal(first, 'nothing refused')
      break
    }
    kills += 1
    await world.restart('consumer', image)
    world.consumer.learn(agreement)
    const again = await world.consumer.pull(agreement.id).catch((error: unknown) => error as { code: string })
    if ('code' in again) {
      t.match(world.consumer.receipts().at(-1), { state: 'acknowledged' }, `killed after step ${step}: it was all done`)
      continue
    }
    t.ok(readFileSync(again.files[0]?.handle as string).equals(bytes), `killed after step ${step}`)
    const total = again.fetchedBytes
    t.ok(total > 0 && total < 2 * bytes.length, `counted ${total} bytes after step ${step}`)
    t.match(world.consumer.receipts().at(-1), { state: 'acknowledged', outcome: 'verified' })
  }
  t.ok(kills > 6, `killed ${kills} times`)
})

t.test('killed after any of its steps, the owner serves the same pull on', async (t) => {
  await using world = await createExchangeWorld()
  const { consumer } = world
  for (let step = 1; ; step++) {
    const { entry } = await world.owner.publish('output', { 'output.csv': randomBytes(9 * MIB) })
    const agreement = makeAgreement(world, entry, { terms: { pulls: 1 } })
    world.owner.learn(agreement)
    consumer.learn(agreement)
    world.owner.killAfterCommits(step)
    const first = await codeOf(consumer.pull(agreement.id))
    const image = world.owner.image()
    if (image === undefined) {
      t.equal(first, 'nothing refused')
      t.ok(step > 4, `killed ${step - 1} times`)
      break
    }
    await world.restart('owner', image)
    t.equal(await codeOf(consumer.pull(agreement.id)), 'nothing refused', `killed after step ${step}: ${first}`)
    t.match(world.owner.receipts().at(-1), { state: 'acknowledged', outcome: 'verified' })
  }
})

t.test('a tampered chunk is named and nothing is accepted; mended, the same pull goes on', async (t) => {
  await using world = await createExchangeWorld()
  const { owner, consumer } = world
  const bytes = randomBytes(3 * MIB)
  const { entry } = await owner.publish('output', { 'output.csv': bytes })
  const agreement = makeAgreement(world, entry, { terms: { pulls: 1 } })
  consumer.learn(agreement)
  owner.learn(agreement)
  const file = owner.versions[0]?.payload.files[0]?.sha256 as string
  const path = owner.deps.blobs.pathOf(file)
  const spoilt = Buffer.from(bytes)
  spoilt[2 * MIB] = (spoilt[2 * MIB] as number) ^ 1
  writeFileSync(path, spoilt)
  const refused = await consumer.pull(agreement.id).catch((error: unknown) => error)
  t.ok(isRefusal(refused, 'CHUNK_TAMPERED'))
  t.match(refused, { facts: { file: 'output.csv', chunk: Number } })
  t.notOk(consumer.deps.blobs.has(file), 'no final name without whole contents')
  writeFileSync(path, bytes)
  const pulled = await consumer.pull(agreement.id)
  t.ok(readFileSync(pulled.files[0]?.handle as string).equals(bytes))
})

t.test('the owner away at the end: the data stay, the answer goes out later by itself', async (t) => {
  await using world = await createExchangeWorld()
  const { owner, consumer } = world
  const { entry } = await owner.publish('output', { 'output.csv': randomBytes(MIB) })
  const agreement = makeAgreement(world, entry)
  consumer.learn(agreement)
  owner.learn(agreement)
  const gone = consumer.pull(agreement.id, undefined, undefined, (done, total) => {
    if (done === total) void owner.stopListening()
  })
  const refused = await gone.catch((error: unknown) => error)
  t.ok(isRefusal(refused, 'OWNER_UNREACHABLE'), String(refused))
  t.match(refused, { facts: { verified: true, acknowledgement: 'pending' } })
  await owner.listen()
  world.tellAll()
  await consumer.exchange.runChores()
  const receipts = consumer.receipts()
  t.same(
    receipts.map(({ state }) => state),
    ['acknowledged'],
  )
})

t.test('an order brings along an agreement that the owner has never seen', async (t) => {
  await using world = await createExchangeWorld()
  const { owner, consumer } = world
  const { entry } = await owner.publish('output', { 'output.csv': randomBytes(MIB) })
  const agreement = makeAgreement(world, entry)
  consumer.learn(agreement)
  t.equal((await consumer.pull(agreement.id)).version, 1)
  await owner.publish('output', { 'output.csv': randomBytes(MIB) })
  await world.restart('owner')
  t.equal((await consumer.pull(agreement.id)).version, 2, 'and it is kept')
})

t.test('pulls go on without the hub; a renewed certificate is followed once it can be', async (t) => {
  await using world = await createExchangeWorld()
  const { authority, owner, consumer } = world
  const { entry } = await owner.publish('output', { 'output.csv': randomBytes(MIB) })
  const agreement = makeAgreement(world, entry)
  consumer.learn(agreement)
  owner.learn(agreement)
  await Promise.all([owner.exchange.runChores(), consumer.exchange.runChores()])
  for (const { hubSide } of [owner, consumer]) hubSide.reachable = false
  t.equal((await consumer.pull(agreement.id)).version, 1)
  for (const which of ['owner', 'consumer'] as const) await world.restart(which)
  for (const { hubSide } of [world.owner, world.consumer]) hubSide.reachable = false
  t.equal((await world.consumer.pull(agreement.id)).version, 1, 'also after a restart')

  await authority.renew(consumer.member)
  authority.sign()
  world.tellAll()
  world.consumer.learn(agreement)
  world.consumer.hubSide.reachable = true
  t.equal(
    await codeOf(world.consumer.pull(agreement.id)),
    'HUB_UNREACHABLE',
    'a line of keys that cannot be followed proves nothing',
  )
  world.owner.hubSide.reachable = true
  t.equal((await world.consumer.pull(agreement.id)).version, 1)
})

t.test('an answer held back an hour is asked for before the next pull opens', async (t) => {
  await using world = await createExchangeWorld()
  const { owner, consumer, time } = world
  const { entry } = await owner.publish('output', { 'output.csv': randomBytes(20 * MIB) })
  const agreement = makeAgreement(world, entry)
  consumer.learn(agreement)
  owner.learn(agreement)
  const stop = new AbortController()
  await codeOf(consumer.pull(agreement.id, undefined, stop.signal, (done) => done > 9 * MIB && stop.abort()))
  while (owner.exchange.status().runningTransfers > 0) await wait(5)
  time.now += 3_700_000
  await owner.publish('output', { 'output.csv': randomBytes(MIB) })
  t.equal((await consumer.pull(agreement.id)).version, 2)
  const rows = owner.receipts()
  t.same(
    rows.map(({ outcome }) => outcome),
    ['abandoned', 'verified'],
  )
  const delivery = owner.hubSide
  await owner.exchange.runChores()
  const first = delivery.filed.find(({ kind }) => kind === 'delivery') as { document: string }
  t.match(parseDocument('delivery', first.document).payload, { outcome: 'lapsed' })
})

t.test('a connection that breaks is taken up again; an owner that stays away is said to be', async (t) => {
  await using world = await createExchangeWorld()
  const { owner, consumer } = world
  const bytes = randomBytes(24 * MIB)
  const { entry } = await owner.publish('output', { 'output.csv': bytes })
  const agreement = makeAgreement(world, entry, { terms: { pulls: 1 } })
  owner.learn(agreement)
  consumer.learn(agreement)
  let broken: Promise<void> | undefined
  const pulled = await consumer.pull(agreement.id, undefined, undefined, (done) => {
    if (done > 9 * MIB) broken ??= owner.stopListening().then(() => owner.listen())
  })
  await broken
  t.ok(readFileSync(pulled.files[0]?.handle as string).equals(bytes))
  await owner.stopListening()
  await owner.publish('output', { 'output.csv': bytes })
  t.equal(await codeOf(consumer.pull(agreement.id)), 'OWNER_UNREACHABLE')
  owner.member.endpoint = null
  world.time.now += 2_000
  world.authority.sign()
  world.tellAll()
  t.equal(await codeOf(consumer.pull(agreement.id)), 'OWNER_UNREACHABLE', 'no address at all')
})

t.test("a consumer keeps to the owner's line of keys", async (t) => {
  await using world = await createExchangeWorld()
  const { authority, owner, consumer } = world
  const { entry } = await owner.publish('output', { 'output.csv': randomBytes(MIB) })
  const agreement = makeAgreement(world, entry)
  owner.learn(agreement)
  consumer.learn(agreement)
  const news = () => {
    world.time.now += 2_000
    authority.sign()
    world.tellAll()
  }
  await authority.renew(owner.member)
  news()
  await owner.publish('output', { 'output.csv': randomBytes(MIB) })
  await owner.stopListening()
  await owner.listen()
  t.equal((await consumer.pull(agreement.id)).version, 2, 'new keys, asked for with the old ones')
  await authority.issueForeignPair(owner.member)
  news()
  await owner.publish('output', { 'output.csv': randomBytes(MIB) })
  t.equal(
    await codeOf(consumer.pull(agreement.id)),
    'KEY_NOT_CONTINUED',
    'a manifest signed with a key the hub made up',
  )
  await owner.stopListening()
  await owner.listen()
  t.equal(await codeOf(consumer.pull(agreement.id)), 'CERTIFICATE_IDENTITY', 'and a listener with it is not spoken to')
})

t.test('several commands at once are one pull', async (t) => {
  await using world = await createExchangeWorld()
  const { owner, consumer } = world
  const { entry } = await owner.publish('output', { 'output.csv': randomBytes(9 * MIB) })
  const agreement = makeAgreement(world, entry, { terms: { pulls: 1 } })
  owner.learn(agreement)
  consumer.learn(agreement)
  const gone = new AbortController()
  const [one, two, three] = await Promise.all([
    consumer.pull(agreement.id),
    consumer.pull(agreement.payload.dataset),
    codeOf(consumer.pull(agreement.id, undefined, gone.signal, () => gone.abort())),
  ])
  t.equal(one?.pull, two?.pull)
  t.equal(three, 'nothing refused', 'one asker that goes away stops nobody')
  t.equal(one?.fetchedBytes, 9 * MIB)
})

t.test('where nodes may be, asked at each connecting', async (t) => {
  const policy = { networks: ['10.0.0.0/8', '2001:db8::/32'], loopback: false }
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::1']) requireAllowedAddress(address, policy)
  for (const address of [
    '127.0.0.1',
    '::1',
    '::ffff:127.0.0.1',
    '11.0.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '10.0.0.0.1',
    'localhost',
    '0x0a000001',
    '',
  ])
    t.throws(() => requireAllowedAddress(address, policy), { code: 'ENDPOINT_REFUSED' }, address)
  requireAllowedAddress('127.0.0.1', { networks: [], loopback: true })
  const found = Promise.withResolvers<Error | null>()
  lookupAllowed(() => policy)('localhost', {}, (error) => found.resolve(error))
  t.match(await found.promise, { code: 'ENDPOINT_REFUSED' }, 'a name that leads inwards')
})

t.test('a body that trickles, and a reader that stalls, are given up', async (t) => {
  const { promise: slow, resolve: onSlow } = Promise.withResolvers<Refusal>()
  const pace = watchPace(20, onSlow)
  const drip = setInterval(() => pace.count(10), 2)
  t.equal((await slow).code, 'OWNER_UNREACHABLE')
  clearInterval(drip)
  pace.end()
  const path = join(t.testdir({ 'a.csv': 'x'.repeat(600_000) }), 'a.csv')
  await using file = await open(path, 'r')
  const stalled = { destroyed: false, once() {}, off() {}, write() {} } as unknown as ServerResponse
  const pump = pumpFile(file, { from: 0, to: 599_999 }, stalled, {
    signal: new AbortController().signal,
    idleMilliseconds: 20,
    onSent() {},
  })
  // The pump's own timer holds no process open.
  const [code] = await Promise.all([codeOf(pump), wait(60)])
  t.equal(code, 'TRANSFER_CUT')
})

t.test('what was handed to the network is counted, also when nobody hears of its end', async (t) => {
  const path = join(t.testdir({ 'a.csv': 'x'.repeat(600_000) }), 'a.csv')
  await using file = await open(path, 'r')
  let [written, counted] = [0, 0]
  const cut = new AbortController()
  const unheard = {
    destroyed: false,
    once() {},
    off() {},
    write(bytes: Buffer) {
      written += bytes.length
      setImmediate(() => cut.abort(new Refusal('PULL_CLOSED')))
    },
  } as unknown as ServerResponse
  const pump = pumpFile(file, { from: 0, to: 199_999 }, unheard, {
    signal: cut.signal,
    idleMilliseconds: 1_000,
    onSent(bytes) {
      counted += bytes
    },
  })
  t.equal(await codeOf(pump), 'PULL_CLOSED')
  t.same([written, counted], [200_000, 200_000])
})

t.test('a grant is held for every running agreement and renewed at half its life', async (t) => {
  await using world = await createExchangeWorld()
  const { owner, consumer, time, authority } = world
  const { entry } = await owner.publish('output', { 'output.csv': randomBytes(10) })
  const agreement = makeAgreement(world, entry)
  const { hubSide, exchange } = consumer
  const after = async (seconds: number, granted: number, why: string) => {
    time.now += seconds * 1_000
    authority.sign()
    world.tellAll()
    await exchange.runChores()
    t.equal(hubSide.granted, granted, why)
  }
  consumer.learn(agreement, { state: 'VERIFIED' })
  await after(10, 0, 'none before it is final')
  consumer.learn(agreement)
  await after(10, 1, 'one at once')
  await after(11 * 3_600, 1, 'which is enough for half a day')
  await after(2 * 3_600, 2, 'then the next')
  await authority.renew(consumer.member)
  await after(10, 3, 'and one for a renewed certificate')
  consumer.learn(agreement, { state: 'TERMINATED' })
  await after(20 * 3_600, 3, 'none for one that has ended')
})

t.test(
  'a node that came late learns the certificates behind a line of keys, and only those that are proved',
  async (t) => {
    await using world = await createExchangeWorld()
    const { authority, owner, consumer } = world
    const { deps } = consumer
    const [first, second, third] = [
      owner.member.pairs[0],
      await authority.renew(owner.member),
      await authority.renew(owner.member),
    ]
    const registered = authority.findCertificate(third.signing.certificate.thumbprint)
    const certificates = createCertificates(consumer.db)
    const trust = { ...deps.trust, findMember: () => ({ certificates: [registered] }) } as unknown as typeof deps.trust
    const learn = (get: (path: string) => Promise<unknown>) =>
      createLearnLine({ trust, hub: { get }, commit: deps.commit, certificates, now: deps.clock.now })(owner.member.id)

    await t.rejects(
      learn(async () => {
        throw new Refusal('HUB_UNREACHABLE')
      }),
      { code: 'HUB_UNREACHABLE' },
    )
    const swapped = {
      ...authority.stepOf(third.request),
      previous: toBase64url(consumer.member.pairs[0]?.signing.certificate.der as Buffer),
    }
    await learn(async () => swapped)
    t.equal(
      certificates.find(second.signing.certificate.thumbprint),
      undefined,
      'a step that does not hold teaches nothing',
    )
    await learn(async (path) => authority.stepOf(path.slice('/v1/certificates/'.length)))
    for (const pair of [first, second])
      t.match(certificates.find(pair?.signing.certificate.thumbprint as string), {
        member: owner.member.id,
        use: 'signing',
        request: pair?.request,
      })
  },
)
