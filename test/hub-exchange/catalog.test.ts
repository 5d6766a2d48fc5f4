/** Catalog, grants and receipts through the hub's routes: every path, and every refusal by its code (Protocol 4, 6.1, 6.9). */
import t from 'tap'
import { endOfBeijingDay, fromRfc3339, toRfc3339 } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import { createPulls } from '../../hub/store/pulls.ts'
import type { Made } from './made-documents.ts'
import { DAY, startScene } from './scene.ts'
import type { Party, startWorld } from './world.ts'

type Meta = Partial<CatalogEntry['meta']>

t.test('catalog entries', async (test) => {
  const { world, one, two, make, refused, publish, publishNew } = await startScene(test)
  const steel = await publishNew(one, 'steel')
  test.same(
    (await publish(one, steel)).body,
    { dataset: `${one.id}/steel`, sequence: 1, state: 'published' },
    'the same again is the same answer',
  )
  const entryOf = (more: Partial<CatalogEntry>, meta: Meta = {}) =>
    make.signEntry(make.entryPayload(one, 'steel', more, meta), one.signer())

  refused(
    await publish(two, make.signEntry(make.entryPayload(one, 'copper'), two.signer())),
    'NAMESPACE_FOREIGN',
    "another's namespace",
  )
  refused(await publish(two, steel), 'MEMBER_MISMATCH', 'handed in by another')
  refused(await publish(one, entryOf({ sequence: 3 })), 'SEQUENCE_NOT_NEXT')
  refused(
    await publish(one, entryOf({ sequence: 2, manifest: sha256('other') })),
    'VERSION_NOT_NEXT',
    'one version, two manifests',
  )
  refused(await publish(one, entryOf({ sequence: 2 }, { sharing: 'none' })), 'TERMS_NOT_RAISED')
  refused(await publish(one, entryOf({ sequence: 2 }, { audience: ['association'] })), 'TERMS_NOT_RAISED')
  const { jti } = parseDocument('catalog-entry', steel.text).payload
  refused(await publish(one, entryOf({ sequence: 2, jti })), 'REPLAYED')
  refused(
    await publish(one, entryOf({ sequence: 2 }, { price: { amount: '10', currency: 'CNY', unit: '次' } })),
    'PRICE_PHASE',
  )
  refused(await publish(one, entryOf({ sequence: 2, net: sha256('net') })), 'NETWORK_MISMATCH')
  refused(await publish(one, entryOf({ sequence: 2, iat: world.now() + 300 })), 'CLOCK_SKEW')
  const hidden = [{ path: '.bashrc', mediaType: 'text/csv', bytes: 100 }]
  refused(await publish(one, entryOf({ sequence: 2, files: hidden })), 'FILE_NAME_INVALID')
  refused(await publish(one, entryOf({ sequence: 2, owners: [one.id, two.id] })), 'OWNERS_UNEXPECTED')
  refused(
    await publish(one, make.signEntry(make.entryPayload(one, 'platform', {}, { ownership: 'PLATFORM' }), one.signer())),
    'PLATFORM_RESERVED',
  )
  refused(
    await publish(
      one,
      make.signEntry(
        make.entryPayload(
          one,
          'large',
          { sample: { columns: ['a'], rows: Array.from({ length: 40 }, () => ['x'.repeat(2000)]) } },
          { sample: { rows: 40 } },
        ),
        one.signer(),
      ),
    ),
    'BODY_TOO_LARGE',
  )
  refused(await one.post('/v1/catalog-entries', {}), 'BODY_INVALID')
  refused(
    await publish(one, { id: '', text: steel.text.replace('"signature":"', '"signature":"AAAA') }),
    'SIGNATURE_INVALID',
  )

  const second = entryOf({ sequence: 2, version: 2, manifest: sha256('steel2') })
  test.equal((await publish(one, second)).body.state, 'published')
  refused(await publish(one, entryOf({ sequence: 3, version: 1 })), 'VERSION_NOT_NEXT')
  test.equal(
    (
      await publish(
        one,
        entryOf({ sequence: 3, version: 2, terms: 2, manifest: sha256('steel2') }, { sharing: 'unconditional' }),
      )
    ).body.state,
    'published',
  )
  test.match((await two.get(`/v1/catalog-entries/${second.id}`)).body, { entry: second.text, state: 'superseded' })
  refused(await two.get('/v1/catalog-entries/nothing'), 'NOT_FOUND')
  refused(await two.get(`/v1/catalog-entries?dataset=${encodeURIComponent(`${one.id}/nothing`)}`), 'DATASET_UNKNOWN')
  refused(await two.get('/v1/catalog-entries'), 'QUERY_INVALID')
})

t.test('tombstones', async (test) => {
  const { world, one, two, make, refused, publish, publishNew, ask, send } = await startScene(test)
  const steel = await publishNew(one, 'steel')
  const dataset = `${one.id}/steel`
  const bury = (by: Party, sequence: number) =>
    by.post('/v1/catalog-entries', {
      tombstone: make.compact('tombstone', by, { dataset, member: by.id, sequence, reason: '停止' }).text,
    })
  refused(await bury(two, 2), 'NAMESPACE_FOREIGN')
  refused(await bury(one, 3), 'SEQUENCE_NOT_NEXT')
  test.same((await bury(one, 2)).body, { dataset, sequence: 2, state: 'withdrawn' })
  refused(await bury(one, 3), 'DATASET_WITHDRAWN')
  refused(await two.get(`/v1/catalog-entries?dataset=${encodeURIComponent(dataset)}`), 'DATASET_WITHDRAWN')
  refused(await send(two, ask(two, steel)), 'DATASET_WITHDRAWN')
  refused(await world.open(`/api/v1/datasets/${dataset}`), 'DATASET_WITHDRAWN')
  refused(
    await publish(one, make.signEntry(make.entryPayload(one, 'steel', { sequence: 3 }), one.signer())),
    'TERMS_NOT_RAISED',
    'an offer that comes back is a new one',
  )
  test.equal(
    (await publish(one, make.signEntry(make.entryPayload(one, 'steel', { sequence: 3, terms: 2 }), one.signer()))).body
      .state,
    'published',
  )
  test.match((await world.act('catalog')) as unknown, [{ id: dataset, state: 'published', version: 1, sequence: 3 }])
})

t.test('an entry of several owners', async (test) => {
  const { world, one, two, three, ministry, make, refused, publish, ask, send } = await startScene(test)
  const joint = (sequence: number, more: Partial<CatalogEntry> = {}, signer = one.signer()) =>
    make.signEntry(
      make.entryPayload(
        one,
        'joint',
        { sequence, owners: [one.id, two.id], ...more },
        { ownership: 'JOINT', owners: [one.id, two.id] },
      ),
      signer,
    )
  const dataset = `${one.id}/joint`
  refused(
    await publish(
      one,
      make.signEntry(
        make.entryPayload(one, 'joint', { owners: [one.id] }, { ownership: 'JOINT', owners: [one.id, two.id] }),
        one.signer(),
      ),
    ),
    'OWNERS_UNEXPECTED',
  )
  refused(await publish(two, joint(1, {}, two.signer())), 'NAMESPACE_FOREIGN', 'the publisher signs first')
  const first = joint(1)
  test.equal((await publish(one, first)).body.state, 'waiting', 'one signature does not publish')
  refused(await send(ministry, ask(ministry, first)), 'DATASET_UNKNOWN', 'nor is it an offer')
  refused(await ministry.get(`/v1/catalog-entries/${first.id}`), 'NOT_FOUND', 'nor does anybody else see it')
  test.same(world.part().audienceOf(newest(world)), [one.id, two.id])
  test.match((await two.get('/v1/catalog-entries?waiting=true')).body.items, [{ entry: first.text, state: 'waiting' }])
  const strange = make.cosign('catalog-entry', first.text, three, 'owner')
  refused(await publish(three, { id: '', text: strange }), 'COSIGNATURE_FOREIGN')
  refused(
    await publish(two, { id: '', text: make.cosign('catalog-entry', first.text, two, 'consumer') }),
    'SIGNER_FORBIDDEN',
  )
  const both = make.cosign('catalog-entry', first.text, two, 'owner')
  world.time.now += 31 * DAY * 1000
  for (const party of [one, two, three, ministry]) await world.authority.renew(party.member)
  world.publishTrust()
  const late = make.cosign('catalog-entry', first.text, two, 'owner')
  refused(
    await publish(two, { id: '', text: both }),
    'CERTIFICATE_EXPIRED',
    'a new signature needs a certificate good now',
  )
  test.equal(
    (await publish(two, { id: '', text: late })).body.state,
    'published',
    'one that is held outlives its certificate',
  )
  test.equal((await publish(two, { id: '', text: late })).body.state, 'published', 'and again')
  test.same(world.part().audienceOf(newest(world)), 'everyone')
  await world.part().tick()
  for (const owner of [one, two]) {
    const { items, facets } = (await ministry.get(`/v1/catalog-entries/search?member=${owner.id}`)).body
    test.match(items, [{ dataset, member: one.id }], 'found with each of its owners')
    test.match(
      facets.member.find(({ value }: { value: string }) => value === two.id),
      { count: 1, label: `名称${two.id}` },
      'who publishes nothing alone has a name too',
    )
    const shown = (await world.see(`/members/${owner.id}`)).body
    test.equal(shown.includes('共同所有'), owner === two, 'told where another publishes it')
  }

  refused(
    await publish(one, make.signEntry(make.entryPayload(one, 'joint', { sequence: 2, terms: 2 }), one.signer())),
    'SIGNATURES_INCOMPLETE',
    'an owner is not left out',
  )
  const second = joint(2, { version: 2, manifest: sha256('joint2') })
  test.equal((await publish(one, second)).body.state, 'waiting')
  test.match((await ministry.get(`/v1/catalog-entries?dataset=${encodeURIComponent(dataset)}`)).body, {
    entry: /./,
    state: 'published',
  })
  test.match((await two.get(`/v1/catalog-entries?dataset=${encodeURIComponent(dataset)}`)).body, {
    entry: second.text,
    state: 'waiting',
  })
  const third = joint(3, { version: 2, manifest: sha256('joint2b') })
  refused(await publish(one, third), 'VERSION_NOT_NEXT', 'also while it waits a version is one manifest')
  const fourth = joint(3, { version: 3, manifest: sha256('joint3') })
  test.equal((await publish(one, fourth)).body.state, 'waiting')
  refused(await ministry.get(`/v1/catalog-entries/${second.id}`), 'NOT_FOUND', 'what was given up was never public')
  test.match((await two.get(`/v1/catalog-entries/${second.id}`)).body, { state: 'withdrawn' })
  refused(
    await publish(two, { id: '', text: make.cosign('catalog-entry', second.text, two, 'owner') }),
    'SEQUENCE_NOT_NEXT',
    'given up',
  )
  refused(await send(ministry, ask(ministry, second)), 'DATASET_UNKNOWN', 'what never counted is no offer')
  const stop = make.compact('tombstone', two, { dataset, member: two.id, sequence: 4, reason: '不再共享' })
  test.equal(
    (await two.post('/v1/catalog-entries', { tombstone: stop.text })).body.state,
    'withdrawn',
    'one owner can stop it',
  )
})

t.test('grants', async (test) => {
  const { world, one, two, ministry, make, refused, publish, publishNew, takeOffer, agree, approve, grant } =
    await startScene(test)
  const entry = await publishNew(one, 'open', { sharing: 'unconditional' })
  const { made } = await takeOffer(ministry, entry)
  const asked = grant(ministry, made.id)
  const answer = await asked.send()
  test.equal(answer.status, 201)
  const { payload } = world.trust.verifyHub('grant', answer.body.grant)
  test.match(payload, {
    aud: one.id,
    sub: ministry.id,
    agreement: made.id,
    dataset: `${one.id}/open`,
    exp: world.now() + DAY,
  })
  test.equal(Buffer.from(payload.cnf['x5t#S256'], 'base64url').toString('hex'), ministry.tls())
  world.time.now += 121_000
  test.same((await asked.send()).body, answer.body, 'a retry, however late, gets the same grant')
  refused(await grant(ministry, made.id, { iat: world.now() - 121 }).send(), 'STALE_REQUEST')
  test.equal((await grant(ministry, made.id, { iat: world.now() - 119 }).send()).status, 201)
  const { jti } = parseDocument('grant-request', asked.text).payload
  refused(await grant(ministry, made.id, { jti, iat: world.now() - 5 }).send(), 'REPLAYED')
  refused(await grant(two, made.id).send(), 'AGREEMENT_UNKNOWN', "somebody else's agreement")
  refused(await grant(one, made.id).send(), 'GRANT_SUBJECT', "the owner's side gives no right to pull")
  refused(await grant(ministry, made.id, { holder: two.tls() }).send(), 'GRANT_HOLDER_MISMATCH')
  refused(await two.post('/v1/grants', { request: grant(ministry, made.id).text }), 'MEMBER_MISMATCH')

  const closed = await publishNew(one, 'closed')
  const waiting = await agree(one, ministry, closed)
  refused(await grant(ministry, waiting.id).send(), 'AGREEMENT_NOT_FINAL')
  await approve(waiting.id)
  world.time.now += 29.5 * DAY * 1000
  await world.authority.renew(one.member)
  world.publishTrust()
  const end = Math.floor((ministry.member.pairs[0]?.tls.certificate.notAfter.getTime() as number) / 1000)
  test.equal(
    parseDocument('grant', (await grant(ministry, waiting.id).send()).body.grant).payload.exp,
    end,
    "never past the certificate's end",
  )
  await world.authority.renew(ministry.member)
  world.publishTrust()
  one.member.standing = 'suspended'
  world.publishTrust()
  refused(await grant(ministry, waiting.id).send(), 'MEMBER_SUSPENDED')
  one.member.standing = 'good'
  world.publishTrust()
  await publish(
    one,
    make.signEntry(
      make.entryPayload(
        one,
        'open',
        { sequence: 2, terms: 2 },
        { sharing: 'unconditional', audience: ['association'] },
      ),
      one.signer(),
    ),
  )
  refused(await grant(ministry, made.id).send(), 'OFFER_CHANGED')
  test.equal((await grant(ministry, waiting.id).send()).status, 201)
  const today = new Date(world.time.now + 8 * 3_600_000).toISOString().slice(0, 10)
  const permit = {
    authority: '国家统计局',
    number: '国统制〔2026〕1号',
    form: 'A01',
    until: today,
  }
  const survey = await publishNew(one, 'survey', { contentClass: 3, permit, sharing: 'unconditional' })
  const third = await takeOffer(ministry, survey)
  const bounded = parseDocument('grant', (await grant(ministry, third.made.id).send()).body.grant).payload
  test.equal(bounded.exp, fromRfc3339(endOfBeijingDay(today)), 'never past the permit')
  await one.post('/v1/catalog-entries', {
    tombstone: make.compact('tombstone', one, {
      dataset: `${one.id}/closed`,
      member: one.id,
      sequence: 2,
      reason: '停止',
    }).text,
  })
  refused(await grant(ministry, waiting.id).send(), 'DATASET_WITHDRAWN')
})

t.test('receipts', async (test) => {
  const { world, one, two, ministry, make, publishNew, takeOffer } = await startScene(test)
  const entry = await publishNew(one, 'open', { sharing: 'unconditional' })
  const { made } = await takeOffer(ministry, entry)
  const manifest = sha256('open1')
  const dataset = `${one.id}/open`
  const order = (by: Party = ministry, more: object = {}) =>
    make.compact('pull-order', by, {
      agreement: made.id,
      grant: 'A'.repeat(22),
      consumer: ministry.id,
      owner: one.id,
      dataset,
      version: 1,
      manifest,
      purpose: '行业运行监测',
      ...more,
    })
  const delivery = (pull: string, more: object = {}, by: Party = one) =>
    make.compact('delivery', by, {
      order: pull,
      agreement: made.id,
      dataset,
      version: 1,
      manifest,
      bytes: 100,
      outcome: 'delivered',
      opened: toRfc3339(world.now()),
      closed: toRfc3339(world.now()),
      ...more,
    })
  const acknowledgement = (pull: string, of: string | null, by: Party = ministry, more: object = {}) =>
    make.compact('acknowledgement', by, {
      order: pull,
      delivery: of,
      agreement: made.id,
      manifest,
      bytes: 100,
      outcome: 'verified',
      ...more,
    })
  const file = async (by: Party, ...documents: [kind: string, made: Made][]) =>
    (await by.post('/v1/receipts', { documents: documents.map(([kind, { text }]) => ({ kind, document: text })) })).body

  const [ordered, left] = [order(), delivery(order().id)]
  const right = delivery(ordered.id)
  const got = acknowledgement(ordered.id, right.id)
  test.same(
    await file(ministry, ['pull-order', ordered], ['acknowledgement', got]),
    { stored: [ordered.id, got.id], refused: [] },
    'also before the delivery',
  )
  test.same(await file(one, ['delivery', right]), { stored: [right.id], refused: [] })
  test.same(
    await file(ministry, ['delivery', right], ['acknowledgement', got]),
    { stored: [right.id, got.id], refused: [] },
    'both sides file what they have',
  )
  const code = async (by: Party, kind: string, one_: Made) => (await file(by, [kind, one_])).refused[0]?.code
  test.equal(await code(two, 'delivery', left), 'AGREEMENT_UNKNOWN')
  test.equal(
    await code(one, 'delivery', delivery(left.id, {}, ministry)),
    'SIGNER_FORBIDDEN',
    'the consumer cannot speak for the owner',
  )
  test.equal(await code(one, 'acknowledgement', acknowledgement(left.id, null, one)), 'SIGNER_FORBIDDEN')
  test.equal(
    await code(one, 'delivery', delivery(ordered.id, { bytes: 200 })),
    'PULL_CLOSED',
    'a second word on one pull',
  )
  test.equal(await code(ministry, 'acknowledgement', acknowledgement(ordered.id, sha256('d'))), 'TERMS_MISMATCH')
  test.equal(await code(ministry, 'acknowledgement', acknowledgement(ordered.id, null)), 'PULL_CLOSED')
  test.equal(await code(one, 'delivery', delivery(sha256('p'), { dataset: `${one.id}/other` })), 'TERMS_MISMATCH')
  test.equal(await code(one, 'delivery', delivery(sha256('p'), { iat: world.now() + 500 })), 'CLOCK_SKEW')
  test.equal(
    await code(one, 'delivery', delivery(sha256('p'), { iat: world.now() - 40 * DAY })),
    'CERTIFICATE_NOT_YET_VALID',
  )
  const { jti } = parseDocument('delivery', right.text).payload
  test.equal(await code(one, 'delivery', delivery(sha256('p'), { jti })), 'REPLAYED')
  test.same(
    (
      await file(
        one,
        ['delivery', delivery(sha256('q'), { dataset: `${one.id}/other` })],
        ['delivery', delivery(sha256('q'), { bytes: 7 })],
      )
    ).stored.length,
    1,
    'a bad one does not keep the others out',
  )
  const alone = acknowledgement(sha256('r'), null)
  test.same((await file(ministry, ['acknowledgement', alone])).stored, [alone.id], 'where no delivery came')
  const later = delivery(sha256('r'))
  test.same((await file(one, ['delivery', later])).stored, [later.id])
  const better = acknowledgement(sha256('r'), later.id)
  test.same(
    (await file(ministry, ['acknowledgement', better])).stored,
    [better.id],
    'it gives way to one of the delivery',
  )

  const past = delivery(sha256('late'))
  world.time.now += 31 * DAY * 1000
  for (const party of [one, two, ministry]) await world.authority.renew(party.member)
  world.publishTrust()
  test.same(
    (await file(one, ['delivery', past])).stored,
    [past.id],
    'signed while its certificate was good, filed when it had ended',
  )
  const signing = one.member.pairs[0]?.signing.certificate.thumbprint as string
  world.revoked.set(signing, { since: world.now() - 40 * DAY, compromised: false })
  const stale = sha256('stale')
  const oldSigner = { ...one, signer: () => ({ key: one.member.pairs[0]?.signing.key as never, thumbprint: signing }) }
  test.equal(await code(one, 'delivery', delivery(stale, {}, oldSigner)), 'CERTIFICATE_EXPIRED')
  const dated = () => delivery(stale, { iat: world.now() - 20 * DAY }, oldSigner)
  test.equal(await code(one, 'delivery', dated()), 'CERTIFICATE_REVOKED')
  world.revoked.set(signing, { since: world.now(), compromised: true })
  test.equal(await code(one, 'delivery', dated()), 'TIME_UNPROVEN')

  const mine = (await ministry.get('/v1/receipts')).body
  test.match(mine.items[0], {
    pull: ordered.id,
    agreement: made.id,
    dataset,
    version: 1,
    role: 'consumer',
    order: ordered.text,
    delivery: right.text,
    acknowledgement: got.text,
  })
  const page = (await one.get('/v1/receipts?limit=2')).body
  test.equal(page.items.length, 2)
  test.equal((await one.get(`/v1/receipts?since=${page.next}`)).body.items.length, mine.items.length - 2)
  test.same((await two.get('/v1/receipts')).body, { items: [], next: null })

  const { totals, datasets, members } = (await world.open('/api/v1/statistics')).body
  test.match(
    [totals, datasets, members],
    [
      { members: 4, datasets: 1, pulls: 1, bytes: 100 },
      [{ dataset, pulls: 1, bytes: 100 }],
      [{ member: one.id, datasets: 1, pulls: 1 }],
    ],
  )
  test.notMatch(JSON.stringify({ totals, datasets, members }), ministry.id, 'never a counterparty')
  await soon()
  test.match((await world.open('/api/v1/datasets?sort=used')).body.items, [{ dataset, used: 1 }])
})

t.test('public figures count what both sides say', async (test) => {
  const { world, one, ministry, make, publish, publishNew, takeOffer } = await startScene(test)
  const entry = await publishNew(one, 'open', { sharing: 'unconditional' })
  const { made } = await takeOffer(ministry, entry)
  const most = Number.MAX_SAFE_INTEGER
  const pullOf = (name: string, version = 1, bytes = 40, manifest = sha256(`open${version}`)) => {
    const of = { agreement: made.id, manifest }
    const content = { ...of, dataset: `${one.id}/open`, version }
    const order = make.compact('pull-order', ministry, {
      ...content,
      grant: 'A'.repeat(22),
      consumer: ministry.id,
      owner: one.id,
      purpose: name,
    })
    const stamp = toRfc3339(world.now())
    const left = { ...content, order: order.id, bytes, outcome: 'delivered', opened: stamp, closed: stamp } as const
    const delivery = make.compact('delivery', one, left)
    const got = { ...of, order: order.id, delivery: delivery.id, bytes, outcome: 'verified' } as const
    const acknowledgement = make.compact('acknowledgement', ministry, got)
    return { order, left, delivery, got, acknowledgement }
  }
  const file = async (by: Party, ...documents: [kind: string, made: Made][]) =>
    (await by.post('/v1/receipts', { documents: documents.map(([kind, { text }]) => ({ kind, document: text })) })).body
  const figures = async () => {
    await soon()
    const [{ used }] = (await world.open('/api/v1/datasets')).body.items
    const { totals } = (await world.open('/api/v1/statistics')).body
    test.equal(used, totals.pulls, 'the index and the statistics agree')
    return [totals.pulls, totals.bytes]
  }

  for (let n = 0; n < 20; n++) {
    const { got } = pullOf(`consumer ${n}`, 1, most)
    await file(ministry, ['acknowledgement', make.compact('acknowledgement', ministry, { ...got, delivery: null })])
    await file(one, ['delivery', pullOf(`owner ${n}`).delivery])
  }
  test.same(await figures(), [0, 0], 'neither side alone')
  test.equal((await one.get('/v1/receipts')).body.items.length, 40, 'the parties see what is filed all the same')
  const [pull] = createPulls(world.db).ofMember(one.id, 0, 1)
  test.equal(createPulls(world.db).useOfRequest(pull?.request as string).pulls, 40, 'and so do operators')

  const orders = ['order', 'delivery', 'acknowledgement'] as const
  const kinds = { order: 'pull-order', delivery: 'delivery', acknowledgement: 'acknowledgement' } as const
  for (const [n, [a, b, c]] of (
    [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ] as const
  ).entries()) {
    const pull = pullOf(`sequence ${n}`)
    for (const at of [a, b, c]) await file(ministry, [kinds[orders[at]], pull[orders[at]]])
    test.same(await figures(), [n + 1, 40 * (n + 1)], [a, b, c].map((at) => orders[at]).join(', '))
  }

  const large = pullOf('large', 1, most)
  await file(ministry, ['pull-order', large.order], ['delivery', large.delivery])
  test.same(await figures(), [7, 240], 'no bytes before the consumer has answered')
  await file(ministry, ['acknowledgement', large.acknowledgement])
  test.same(await figures(), [7, 340], 'a whole version at most')

  const other = pullOf('other')
  await file(ministry, ['pull-order', other.order])
  const lie = make.compact('delivery', one, { ...other.left, manifest: sha256('lie') })
  test.match(await file(one, ['delivery', lie]), { refused: [{ code: 'TERMS_MISMATCH' }] }, 'no answer to the order')
  const early = pullOf('early')
  await file(one, ['delivery', make.compact('delivery', one, { ...early.left, version: 999 })])
  test.same((await file(ministry, ['pull-order', early.order])).stored, [early.order.id])
  test.same(await figures(), [7, 340])

  const fast = pullOf('fast', 2, 5_000)
  await file(
    ministry,
    ['pull-order', fast.order],
    ['delivery', fast.delivery],
    ['acknowledgement', fast.acknowledgement],
  )
  test.same(await figures(), [8, 340], 'of a version that the catalogue has not heard of, only the pull')
  const next = { sequence: 2, version: 2, manifest: sha256('open2'), bytes: most }
  const sharing = { sharing: 'unconditional' } as const
  await publish(one, make.signEntry(make.entryPayload(one, 'open', next, sharing), one.signer()))
  test.same(await figures(), [8, 5_340], 'caught up when the version comes')

  for (let n = 0; n < 1_100; n += 30) {
    const papers = Array.from({ length: 30 }, (_, at) => pullOf(`${n + at}`, 2, most)).flatMap((pull) =>
      orders.map((kind): [string, Made] => [kinds[kind], pull[kind]]),
    )
    await file(ministry, ...papers)
  }
  const [pulls, bytes] = await figures()
  test.equal(pulls, 8 + 1_110)
  test.ok(Number(bytes) > 2 ** 63, 'two together can boast, but nothing fails over it')
  for (const path of ['/', '/statistics', `/members/${one.id}`, `/datasets/${one.id}/open`])
    test.equal((await world.see(path)).status, 200, path)
})

t.test('what others sign is read strictly: calendar and letters', async (test) => {
  const { world, one, make, refused, publishNew } = await startScene(test)
  const { text } = await publishNew(one, 'steel')
  const { payload } = parseDocument('catalog-entry', text)
  const next = (more: Partial<CatalogEntry>, meta: Meta = {}) => ({
    ...payload,
    jti: newJti(),
    sequence: 2,
    ...more,
    meta: { ...payload.meta, ...meta },
  })
  const post = (entry: object) => one.post('/v1/catalog-entries', { entry: make.forgeEntry(entry, one.signer()) })
  for (const time of ['2026-99-99T99:99:99Z', '2026-02-30T00:00:00Z', '0000-00-00T00:00:00Z', '2026-01-01T24:00:00Z']) {
    refused(await post(next({ modified: time })), 'DOCUMENT_INVALID', `modified ${time}`)
    refused(await post(next({ issued: time })), 'DOCUMENT_INVALID', `issued ${time}`)
  }
  for (const day of ['2026-02-30', '2026-13-01', '0000-00-00', '2026-Q5', '2026-W60']) {
    refused(await post(next({}, { period: { from: day, to: '2027' } })), 'DOCUMENT_INVALID', `from ${day}`)
    const permit = { authority: '国家统计局', number: '1', form: '1', until: day }
    refused(await post(next({}, { permit })), 'DOCUMENT_INVALID', `permit until ${day}`)
  }
  const field = { name: '月份', type: 'string' }
  for (const bad of ['x\u001b[31m', 'a\u202eb', 'a\u200bb', 'a\u009b2J', 'e\u0301']) {
    const name = JSON.stringify(bad)
    refused(await post(next({ fields: [{ ...field, name: bad }] })), 'TEXT_INVALID', `name ${name}`)
    refused(await post(next({ fields: [{ ...field, title: bad }] })), 'TEXT_INVALID', `title ${name}`)
    refused(await post(next({ fields: [{ ...field, description: bad }] })), 'TEXT_INVALID', `description ${name}`)
    refused(await post(next({ sample: { columns: [bad], rows: [] } })), 'TEXT_INVALID', `column ${name}`)
    refused(await post(next({ sample: { columns: ['a'], rows: [[bad]] } })), 'TEXT_INVALID', `cell ${name}`)
    const files = [{ path: 'data.csv', mediaType: bad, bytes: 100 }]
    refused(await post(next({ files })), 'DOCUMENT_INVALID', `media type ${name}`)
    const reason = { dataset: payload.dataset, member: one.id, sequence: 2, reason: bad }
    test.throws(() => make.compact('tombstone', one, reason), { code: 'TEXT_INVALID' }, 'nor does anybody sign it')
  }

  // Taken by software that was less strict.
  const held = make.forgeEntry({ ...payload, modified: '2026-99-99T99:99:99Z' }, one.signer())
  await publishNew(one, 'good')
  world.db.prepare('UPDATE documents SET text = ? WHERE text = ?').run(held, text)
  await world.restart(true)
  await soon()
  test.equal((await world.open('/api/v1/datasets')).body.total, 1, 'what no reader takes keeps nothing else out')
  for (const path of ['/', '/datasets', '/statistics']) test.equal((await world.see(path)).status, 200, path)
})

t.test('search, the open catalog and the index that follows', async (test) => {
  const { world, one, two, ministry, make, refused, publishNew } = await startScene(test)
  await publishNew(one, 'steel', { title: { zh: '钢铁产量' } })
  await publishNew(one, 'copper', { title: { zh: '铜产量' }, sharing: 'unconditional' })
  const cotton = await publishNew(two, 'cotton', { title: { zh: '棉花价格' } })
  await soon()
  const found = async (query: string) => (await ministry.get(`/v1/catalog-entries/search?${query}`)).body
  test.same(
    (await found(`words=${encodeURIComponent('钢铁')}`)).items.map((item: { dataset: string }) => item.dataset),
    [`${one.id}/steel`],
  )
  test.same((await found('sharing=unconditional&sharing=none')).total, 1)
  const page = await found('limit=2&sort=newest')
  test.match(page, { total: 3, items: { length: 2 } })
  test.match(await found(`limit=2&sort=newest&cursor=${page.next}`), { items: { length: 1 }, next: null })
  refused(await ministry.get('/v1/catalog-entries/search?cursor=AAAAAAAAAAAA'), 'CURSOR_INVALID')
  refused(await ministry.get('/v1/catalog-entries/search?colour=red'), 'QUERY_INVALID')
  refused(await ministry.get('/v1/catalog-entries/search?limit=1000'), 'QUERY_INVALID')

  const list = await world.open('/api/v1/datasets')
  test.equal(list.body.total, 3)
  test.match(list.headers, { 'cache-control': /^public/, etag: /^"/ })
  test.equal((await world.open('/api/v1/datasets', { 'if-none-match': String(list.headers['etag']) })).status, 304)
  test.match((await world.open(`/api/v1/datasets/${two.id}/cotton`)).body, {
    id: cotton.id,
    document: cotton.text,
    entry: { meta: { slug: 'cotton' } },
  })
  refused(await world.open('/api/v1/datasets/x/y'), 'DATASET_UNKNOWN')
  refused(await world.open('/nowhere'), 'NOT_FOUND')
  test.match((await world.open('/api/v1/members')).body.items, [
    { id: ministry.id, class: 'department', datasets: 0 },
    { id: one.id, datasets: 2 },
    { id: two.id, datasets: 1 },
    { datasets: 0 },
  ])
  const dcat = await world.open('/catalog')
  test.match(dcat.headers['content-type'], 'application/ld+json')
  test.match(dcat.body, { '@type': 'dcat:Catalog', 'dcat:dataset': { length: 3 } })
  test.equal(
    (await world.open(`/catalog?after=${encodeURIComponent(`${one.id}/steel`)}`)).body['dcat:dataset'].length,
    1,
  )
  const { paths } = (await world.open('/api/v1/openapi.json')).body
  for (const path of Object.keys(paths)) {
    const real = path.replace('{member}', two.id).replace('{slug}', 'cotton')
    test.equal((await world.open(real)).status, 200, `${path} is as described`)
  }

  await world.restart(true)
  test.equal((await world.open('/api/v1/datasets')).body.total, 3, 'a deleted index is filled again at the start')
  await two.post('/v1/catalog-entries', {
    tombstone: make.compact('tombstone', two, {
      dataset: `${two.id}/cotton`,
      member: two.id,
      sequence: 2,
      reason: '停止',
    }).text,
  })
  await soon()
  test.equal((await world.open('/api/v1/datasets')).body.total, 2)
  await world.restart()
  test.equal((await world.open('/api/v1/datasets')).body.total, 2)
})

t.test('events name documents to their parties alone', async (test) => {
  const { world, one, ministry, publishNew, takeOffer, grant } = await startScene(test)
  const entry = await publishNew(one, 'open', { sharing: 'unconditional' })
  test.equal(world.part().audienceOf(newest(world)), 'everyone')
  const { made } = await takeOffer(ministry, entry)
  const rows = world.journal.after(0, 100)
  test.same(
    rows.map(({ kind }) => kind),
    ['catalog-entry', 'request', 'agreement', 'decision', 'agreement'],
  )
  for (const row of rows.slice(1))
    test.same(new Set(world.part().audienceOf(row) as string[]), new Set([one.id, ministry.id]))
  await grant(ministry, made.id).send()
  test.equal(world.part().audienceOf(newest(world)), 'none')
  test.equal(world.part().audienceOf({ ...newest(world), kind: 'directory' }), undefined)
})

function newest({ journal }: Awaited<ReturnType<typeof startWorld>>) {
  return journal.after(journal.newest() - 1, 1)[0] as ReturnType<typeof journal.after>[number]
}

/** The index follows after the answer, in the next turn. */
function soon(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 20))
}
