import t from 'tap'
import { agree, metaOf, PURPOSE, publish, pull, refusalOf } from '../kit/act.ts'
import { APPROVER, eventually, type Party, startNetwork } from '../kit/start-network.ts'

const TABLE = '月份,产量\n2026-01,10\n2026-02,12\n'

interface Story {
  readonly request: string
  readonly state: string
  readonly agreement?: string
  readonly pulls: number | null
  readonly until: string
  readonly reason?: string
  readonly cause: string | null
}

interface AgreementShown {
  readonly id: string
  readonly state: string
  readonly cause: string | null
  readonly suspendedBy: string[]
  readonly proofFile?: string
}

const storyOf = async (party: Party, request: string) =>
  (await party.call<Story[]>('requests', {})).find((one) => one.request === request)
const reaches = (party: Party, request: string, state: string) =>
  eventually(
    async () => {
      const story = await storyOf(party, request)
      return story?.state === state && story
    },
    `${request.slice(0, 8)} is ${state} at ${party.id}`,
  )
const agreementAt = (party: Party, id: string, state: string) =>
  eventually(async () => {
    const [found] = await party.call<AgreementShown[]>('agreements', { id })
    return found?.state === state && found
  }, `agreement ${state} at ${party.id}`)

t.test('counter-offers, acceptance, and what a node signs by itself', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const [owner, consumer] = [network.node('alice'), network.node('ministry')]
  const { dataset } = await publish(owner, 'a.csv', TABLE, metaOf('output'))

  await t.test('an offer with other terms waits for a person; accepted, it goes on by itself', async (t) => {
    const { request, state } = await consumer.call<Story>('request', { dataset, purpose: PURPOSE, pulls: 9 })
    t.equal(state, 'REQUESTED')
    await reaches(owner, request, 'REQUESTED')
    t.equal(await refusalOf(() => consumer.call('consent', { request })), 'SIGNER_FORBIDDEN')
    t.equal(await refusalOf(() => consumer.call('accept', { request })), 'TRANSITION_REFUSED', 'there is no offer yet')
    t.match(await owner.call('counter', { request: request.slice(0, 10), pulls: 3, reason: '次数太多' }), {
      state: 'OFFERED',
    })
    t.match(await reaches(consumer, request, 'OFFERED'), { pulls: 3 })
    t.match(await consumer.call('counter', { request, pulls: 5 }), { state: 'REQUESTED' })
    await reaches(owner, request, 'REQUESTED')
    await owner.call('counter', { request, pulls: 4, until: '2027-06-30' })
    t.match(await reaches(consumer, request, 'OFFERED'), { pulls: 4, until: '2027-06-30T16:00:00Z' })
    await consumer.call('accept', { request })
    t.ok((await reaches(consumer, request, 'VERIFIED')).agreement, 'owner and consumer have signed what was accepted')
    t.match(await owner.call('consent', { request }), { state: 'VERIFIED' }, 'consent once more is nothing new')
    const waiting = (await network.hub.call<{ id: string; kind: string }[]>('queue')).find(
      ({ kind }) => kind === 'agreement',
    )
    await network.hub.call('approve', { id: waiting?.id, as: APPROVER })
    const { agreement } = await reaches(consumer, request, 'FINALIZED')
    t.match(await agreementAt(owner, agreement as string, 'FINALIZED'), { pulls: 4, suspendedBy: [] })
  })

  await t.test('a refusal ends it and its reason reaches the applicant', async (t) => {
    const { request } = await consumer.call<Story>('request', { dataset, purpose: PURPOSE })
    await reaches(owner, request, 'REQUESTED')
    await owner.call('refuse', { request, reason: '本期不提供' })
    t.match(await reaches(consumer, request, 'TERMINATED'), { cause: 'refused', reason: '本期不提供' })
    t.equal(await refusalOf(() => owner.call('consent', { request })), 'TRANSITION_REFUSED')
    const other = await consumer.call<Story>('request', { dataset, purpose: PURPOSE })
    await consumer.call('refuse', { request: other.request, reason: '不需要了' })
    t.match(await reaches(owner, other.request, 'TERMINATED'), { cause: 'withdrawn' })
  })

  await t.test('what cannot be asked is refused by name', async (t) => {
    t.equal(await refusalOf(() => owner.call('request', { dataset, purpose: PURPOSE })), 'OWN_DATASET')
    t.equal(await refusalOf(() => consumer.call('request', { dataset, purpose: ' ' })), 'PURPOSE_EMPTY')
    t.equal(
      await refusalOf(() => consumer.call('request', { dataset: `${owner.id}/none`, purpose: PURPOSE })),
      'DATASET_UNKNOWN',
    )
    t.equal(
      await refusalOf(() => consumer.call('request', { dataset, purpose: PURPOSE, until: '2020-01-01' })),
      'PERIOD_OVER',
    )
    t.equal(await refusalOf(() => consumer.call('accept', { request: 'ffffffff' })), 'REQUEST_UNKNOWN')
    t.equal(
      await refusalOf(() => consumer.call('suspend', { agreement: 'ffffffff', reason: 'x' })),
      'AGREEMENT_UNKNOWN',
    )
    const none = await publish(owner, 'n.csv', TABLE, metaOf('closed', { sharing: 'none' }))
    t.equal(
      await refusalOf(() => consumer.call('request', { dataset: none.dataset, purpose: PURPOSE })),
      'SHARING_NONE',
    )
  })
})

t.test('a change counts at once, hub or no hub, and reaches the other side afterwards', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'ministry'] })
  const [owner, consumer] = [network.node('alice'), network.node('ministry')]
  const { dataset } = await publish(owner, 'a.csv', TABLE, metaOf('output'))
  const agreement = await agree(network, consumer, owner, dataset)
  await agreementAt(owner, agreement, 'FINALIZED')

  t.ok((await pull(consumer, agreement)).verified)

  await network.hub.stop()
  t.match(await owner.call('suspend', { agreement, reason: '核查' }), {
    id: agreement,
    state: 'SUSPENDED',
    suspendedBy: [owner.id],
  })
  t.match(
    await owner.call('suspend', { agreement, reason: '再核查' }),
    { state: 'SUSPENDED' },
    'two changes in a chain',
  )
  t.equal(await refusalOf(() => consumer.call('pull', { agreement })), 'AGREEMENT_SUSPENDED')
  t.equal(await refusalOf(() => consumer.call('request', { dataset, purpose: PURPOSE })), 'HUB_UNREACHABLE')
  await owner.stop()
  await owner.start()
  t.match(await owner.call('agreements', { id: agreement }), [{ state: 'SUSPENDED' }], 'also after a restart')
  await network.hub.start()
  await agreementAt(consumer, agreement, 'SUSPENDED')
  t.equal(
    (await consumer.call<Story[]>('requests', { outgoing: true })).length,
    1,
    'what was not sent is not asked later',
  )
  t.equal(await refusalOf(() => consumer.call('resume', { agreement, reason: 'x' })), 'TRANSITION_REFUSED')
  await consumer.call('suspend', { agreement, reason: '本方也暂停' })
  await owner.call('resume', { agreement, reason: '核查完毕' })
  t.match(await agreementAt(owner, agreement, 'SUSPENDED'), { suspendedBy: [consumer.id] })
  await consumer.call('resume', { agreement, reason: '继续' })
  await agreementAt(owner, agreement, 'FINALIZED')
  await network.hub.call('suspend', { id: agreement, as: APPROVER, reason: '检查' })
  t.match(await agreementAt(owner, agreement, 'SUSPENDED'), { suspendedBy: ['hub'] })
  await network.hub.call('resume', { id: agreement, as: APPROVER, reason: '检查完毕' })
  await agreementAt(consumer, agreement, 'FINALIZED')
  await consumer.call('terminate', { agreement, reason: '不再需要' })
  t.match(await agreementAt(owner, agreement, 'TERMINATED'), { cause: 'terminated' })
  t.equal(await refusalOf(() => owner.call('resume', { agreement, reason: 'x' })), 'TRANSITION_REFUSED')
  const [shown] = await owner.call<AgreementShown[]>('agreements', { id: agreement, proofs: true })
  const proof = JSON.parse(shown?.proofFile ?? '{}') as {
    kind: string
    related: { kind: string }[]
    directories: unknown[]
  }
  t.equal(proof.kind, 'agreement')
  t.equal(proof.related.filter(({ kind }) => kind === 'agreement-change').length, 8)
  t.ok(proof.directories.length > 0)
})

t.test('several owners: each speaks for itself, and one is enough to stop', async (t) => {
  await using network = await startNetwork({ nodes: ['alice', 'bob', 'ministry'] })
  const [alice, bob, consumer] = [network.node('alice'), network.node('bob'), network.node('ministry')]
  const meta = metaOf('joint', { ownership: 'JOINT', owners: [alice.id, bob.id] })
  const { dataset, state } = await publish(alice, 'j.csv', TABLE, meta)
  t.equal(state, 'waiting')
  t.match(await bob.call('cosign', { dataset }), { state: 'published' })
  const { request } = await consumer.call<Story>('request', { dataset, purpose: PURPOSE })
  await reaches(alice, request, 'REQUESTED')
  await reaches(bob, request, 'REQUESTED')
  t.match(await bob.call('consent', { request }), { state: 'REQUESTED' }, 'one of two')
  await alice.call('consent', { request })
  await reaches(consumer, request, 'VERIFIED')
  const waiting = (await network.hub.call<{ id: string; kind: string }[]>('queue')).find(
    ({ kind }) => kind === 'agreement',
  )
  await network.hub.call('approve', { id: waiting?.id, as: APPROVER })
  const { agreement } = (await reaches(consumer, request, 'FINALIZED')) as { agreement: string }
  await agreementAt(alice, agreement, 'FINALIZED')
  await agreementAt(bob, agreement, 'FINALIZED')
  await bob.call('terminate', { agreement, reason: '不再共享' })
  await agreementAt(alice, agreement, 'TERMINATED')
  await agreementAt(consumer, agreement, 'TERMINATED')
})
