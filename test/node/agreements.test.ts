/** From wish to right as one node sees it, over the hub's own exchange: a hub that lies, forgets or is away (Protocol 5). */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseDocument } from '#schemas/document.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Made } from '../hub-exchange/made-documents.ts'
import { startScene } from '../hub-exchange/scene.ts'
import type { Party } from '../hub-exchange/world.ts'
import { openAgreeingNode, settled } from './agreeing-node.ts'

interface Said {
  readonly request: string
  readonly state: string
  readonly agreement?: string
}

const PURPOSE = '行业运行监测'
const WHY = { reason: '核查' }

/** The scene with a node for each of its parties. */
async function start(test: Test) {
  const scene = await startScene(test)
  const open = (party: Party, folder?: string) => {
    const node = openAgreeingNode(scene.world, party, folder)
    test.teardown(node.discard)
    return node
  }
  const [owner, other, consumer] = [open(scene.one), open(scene.two), open(scene.ministry)]
  const datasetOf = ({ text }: Made) => parseDocument('catalog-entry', text).payload.dataset
  const ask = (entry: Made, terms: object = {}) =>
    consumer.run<Said>('request', { dataset: datasetOf(entry), purpose: PURPOSE, ...terms })
  const storyAt = async (node: typeof owner, request: string) =>
    (await node.run<Said[]>('requests')).find((one) => one.request === request)
  /** A running agreement that every node has heard of. */
  const agree = async (entry: Made): Promise<string> => {
    const { request } = await ask(entry)
    await owner.run('consent', { request })
    await consumer.hear()
    const { agreement } = (await storyAt(consumer, request)) as { agreement: string }
    await scene.approve(agreement)
    await Promise.all([owner.hear(), consumer.hear()])
    return agreement
  }
  const stateAt = (node: typeof owner, agreement: string) => node.agreeing.agreements.find(agreement)?.state
  const hubSays = async (agreement: string): Promise<string> =>
    (await scene.one.get(`/v1/agreements/${agreement}`)).body.state
  return { ...scene, owner, other, consumer, open, datasetOf, ask, storyAt, agree, stateAt, hubSays }
}

t.test('what a consumer has said itself is countersigned by its node, anything else is not', async (t) => {
  const { owner, consumer, ask, storyAt, publishNew, one, make, world } = await start(t)
  const steel = await publishNew(one, 'steel')
  const agreements = () => consumer.posted.filter(({ path }) => path === '/v1/agreements').length

  await t.test("the owner consents to the consumer's own counter-request", async (t) => {
    const { request } = await ask(steel)
    t.match(
      await owner.run('counter', { request, pulls: 2, reason: '次数' }),
      { state: 'OFFERED' },
      'never heard of before',
    )
    await consumer.hear()
    t.equal((await storyAt(consumer, request))?.state, 'OFFERED')
    t.equal(agreements(), 0, 'an offer is for a person')
    t.match(await consumer.run('counter', { request: request.slice(0, 12), pulls: 5 }), { state: 'REQUESTED' })
    t.match(await owner.run('consent', { request }), { state: 'AGREED' })
    await consumer.hear()
    t.match(await storyAt(consumer, request), { state: 'VERIFIED', pulls: 5 })
    t.equal(agreements(), 1)
  })

  await t.test('an agreement on other terms than were asked for', async (t) => {
    const { request } = await ask(steel, { pulls: 7 })
    const asked = consumer.stores.papers.find(request)
    const terms = { ...parseDocument('request', asked?.text as string).payload.terms, purpose: '另作他用' }
    const payload = make.agreementPayload({
      request: { id: request, text: asked?.text as string },
      entry: steel,
      terms,
    })
    const draft = make.several('agreement', payload, [[one.signer(), 'owner']])
    consumer.mood.alter = eachItem(request, (item) => ({
      ...item,
      state: 'AGREED',
      agreement: draft.id,
      documents: { ...item.documents, agreement: draft.text },
    }))
    const before = agreements()
    await consumer.hear()
    world.time.now += 61_000
    await consumer.hear()
    t.match(await storyAt(consumer, request), { state: 'AGREED', agreement: draft.id }, 'has come with its signatures')
    t.equal(agreements(), before, 'and is not signed')
    consumer.mood.alter = (_path, body) => body
  })

  await t.test('what says it is final without the signature of the hub does not run', async (t) => {
    const { request } = await ask(steel, { pulls: 8 })
    await owner.run('consent', { request })
    consumer.mood.alter = eachItem(request, (item) => ({ ...item, state: 'FINALIZED' }))
    await consumer.hear()
    t.same(consumer.unread(), ['SIGNATURES_INCOMPLETE'])
    t.equal((await storyAt(consumer, request))?.state, 'REQUESTED')
    consumer.mood.alter = (_path, body) => body
    await consumer.hear()
    t.same(consumer.unread(), [], 'read again, and true')
    world.time.now += 60_000
    await consumer.hear()
    t.equal((await storyAt(consumer, request))?.state, 'VERIFIED')
  })
})

t.test('one wish is asked once', async (t) => {
  const { consumer, owner, ask, publishNew, one, ministry, agree, storyAt } = await start(t)
  const [steel, open] = [await publishNew(one, 'steel'), await publishNew(one, 'open', { sharing: 'unconditional' })]
  const count = async () => (await ministry.get('/v1/requests')).body.items.length

  consumer.mood.away = 'after'
  await t.rejects(ask(steel, { pulls: 3 }), { code: 'HUB_UNREACHABLE' }, 'the answer was lost')
  consumer.mood.away = true
  await t.rejects(ask(steel, { pulls: 3 }), { code: 'HUB_UNREACHABLE' })
  consumer.mood.away = false
  const first = await ask(steel, { pulls: 3 })
  t.equal(first.state, 'REQUESTED')
  t.match(await ask(steel, { pulls: 3 }), { request: first.request }, 'nobody has answered it yet')
  t.equal(await count(), 1)
  const [second, third] = await Promise.all([ask(steel, { pulls: 4 }), ask(steel, { pulls: 4 })])
  t.equal(second?.request, third?.request)
  t.not(second?.request, first.request, 'other terms are another wish')
  await owner.run('refuse', { request: first.request, reason: '不提供' })
  t.not((await ask(steel, { pulls: 3 })).request, first.request, 'what was refused may be asked again')

  consumer.mood.away = 'after'
  await t.rejects(ask(open), { code: 'HUB_UNREACHABLE' })
  consumer.mood.away = false
  const taken = await ask(open)
  t.match(taken, { state: 'FINALIZED' })
  t.match(await storyAt(consumer, taken.request), { agreement: taken.agreement })
  t.ok(await agree(steel), 'and a new one')
})

t.test('what is asked is looked at before anything is signed', async (t) => {
  const { consumer, other, owner, ask, publishNew, one, two, make, publish, datasetOf, ministry } = await start(t)
  const only = await publishNew(one, 'only', { audience: ['association'] })
  const none = await publishNew(one, 'none', { sharing: 'none' })
  const steel = await publishNew(one, 'steel')
  await t.rejects(ask(only), { code: 'AUDIENCE_EXCLUDED' })
  await t.rejects(ask(none), { code: 'SHARING_NONE' })
  await t.rejects(ask(steel, { until: '2026-02-30' }), { code: 'PERIOD_OVER' })
  await t.rejects(ask(steel, { until: '2020-01-01T00:00:00Z' }), { code: 'PERIOD_OVER' })
  await t.rejects(ask(steel, { purpose: ' ' }), { code: 'PURPOSE_EMPTY' })
  await t.rejects(owner.run('request', { dataset: datasetOf(steel), purpose: PURPOSE }), { code: 'OWN_DATASET' })
  consumer.mood.alter = (path, body) =>
    path.startsWith('/v1/catalog-entries') ? { entry: forged(steel.text), state: 'published' } : body
  await t.rejects(ask(steel), { code: 'SIGNATURE_INVALID' }, 'an entry that its owner did not sign')
  consumer.mood.alter = (_path, body) => body
  t.equal(consumer.posted.length, 0, 'nothing was sent')

  const said = await ask(steel, { until: '2027-03-31T00:00:00Z' })
  t.match((await consumer.run<object[]>('requests')).at(-1), { until: '2027-03-31T00:00:00Z' })
  await t.rejects(owner.run('counter', { request: said.request, purpose: ' ' }), { code: 'PURPOSE_EMPTY' })
  await t.rejects(consumer.run('consent', { request: said.request }), { code: 'SIGNER_FORBIDDEN' })
  await t.rejects(other.run('consent', { request: said.request }), { code: 'REQUEST_UNKNOWN' })

  const joint = make.entryPayload(
    one,
    'joint',
    { owners: [one.id, two.id] },
    { ownership: 'JOINT', owners: [one.id, two.id] },
  )
  const half = make.signEntry(joint, one.signer())
  await publish(one, half)
  const whole = make.cosign('catalog-entry', half.text, two, 'owner')
  t.match((await publish(two, { id: half.id, text: whole })).body, { state: 'published' })
  const { request } = await ask(half)
  owner.mood.alter = (path, body) =>
    path === `/v1/catalog-entries/${half.id}` ? { entry: half.text, state: 'published' } : body
  await t.rejects(
    owner.run('consent', { request }),
    { code: 'SIGNATURES_INCOMPLETE' },
    'an entry that one owner signed',
  )
  owner.mood.alter = (path, body) =>
    path === `/v1/catalog-entries/${half.id}` ? { entry: steel.text, state: 'published' } : body
  await t.rejects(owner.run('consent', { request }), { code: 'PEER_MISBEHAVED' }, 'another entry than was asked on')
  owner.mood.alter = (_path, body) => body

  const both = await Promise.all([owner.run<Said>('consent', { request }), other.run<Said>('consent', { request })])
  t.ok(
    both.some(({ state }) => state === 'AGREED'),
    'two owners at once sign one agreement',
  )
  await consumer.hear()
  const item = (await ministry.get(`/v1/requests/${request}`)).body
  t.equal(item.state, 'VERIFIED')
  t.equal(parseDocument('agreement', item.documents.agreement).signatures.length, 3)
})

t.test('a stop is obeyed whatever the hub says', async (t) => {
  const { owner, consumer, agree, publishNew, one, stateAt, hubSays } = await start(t)
  const agreement = await agree(await publishNew(one, 'steel'))
  const no = (code: 'TRANSITION_REFUSED' | 'CHANGE_NOT_NEXT') => (path: string) =>
    path.endsWith('/changes') ? new Refusal(code) : undefined

  owner.mood.refuse = no('TRANSITION_REFUSED')
  await t.rejects(owner.run('suspend', { agreement, ...WHY }), { code: 'TRANSITION_REFUSED' })
  await settled()
  await owner.hear()
  t.equal(await hubSays(agreement), 'FINALIZED')
  t.equal(stateAt(owner, agreement), 'SUSPENDED', 'the hub cannot make a node serve')
  t.same(owner.alarms(), ['CHANGE_REFUSED'])

  owner.mood.refuse = () => undefined
  t.match(await owner.run('suspend', { agreement, ...WHY }), { state: 'SUSPENDED' })
  t.equal(await hubSays(agreement), 'SUSPENDED', 'said again in its place in the chain')
  t.match(await owner.run('resume', { agreement, ...WHY }), { state: 'FINALIZED' })
  await consumer.hear()
  t.equal(stateAt(consumer, agreement), 'FINALIZED')

  owner.mood.refuse = no('CHANGE_NOT_NEXT')
  await t.rejects(owner.run('terminate', { agreement, ...WHY }), { code: 'CHANGE_NOT_NEXT' })
  await settled()
  t.equal(stateAt(owner, agreement), 'TERMINATED')
  await owner.hear()
  t.equal(stateAt(owner, agreement), 'TERMINATED')
  owner.mood.refuse = () => undefined
  await t.rejects(owner.run('resume', { agreement, ...WHY }), { code: 'TRANSITION_REFUSED' }, 'for good')
})

t.test('a node set back to a backup finds its place in the chain', async (t) => {
  const { owner, open, agree, publishNew, one, stateAt, hubSays, world } = await start(t)
  const agreement = await agree(await publishNew(one, 'steel'))
  const copies = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'hanghui-agree-')))
  for (const folder of copies) owner.db.exec(`VACUUM INTO '${join(folder, 'node.db')}'`)
  await owner.run('suspend', { agreement, ...WHY })
  await owner.run('resume', { agreement, ...WHY })
  owner.close()

  const first = open(one, copies[0])
  t.match(await first.run('suspend', { agreement, ...WHY }), { state: 'SUSPENDED' }, 'on top of what the hub knows')
  t.equal(await hubSays(agreement), 'SUSPENDED')
  await first.run('resume', { agreement, ...WHY })
  first.close()

  const second = open(one, copies[1])
  second.mood.away = true
  t.match(await second.run('terminate', { agreement, ...WHY }), { state: 'TERMINATED' }, 'while the hub is away')
  second.mood.away = false
  await second.outbox.flush()
  await settled()
  t.equal(stateAt(second, agreement), 'TERMINATED')
  world.time.now += 61_000
  await second.hear()
  t.equal(await hubSays(agreement), 'TERMINATED', 'the word reached the hub after all')
  t.equal(second.outbox.count(), 0)
})

t.test('a hub set back to a backup, or that leaves a change out', async (t) => {
  const { owner, consumer, ask, agree, publishNew, one, stateAt, storyAt, hubSays } = await start(t)
  const steel = await publishNew(one, 'steel')
  const agreement = await agree(steel)

  owner.stores.facts.set('cursor', 1_000_000)
  const { request } = await ask(steel, { pulls: 9 })
  await owner.hear()
  t.equal((await storyAt(owner, request))?.state, 'REQUESTED', 'its numbers began anew below our cursor')

  await consumer.run('suspend', { agreement, ...WHY })
  const story = owner.agreeing.agreements.find(agreement)?.payload.request as string
  owner.mood.alter = eachItem(story, (item) => ({ ...item, state: 'FINALIZED', suspendedBy: [] }))
  await owner.hear()
  t.equal(stateAt(owner, agreement), 'SUSPENDED', "the other side's signature counts, not what the hub makes of it")

  owner.mood.alter = (_path, body) => body
  await consumer.run('resume', { agreement, ...WHY })
  await consumer.run('suspend', { agreement, ...WHY })
  await consumer.run('resume', { agreement, ...WHY })
  owner.mood.alter = eachItem(story, ({ documents, ...item }) => ({
    ...item,
    documents: { ...documents, changes: documents.changes.slice(1, -1) },
  }))
  await owner.hear()
  t.same(owner.unread(), ['CHANGE_NOT_NEXT'])
  t.equal(stateAt(owner, agreement), 'SUSPENDED', 'a chain with a hole sets nothing going')
  owner.mood.alter = (_path, body) => body
  await owner.hear()
  t.same(owner.unread(), [])
  t.equal(stateAt(owner, agreement), 'FINALIZED', 'whole again')
  t.equal(await hubSays(agreement), 'FINALIZED')
})

t.test('a broken line of keys is mended by the other side alone', async (t) => {
  const { world, owner, consumer, agree, publishNew, one, ministry } = await start(t)
  const agreement = await agree(await publishNew(one, 'steel'))
  const pair = await world.authority.issueForeignPair(ministry.member)
  world.publishTrust()
  const { thumbprint } = pair.signing.certificate
  await t.rejects(consumer.run('resume', { agreement, ...WHY, certificate: thumbprint }), {
    code: 'CERTIFICATE_UNREGISTERED',
  })
  t.match(await owner.run('resume', { agreement, ...WHY, certificate: thumbprint.slice(0, 12) }), {
    state: 'FINALIZED',
  })
  t.equal(owner.agreeing.agreements.find(agreement)?.signers.get(ministry.id), thumbprint)
  await consumer.hear()
  t.equal(consumer.agreeing.agreements.find(agreement)?.signers.get(ministry.id), thumbprint)
})

interface Told {
  readonly request: string
  readonly documents: { readonly changes: readonly string[] }
}

/** A hub that tells one story differently, in its lists and alone. */
function eachItem(request: string, alter: (item: Told) => object): (path: string, body: unknown) => unknown {
  const told = (item: Told): object => (item.request === request ? alter(item) : item)
  return (path, body) => {
    if (path === `/v1/requests/${request}`) return told(body as Told)
    const { items } = body as { items?: Told[] }
    return items === undefined ? body : { ...(body as object), items: items.map(told) }
  }
}

/** The same text with another byte in its signature. */
function forged(text: string): string {
  const general = JSON.parse(text) as { signatures: { signature: string }[] }
  const [first] = general.signatures
  if (first !== undefined) first.signature = `${first.signature.startsWith('A') ? 'B' : 'A'}${first.signature.slice(1)}`
  return JSON.stringify(general)
}
