import type { Test } from 'tap'
import { parseDocument } from '#schemas/document.ts'
import type { CatalogEntry, Terms } from '#schemas/kinds.ts'
import type { Deciding } from '../../hub/deps.ts'
import { type Made, madeDocuments } from './made-documents.ts'
import { type Answer, CODES, type Party, startWorld } from './world.ts'

export const DAY = 86_400
type Meta = Partial<CatalogEntry['meta']>

/** Two owners, a third association, a ministry; and the documents they exchange in the usual way. */
export async function startScene(test: Test) {
  const world = await startWorld()
  test.teardown(() => world.close())
  const [one, two, three] = [
    await world.join(CODES.one, 'association'),
    await world.join(CODES.two, 'association'),
    await world.join(CODES.three, 'association'),
  ]
  const ministry = await world.join(CODES.ministry, 'department')
  const make = madeDocuments(world)
  world.operators
    .set('李审批', { role: 'approver', member: null })
    .set('王审批', { role: 'approver', member: null })
    .set('赵登记', { role: 'registrar', member: null })
    .set('钱', { role: 'approver', member: CODES.one })

  const refused = (answer: Answer, code: string, message = code) => test.equal(answer.body?.code, code, message)
  const publish = (party: Party, made: Made) => party.post('/v1/catalog-entries', { entry: made.text })
  const publishNew = async (
    party: Party,
    slug: string,
    meta: Meta = {},
    more: Partial<CatalogEntry> = {},
  ): Promise<Made> => {
    const entry = make.signEntry(make.entryPayload(party, slug, more, meta), party.signer())
    test.equal((await publish(party, entry)).status, 201, `${slug} is published`)
    return entry
  }
  const ask = (by: Party, entry: Made, terms: Terms = make.terms()): Made =>
    make.compact('request', by, {
      consumer: by.id,
      dataset: parseDocument('catalog-entry', entry.text).payload.dataset,
      entry: entry.id,
      terms,
    })
  const send = (by: Party, made: Made) => by.post('/v1/requests', { request: made.text })
  const say = (by: Party, request: Made, kind: 'offer' | 'consent' | 'refusal', made: Made) =>
    by.post(`/v1/requests/${request.id}/${kind}`, { document: made.text })
  const sign = (by: Party, text: string) => by.post('/v1/agreements', { agreement: text })
  const change = (
    by: Party,
    id: string,
    kind: 'suspend' | 'resume' | 'terminate',
    previous = id,
    certificate?: string,
  ) => {
    const made = make.compact('agreement-change', by, {
      agreement: id,
      change: kind,
      reason: '核查',
      previous,
      ...(certificate === undefined ? {} : { certificate }),
    })
    return { ...made, answer: by.post(`/v1/agreements/${id}/changes`, { change: made.text }) }
  }
  const by = (operator: string, via: Deciding['via'] = { kind: 'control' }, reason = '同意'): Deciding => ({
    operator,
    via,
    reason,
  })
  const approve = (id: string, deciding = by('李审批')) => world.part().queue.approve(id, deciding)

  /** A conditional agreement as far as the consumer's signature. */
  const agree = async (owner: Party, consumer: Party, entry: Made, terms: Terms = make.terms()) => {
    const request = ask(consumer, entry, terms)
    test.match((await send(consumer, request)).body, { path: 'conditional', state: 'REQUESTED' })
    const agreement = make.several('agreement', make.agreementPayload({ request, entry, terms }), [
      [owner.signer(), 'owner'],
    ])
    test.equal((await sign(owner, agreement.text)).body.state, 'AGREED')
    const both = make.cosign('agreement', agreement.text, consumer, 'consumer')
    test.equal((await sign(consumer, both)).body.state, 'VERIFIED')
    return { request, id: agreement.id, text: both }
  }
  const takeOffer = async (consumer: Party, entry: Made, terms: Terms = make.terms()) => {
    const request = ask(consumer, entry, terms)
    await send(consumer, request)
    const made = make.several(
      'agreement',
      make.agreementPayload({ request, entry, terms }, { sharing: 'unconditional' }),
      [[consumer.signer(), 'consumer']],
    )
    return { request, made, answer: await sign(consumer, made.text) }
  }
  const grant = (party: Party, agreement: string, more: { iat?: number; holder?: string; jti?: string } = {}) => {
    const made = make.compact('grant-request', party, { agreement, holder: party.tls(), ...more })
    return { ...made, send: () => party.post('/v1/grants', { request: made.text }) }
  }
  return {
    world,
    one,
    two,
    three,
    ministry,
    make,
    refused,
    publish,
    publishNew,
    ask,
    send,
    say,
    sign,
    change,
    by,
    approve,
    agree,
    takeOffer,
    grant,
  }
}
