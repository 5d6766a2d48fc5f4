import { randomBytes } from 'node:crypto'
import { signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import type { Grant, PullOrder, Terms } from '#schemas/kinds.ts'
import { openAsker } from './ask-owner.ts'
import { createExchangeWorld, makeAgreement } from './exchange-world.ts'
import type { MemberPair } from './member-pairs.ts'
import type { Asking } from './send.ts'

/** A published dataset, a final agreement both know, and a consumer that asks by hand. */
export async function openExchange(
  more: { terms?: Partial<Terms>; sharing?: 'conditional' | 'unconditional'; bytes?: number } = {},
) {
  const world = await createExchangeWorld()
  const { authority, owner, consumer } = world
  const content = randomBytes(more.bytes ?? 300_000)
  const published = await owner.publish(
    'output',
    { 'output.csv': content, 'other.csv': randomBytes(10) },
    { sharing: more.sharing ?? 'unconditional' },
  )
  const agreement = makeAgreement(world, published.entry, more)
  owner.learn(agreement)
  consumer.learn(agreement)
  const pair = consumer.member.pairs[0] as MemberPair
  const holder = pair.tls.certificate.thumbprint
  const asker = openAsker(world, pair)
  const grant = authority.mintGrant(agreement, holder)
  const manifests = `/v1/manifests?dataset=${agreement.payload.dataset}`

  const orderOf = (said: Partial<PullOrder> = {}, grantText = grant) => {
    const { jti } = JSON.parse(Buffer.from(grantText.split('.')[1] as string, 'base64url').toString()) as Grant
    const base = {
      net: authority.net,
      jti: newJti(),
      iat: authority.now(),
      agreement: agreement.id,
      grant: jti,
      consumer: consumer.member.id,
      owner: owner.member.id,
      dataset: agreement.payload.dataset,
      version: published.version,
      manifest: published.manifest,
      purpose: '统计分析',
    }
    return signDocument('pull-order', { ...base, ...said }, consumer.signer())
  }
  const order = (text = orderOf(), more: Asking = {}) =>
    asker.ask('/v1/pulls', { grant, body: { order: text }, ...more })

  return {
    ...world,
    world,
    content,
    published,
    agreement,
    holder,
    grant,
    manifests,
    orderOf,
    order,
    ask: asker.ask,
    codeOf: async (path: string, asking: Asking = { grant }) => (await asker.ask(path, asking)).code,
    /** Opens a pull and gives the way to ask for a range of its first file. */
    async openFile() {
      const { json } = await order()
      const file = owner.versions[0]?.payload.files[0]
      const path = `/v1/files/${json.pull}/0`
      return { pull: json.pull as string, path, match: { 'if-match': `"${file?.sha256}"` } }
    },
    async [Symbol.asyncDispose]() {
      await asker[Symbol.asyncDispose]()
      await world[Symbol.asyncDispose]()
    },
  }
}
