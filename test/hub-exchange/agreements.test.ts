/** From wish to right through the hub's routes: every path, and every refusal by its code (Protocol 5). */
import t from 'tap'
import { toRfc3339 } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import { verifyAgreement } from '#schemas/verify-agreement.ts'
import type { Made } from './made-documents.ts'
import { DAY, startScene } from './scene.ts'
import { CODES, type Party } from './world.ts'

t.test('what may be asked', async (test) => {
  const { world, one, two, ministry, make, refused, publish, publishNew, ask, send } = await startScene(test)
  const steel = await publishNew(one, 'steel')
  const request = ask(ministry, steel)
  const first = await send(ministry, request)
  test.match(first, { status: 201, body: { request: request.id, path: 'conditional', state: 'REQUESTED' } })
  world.time.now += 200_000
  test.same((await send(ministry, request)).body, first.body, 'a retry is answered alike, before any look at a clock')
  const { jti } = parseDocument('request', request.text).payload
  refused(
    await send(
      ministry,
      make.compact('request', ministry, {
        consumer: ministry.id,
        dataset: `${one.id}/steel`,
        entry: steel.id,
        terms: make.terms(),
        jti,
      }),
    ),
    'REPLAYED',
  )
  refused(await send(two, request), 'MEMBER_MISMATCH', 'handed in by another')
  refused(
    await send(
      two,
      make.compact('request', two, {
        consumer: ministry.id,
        dataset: `${one.id}/steel`,
        entry: steel.id,
        terms: make.terms(),
      }),
    ),
    'MEMBER_MISMATCH',
    'for another',
  )
  refused(await send(one, ask(one, steel)), 'OWN_DATASET')
  refused(await send(ministry, ask(ministry, steel, make.terms({ until: toRfc3339(world.now() - 1) }))), 'PERIOD_OVER')
  refused(
    await send(ministry, ask(ministry, steel, make.terms({ until: toRfc3339(world.now() + 6 * 365 * DAY) }))),
    'PERIOD_OVER',
  )
  refused(await send(ministry, ask(ministry, steel, make.terms({ files: ['other.csv'] }))), 'SCOPE_EXCEEDED')
  const written = (terms: object) => ministry.post('/v1/requests', { request: unchecked(request, { terms }) })
  refused(await written({ ...make.terms(), fields: ['产量'] }), 'SCOPE_RESERVED')
  refused(await written({ ...make.terms(), rows: 'x' }), 'SCOPE_RESERVED')
  refused(await written({ ...make.terms(), purpose: ' ' }), 'PURPOSE_EMPTY')
  refused(await written({ ...make.terms(), purpose: '看\u202e看' }), 'TEXT_INVALID')
  refused(await written({ ...make.terms(), until: '2027-02-30T00:00:00Z' }), 'DOCUMENT_INVALID')
  refused(await written({ ...make.terms(), other: 1 }), 'DOCUMENT_INVALID')
  const kept = await publishNew(one, 'kept', { sharing: 'none' })
  refused(await send(ministry, ask(ministry, kept)), 'SHARING_NONE')
  const closed = await publishNew(one, 'closed', { audience: ['association'] })
  refused(await send(ministry, ask(ministry, closed)), 'AUDIENCE_EXCLUDED')
  const wrong = make.compact('request', ministry, {
    consumer: ministry.id,
    dataset: `${one.id}/steel`,
    entry: closed.id,
    terms: make.terms(),
  })
  refused(await send(ministry, wrong), 'DATASET_UNKNOWN', 'an entry of another dataset')
  await publish(
    one,
    make.signEntry(
      make.entryPayload(one, 'steel', { sequence: 2, terms: 2 }, { audience: ['department'] }),
      one.signer(),
    ),
  )
  refused(await send(ministry, ask(ministry, steel)), 'OFFER_CHANGED')
  refused(await ministry.get(`/v1/requests/${kept.id}`), 'REQUEST_UNKNOWN')
  refused(await two.get(`/v1/requests/${request.id}`), 'REQUEST_UNKNOWN', 'to others it does not exist')
  test.same((await two.get('/v1/requests')).body, { items: [], next: null })
  test.match((await one.get('/v1/requests')).body, {
    items: [{ id: request.id, state: 'REQUESTED', dataset: `${one.id}/steel`, documents: { request: request.text } }],
    next: null,
  })
})

t.test('an affiliate acts on a sponsor that stands', async (test) => {
  const { world, one, refused, publishNew, ask, send, takeOffer, grant } = await startScene(test)
  const steel = await publishNew(one, 'steel', { sharing: 'unconditional', audience: ['association', 'affiliate'] })
  const affiliate = await world.join(CODES.affiliate, 'affiliate')
  refused(await send(affiliate, ask(affiliate, steel)), 'SPONSOR_REQUIRED')
  const until = world.now() + 3_600
  world.setting.sponsors = [{ sponsorship: sha256('s'), sponsor: one.id, until: toRfc3339(until) }]
  world.publishTrust()
  const { made, answer } = await takeOffer(affiliate, steel)
  test.equal(answer.body.state, 'FINALIZED')
  const granted = await grant(affiliate, made.id).send()
  test.equal(parseDocument('grant', granted.body.grant).payload.exp, until, 'no grant outlasts the sponsorship')
  world.time.now += 3_600_000
  refused(await grant(affiliate, made.id).send(), 'SPONSOR_REQUIRED')
  refused(await send(affiliate, ask(affiliate, steel)), 'SPONSOR_REQUIRED')
})

t.test('an open offer is taken by a signature', async (test) => {
  const scene = await startScene(test)
  const { world, one, two, ministry, make, refused, publish, publishNew, ask } = scene
  const { send, sign, change, takeOffer, say, grant } = scene
  const entry = await publishNew(one, 'open', { sharing: 'unconditional' })
  const { request, made, answer } = await takeOffer(ministry, entry)
  test.match(answer, { status: 201, body: { id: made.id, state: 'FINALIZED' } })
  test.same((await sign(ministry, made.text)).body, answer.body, 'a retry hears the same')
  const keys = { ...world.authority.agreementKeys }
  const { hub } = verifyAgreement(answer.body.agreement, 'hub', keys, world.net)
  const item = (await ministry.get(`/v1/agreements/${made.id}`)).body
  test.equal(parseDocument('decision', item.documents.decision).id, hub?.decision)
  test.match(parseDocument('decision', item.documents.decision).payload, {
    outcome: 'approved',
    by: [{ via: { kind: 'rule' } }],
  })
  test.equal(world.statuses.get(hub?.status as number), 'good')
  test.same(world.part().queue.list(), [], 'nobody has to decide')

  const again = ask(ministry, entry)
  await send(ministry, again)
  const bad = (more: object) =>
    sign(
      ministry,
      make.several(
        'agreement',
        make.agreementPayload(
          { request: again, entry, terms: parseDocument('request', again.text).payload.terms },
          { sharing: 'unconditional', ...more },
        ),
        [[ministry.signer(), 'consumer']],
      ).text,
    )
  refused(await bad({ terms: make.terms({ purpose: '另外' }) }), 'TERMS_MISMATCH')
  refused(await bad({ offerTerms: 7 }), 'TERMS_MISMATCH')
  refused(await bad({ entry: sha256('e') }), 'TERMS_MISMATCH')
  refused(await bad({ owners: [one.id, two.id] }), 'TERMS_MISMATCH')
  refused(await bad({ sharing: 'conditional' }), 'SIGNATURES_INCOMPLETE')
  const offer = make.compact('offer', one, { request: again.id, previous: again.id, terms: make.terms(), reason: '' })
  refused(await say(one, again, 'offer', offer), 'TRANSITION_REFUSED', 'an open offer is not negotiated')
  await publish(
    one,
    make.signEntry(
      make.entryPayload(
        one,
        'open',
        { sequence: 2, version: 2, manifest: sha256('open2') },
        { sharing: 'unconditional' },
      ),
      one.signer(),
    ),
  )
  const second = await takeOffer(ministry, entry)
  test.equal(second.answer.body.state, 'FINALIZED', 'an earlier entry of the same terms still is the offer')

  const ended = change(one, made.id, 'terminate')
  test.equal((await ended.answer).body.state, 'TERMINATED')
  const sibling = (await ministry.get(`/v1/agreements/${second.made.id}`)).body
  test.match(sibling, { state: 'TERMINATED', cause: 'terminated' }, 'the owner serves nothing more by the offer')
  test.match(world.trust.verifyHub('agreement-change', sibling.documents.changes[0]).payload, {
    agreement: second.made.id,
    change: 'terminate',
  })
  refused(await grant(ministry, second.made.id).send(), 'AGREEMENT_TERMINATED')
  refused(await bad({}), 'SIGNATURES_INCOMPLETE', 'ended by the owner, an open request needs its word')
  const barred = await takeOffer(ministry, entry)
  refused(barred.answer, 'SIGNATURES_INCOMPLETE')
  test.match((await ministry.get(`/v1/requests/${barred.request.id}`)).body, {
    path: 'conditional',
    state: 'REQUESTED',
  })
  const terms = parseDocument('request', barred.request.text).payload.terms
  const owned = make.several('agreement', make.agreementPayload({ request: barred.request, entry, terms }), [
    [one.signer(), 'owner'],
  ])
  test.equal((await sign(one, owned.text)).body.state, 'AGREED', 'the owner gives it')
  const others = await takeOffer(two, entry)
  test.equal(others.answer.body.state, 'FINALIZED', 'others are not barred')
  test.not(request.id, again.id)

  const own = await takeOffer(two, entry)
  test.equal((await change(two, own.made.id, 'terminate').answer).body.state, 'TERMINATED')
  test.equal((await two.get(`/v1/agreements/${others.made.id}`)).body.state, 'FINALIZED', 'nor does it end its others')
  test.equal((await takeOffer(two, entry)).answer.body.state, 'FINALIZED', 'who ended it itself may come back')
  const open = ask(two, entry)
  await send(two, open)
  await publish(
    one,
    make.signEntry(
      make.entryPayload(
        one,
        'open',
        { sequence: 3, version: 2, manifest: sha256('open2'), terms: 2 },
        { sharing: 'unconditional', audience: ['association'] },
      ),
      one.signer(),
    ),
  )
  const lateTerms = parseDocument('request', open.text).payload.terms
  const late = make.several(
    'agreement',
    make.agreementPayload({ request: open, entry, terms: lateTerms }, { sharing: 'unconditional' }),
    [[two.signer(), 'consumer']],
  )
  refused(await sign(two, late.text), 'OFFER_CHANGED')
})

t.test('offers, counter-requests, acceptance and refusal', async (test) => {
  const { world, one, two, ministry, make, refused, publishNew, ask, send, say, sign } = await startScene(test)
  const entry = await publishNew(one, 'steel')
  const request = ask(ministry, entry)
  await send(ministry, request)
  const offerBy = (party: Party, previous: string, terms = make.terms({ pulls: 3 })) =>
    make.compact('offer', party, { request: request.id, previous, terms, reason: '限三次' })
  const terms = make.terms({ pulls: 3 })
  const draft = make.several(
    'agreement',
    make.agreementPayload({ request, entry, terms: parseDocument('request', request.text).payload.terms }),
    [[one.signer(), 'owner']],
  )
  refused(await say(two, request, 'offer', offerBy(two, request.id)), 'REQUEST_UNKNOWN', 'no party')
  refused(await say(one, request, 'offer', offerBy(one, sha256('x'))), 'TERMS_MISMATCH')
  refused(
    await say(ministry, request, 'offer', offerBy(ministry, request.id)),
    'TRANSITION_REFUSED',
    'nothing to counter yet',
  )
  refused(
    await say(one, request, 'offer', offerBy(one, request.id, make.terms({ until: toRfc3339(world.now() - 1) }))),
    'PERIOD_OVER',
  )
  const offer = offerBy(one, request.id, terms)
  test.same((await say(one, request, 'offer', offer)).body, { state: 'OFFERED' })
  test.same((await say(one, request, 'offer', offer)).body, { state: 'OFFERED' }, 'again')
  refused(await sign(one, draft.text), 'TERMS_MISMATCH', 'on the earlier terms')
  const onOffer = make.several('agreement', make.agreementPayload({ request, entry, terms, offer }), [
    [one.signer(), 'owner'],
  ])
  refused(await sign(one, onOffer.text), 'TRANSITION_REFUSED', 'not accepted yet')
  const accept = (party: Party, answers: string, on = terms) =>
    make.compact('consent', party, { request: request.id, answers, terms: on })
  refused(await say(ministry, request, 'consent', accept(ministry, request.id)), 'TERMS_MISMATCH')
  refused(
    await say(ministry, request, 'consent', accept(ministry, offer.id, make.terms({ pulls: 4 }))),
    'TERMS_MISMATCH',
  )
  refused(await say(one, request, 'consent', accept(one, offer.id)), 'SIGNER_FORBIDDEN')
  const counter = offerBy(ministry, offer.id, make.terms({ pulls: 5 }))
  test.same((await say(ministry, request, 'offer', counter)).body, { state: 'REQUESTED' }, 'a counter-request')
  refused(await say(one, request, 'offer', offerBy(one, offer.id)), 'TERMS_MISMATCH', 'an offer that crossed it')
  const last = offerBy(one, counter.id, make.terms({ pulls: 4 }))
  test.same((await say(one, request, 'offer', last)).body, { state: 'OFFERED' })
  test.same((await say(ministry, request, 'consent', accept(ministry, last.id, make.terms({ pulls: 4 })))).body, {
    state: 'ACCEPTED',
  })
  const final = make.several(
    'agreement',
    make.agreementPayload({ request, entry, terms: make.terms({ pulls: 4 }), offer: last }),
    [[one.signer(), 'owner']],
  )
  test.equal((await sign(one, final.text)).body.state, 'AGREED')
  refused(await say(one, request, 'offer', offerBy(one, last.id)), 'TRANSITION_REFUSED', 'too late')
  const { documents } = (await ministry.get(`/v1/requests/${request.id}`)).body
  test.same(
    [documents.offers, documents.consents.length, documents.agreement],
    [[offer.text, counter.text, last.text], 1, final.text],
  )

  const no = make.compact('refusal', one, { request: request.id, reason: '数据有误' })
  test.same((await say(one, request, 'refusal', no)).body, { state: 'TERMINATED' })
  test.match(
    (await ministry.get(`/v1/requests/${request.id}`)).body,
    { state: 'TERMINATED', cause: 'refused', documents: { refusal: no.text } },
    'the reason reaches the applicant',
  )
  refused(await sign(ministry, make.cosign('agreement', final.text, ministry, 'consumer')), 'TRANSITION_REFUSED')
  const second = ask(ministry, entry)
  await send(ministry, second)
  refused(await say(ministry, second, 'refusal', no), 'MEMBER_MISMATCH')
  const back = make.compact('refusal', ministry, { request: second.id, reason: '不再需要' })
  refused(
    await say(ministry, request, 'refusal', make.compact('refusal', ministry, { request: second.id, reason: 'x' })),
    'REQUEST_UNKNOWN',
    'path and document differ',
  )
  await say(ministry, second, 'refusal', back)
  test.match((await one.get(`/v1/requests/${second.id}`)).body, { state: 'TERMINATED', cause: 'withdrawn' })
})

t.test('three signatures, each for itself', async (test) => {
  const { world, one, two, three, ministry, make, refused, publish, publishNew, ask, send, sign, approve, agree } =
    await startScene(test)
  const entry = await publishNew(one, 'steel')
  const request = ask(ministry, entry)
  await send(ministry, request)
  const { terms } = parseDocument('request', request.text).payload
  const payload = make.agreementPayload({ request, entry, terms })
  const signed = (...by: Parameters<typeof make.several>[2]) => make.several('agreement', payload, by).text
  refused(
    await sign(ministry, signed([ministry.signer(), 'consumer'])),
    'SIGNATURES_INCOMPLETE',
    'the owner has not signed',
  )
  refused(
    await sign(ministry, signed([one.signer(), 'owner'])),
    'SIGNATURES_INCOMPLETE',
    "the owner's alone, from the consumer",
  )
  refused(await sign(one, signed([two.signer(), 'owner'])), 'SIGNER_FORBIDDEN', 'a stranger')
  refused(
    await sign(one, signed([one.signer(), 'owner'], [ministry.signer(), 'consumer'])),
    'SIGNATURES_INCOMPLETE',
    'owners sign first',
  )
  refused(await sign(two, signed([one.signer(), 'owner'])), 'REQUEST_UNKNOWN')
  const spoilt = signed([one.signer(), 'owner'])
  refused(await sign(one, spoilt.replace(/"signature":"..../, '"signature":"AAAA')), 'SIGNATURE_INVALID')
  refused(
    await sign(one, make.several('agreement', { ...payload, policy: {} }, [[one.signer(), 'owner']]).text),
    'TERMS_MISMATCH',
    'policy and terms differ',
  )
  const owned = signed([one.signer(), 'owner'])
  test.equal((await sign(one, owned)).body.state, 'AGREED')
  const other = make.several('agreement', make.agreementPayload({ request, entry, terms }), [[one.signer(), 'owner']])
  refused(await sign(one, other.text), 'TERMS_MISMATCH', 'a second agreement for one request')
  world.time.now += 25 * DAY * 1000
  await world.authority.renew(one.member)
  world.publishTrust()
  world.time.now += 4 * DAY * 1000
  world.publishTrust()
  const both = make.cosign('agreement', owned, ministry, 'consumer')
  test.match((await sign(ministry, both)).body, { state: 'VERIFIED', agreement: both })
  const [waiting] = world.part().queue.list()
  test.match(waiting, { kind: 'agreement', role: 'approver', since: toRfc3339(world.now()) })
  test.match(waiting?.summary.zh, '行业运行监测')
  test.match(await approve(waiting?.id as string), { id: waiting?.id, state: 'FINALIZED' })
  test.same(world.part().queue.list(), [], 'it leaves the queue when decided')
  await test.rejects(approve(waiting?.id as string), { code: 'ALREADY_DECIDED' })
  const { agreement } = (await one.get(`/v1/agreements/${waiting?.id}`)).body.documents
  test.doesNotThrow(() => verifyAgreement(agreement, 'hub', world.authority.agreementKeys, world.net))
  refused(await two.get(`/v1/agreements/${waiting?.id}`), 'AGREEMENT_UNKNOWN')
  test.match((await world.act('agreements')) as unknown, [
    { id: waiting?.id, state: 'FINALIZED', consumer: ministry.id, owner: one.id },
  ])

  world.time.now += 2 * DAY * 1000
  for (const party of [two, three, ministry]) await world.authority.renew(party.member)
  world.publishTrust()
  const jointPayload = make.entryPayload(
    one,
    'joint',
    { owners: [one.id, two.id] },
    { ownership: 'JOINT', owners: [one.id, two.id] },
  )
  const joint = make.signEntry(jointPayload, one.signer(), two.signer())
  test.equal((await publish(one, joint)).body.state, 'published')
  const wish = ask(three, joint)
  await send(three, wish)
  const shared = make.agreementPayload({
    request: wish,
    entry: joint,
    terms: parseDocument('request', wish.text).payload.terms,
  })
  const byOne = make.several('agreement', shared, [[one.signer(), 'owner']])
  test.equal((await sign(one, byOne.text)).body.state, 'REQUESTED', 'an owner is missing')
  refused(
    await sign(three, make.cosign('agreement', byOne.text, three, 'consumer')),
    'SIGNATURES_INCOMPLETE',
    'two of its three signatures',
  )
  const byTwo = make.several('agreement', shared, [[two.signer(), 'owner']])
  const all = (await sign(two, byTwo.text)).body
  test.equal(all.state, 'AGREED', 'signatures made side by side are brought together')
  test.equal((await sign(three, make.cosign('agreement', all.agreement, three, 'consumer'))).body.state, 'VERIFIED')
  const done = await agree(one, two, entry)
  world.time.now += 30 * DAY * 1000 + 1000
  test.equal(world.part().queue.list().length, 2)
  await world.part().tick()
  test.same(world.part().queue.list(), [], 'thirty days are over')
  for (const party of [one, two]) await world.authority.renew(party.member)
  world.publishTrust()
  test.match((await two.get(`/v1/agreements/${done.id}`)).body, { state: 'TERMINATED', cause: 'lapsed' })
})

t.test('operators decide', async (test) => {
  const { world, one, two, ministry, refused, publishNew, publish, make, agree, approve, by } = await startScene(test)
  const entry = await publishNew(one, 'steel')
  const { queue, standing } = world.part()
  const first = await agree(one, ministry, entry)
  await test.rejects(approve(first.id, by('无名')), { code: 'OPERATOR_UNKNOWN' })
  await test.rejects(approve(first.id, by('赵登记')), { code: 'ROLE_REQUIRED' })
  await test.rejects(approve(first.id, by('钱')), { code: 'OWN_MEMBER' })
  await test.rejects(queue.refuse(first.id, by('李审批', { kind: 'control' }, ' ')), { code: 'REASON_REQUIRED' })
  await test.rejects(approve(sha256('none')), { code: 'AGREEMENT_UNKNOWN' })
  test.same(queue.idsLike(first.id.slice(0, 10)), [first.id])
  test.match(await queue.refuse(first.id, by('李审批', { kind: 'control' }, '用途不明')), { state: 'TERMINATED' })
  const refusal = (await ministry.get(`/v1/agreements/${first.id}`)).body
  test.match(refusal, { state: 'TERMINATED', cause: 'refused' })
  test.match(parseDocument('decision', refusal.documents.decision).payload, {
    outcome: 'refused',
    by: [{ operator: '李审批', reason: '用途不明', via: { kind: 'control' } }],
  })
  await test.rejects(approve(first.id), { code: 'ALREADY_DECIDED' })

  const secret = await publishNew(one, 'secret', { sensitive: true })
  const second = await agree(one, ministry, secret)
  const certificate = { kind: 'certificate', thumbprint: sha256('c') } as const
  test.match(await approve(second.id, by('李审批')), { state: 'VERIFIED' }, 'one is not enough')
  test.match(queue.list()[0]?.summary.zh, '李审批 已同意')
  await test.rejects(approve(second.id, by('李审批', certificate)), { code: 'ALREADY_DECIDED' })
  await test.rejects(
    approve(second.id, by('王审批')),
    { code: 'SECOND_APPROVER' },
    'two names at one console may be one person',
  )
  test.match(await approve(second.id, by('王审批', certificate)), { state: 'FINALIZED' })
  const { documents } = (await one.get(`/v1/agreements/${second.id}`)).body
  test.match(parseDocument('decision', documents.decision).payload.by, [
    { operator: '李审批' },
    { operator: '王审批', via: certificate },
  ])

  const third = await agree(one, two, entry)
  const signing = one.member.pairs[0]?.signing.certificate.thumbprint as string
  world.revoked.set(signing, { since: world.now(), compromised: true })
  await test.rejects(approve(third.id), { code: 'TIME_UNPROVEN' }, 'who stole the key may have signed')
  world.revoked.delete(signing)
  two.member.standing = 'suspended'
  world.publishTrust()
  await test.rejects(approve(third.id), { code: 'MEMBER_SUSPENDED' })
  two.member.standing = 'good'
  world.publishTrust()
  await publish(
    one,
    make.signEntry(make.entryPayload(one, 'steel', { sequence: 2, terms: 2 }, { sharing: 'none' }), one.signer()),
  )
  test.match(await approve(third.id), { state: 'FINALIZED' }, 'the owner signed this very agreement')
  test.match(await standing.suspend(third.id, by('李审批', { kind: 'control' }, '核查')), { state: 'SUSPENDED' })
  await test.rejects(standing.suspend(third.id, by('李审批', { kind: 'control' }, '')), { code: 'REASON_REQUIRED' })
  const suspended = (await one.get(`/v1/agreements/${third.id}`)).body
  test.same([suspended.state, suspended.suspendedBy], ['SUSPENDED', ['hub']])
  test.match(world.trust.verifyHub('agreement-change', suspended.documents.changes[0]).payload, {
    change: 'suspend',
    previous: third.id,
    reason: '核查',
  })
  test.equal(parseDocument('decision', suspended.documents.decisions[1]).payload.by[0]?.operator, '李审批')
  test.match(await standing.resume(third.id, by('李审批', { kind: 'control' }, '无误')), { state: 'FINALIZED' })
  await test.rejects(standing.resume(third.id, by('李审批', { kind: 'control' }, '无误')), {
    code: 'TRANSITION_REFUSED',
  })
  test.match(await standing.terminate(third.id, by('李审批', { kind: 'control' }, '违规')), { state: 'TERMINATED' })
  refused(
    await two.post(`/v1/agreements/${third.id}/changes`, {
      change: make.compact('agreement-change', two, {
        agreement: third.id,
        change: 'resume',
        reason: 'x',
        previous: third.id,
      }).text,
    }),
    'TRANSITION_REFUSED',
    'terminated is final',
  )
})

t.test('suspended, resumed, terminated, expired', async (test) => {
  const { world, one, two, ministry, make, refused, publishNew, takeOffer, change, grant } = await startScene(test)
  const entry = await publishNew(one, 'open', { sharing: 'unconditional' })
  const { made } = await takeOffer(ministry, entry)
  const { status: place } = parseDocument('grant', (await grant(ministry, made.id).send()).body.grant).payload
  const state = async () => (await one.get(`/v1/agreements/${made.id}`)).body
  refused(await change(two, made.id, 'suspend').answer, 'AGREEMENT_UNKNOWN')
  refused(await change(ministry, made.id, 'resume').answer, 'TRANSITION_REFUSED')
  const first = change(one, made.id, 'suspend')
  test.same((await first.answer).body, { state: 'SUSPENDED' })
  test.equal(world.statuses.get(place), 'suspended', 'the status list says so in the same transaction')
  refused(await grant(ministry, made.id).send(), 'AGREEMENT_SUSPENDED')
  refused(await change(ministry, made.id, 'resume').answer, 'TRANSITION_REFUSED', 'each lifts only its own')
  refused(await change(one, made.id, 'resume').answer, 'CHANGE_NOT_NEXT', 'it names the change before it')
  const own = change(ministry, made.id, 'suspend')
  test.same((await own.answer).body, { state: 'SUSPENDED' })
  const lifted = change(one, made.id, 'resume', first.id)
  test.same((await lifted.answer).body, { state: 'SUSPENDED' }, "the other's stands")
  test.same((await state()).suspendedBy, [ministry.id])
  test.same((await change(ministry, made.id, 'resume', own.id).answer).body, { state: 'FINALIZED' })
  test.equal(world.statuses.get(place), 'good')
  test.equal(
    (await one.post(`/v1/agreements/${made.id}/changes`, { change: first.text })).body.state,
    'SUSPENDED',
    'a retry hears its old answer',
  )
  test.equal((await state()).state, 'FINALIZED', 'and changes nothing')

  refused(await change(one, made.id, 'resume', lifted.id, sha256('c')).answer, 'CERTIFICATE_UNREGISTERED')
  refused(await change(one, made.id, 'resume', lifted.id, two.tls()).answer, 'CERTIFICATE_UNREGISTERED', 'of no party')
  const renewed = change(one, made.id, 'resume', lifted.id, ministry.tls())
  test.same((await renewed.answer).body, { state: 'FINALIZED' }, 'a new line of keys, on the word of the other side')
  test.same((await change(one, made.id, 'terminate', renewed.id).answer).body, { state: 'TERMINATED' })
  test.match(await state(), { state: 'TERMINATED', cause: 'terminated', documents: { changes: { length: 6 } } })
  test.equal(world.statuses.get(place), 'revoked')
  refused(await grant(ministry, made.id).send(), 'AGREEMENT_TERMINATED')

  const short = await takeOffer(two, entry, make.terms({ until: toRfc3339(world.now() + 3_600) }))
  test.equal(
    parseDocument('grant', (await grant(two, short.made.id).send()).body.grant).payload.exp,
    world.now() + 3_600,
  )
  world.time.now += 3_600_000
  refused(await grant(two, short.made.id).send(), 'AGREEMENT_EXPIRED', 'at its end, timer or not')
  test.match((await two.get('/v1/agreements')).body.items, [
    { id: short.made.id, state: 'TERMINATED', cause: 'expired' },
  ])
  refused(await grant(two, short.made.id).send(), 'AGREEMENT_EXPIRED')
})

/** A request whose payload no schema would let through, as foreign software might send it. */
function unchecked(like: Made, more: object): string {
  const payload = { ...parseDocument('request', like.text).payload, ...more }
  const [header] = like.text.split('.') as [string]
  return `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${like.text.split('.')[2]}`
}
