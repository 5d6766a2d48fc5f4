import { type ParsedDocument, parseDocument } from '#schemas/document.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { validate } from '#schemas/validate.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { Filings } from '../store/filings.ts'
import type { Pull, Pulls } from '../store/pulls.ts'
import { lookAgain } from './look-again.ts'
import type { OwnerSession } from './open-session.ts'
import { signAcknowledgement } from './sign-acknowledgement.ts'
import { verifyDelivery } from './verify-delivery.ts'

type Deps = Pick<
  ExchangeDeps,
  'trust' | 'keys' | 'clock' | 'commit' | 'journal' | 'signer' | 'refreshTrust' | 'pinPaper'
> & {
  readonly pulls: Pulls
  readonly filings: Filings
}

type Outcome = 'verified' | 'rejected' | 'abandoned'

export type AcknowledgePull = ReturnType<typeof createAcknowledgePull>

const DELIVERED = closed({ delivery: { type: 'string', maxLength: 98_304 } }, ['delivery'])
const STORED = closed({ stored: { const: true } }, ['stored'])
/** Content that does not fit what the owner signed: the consumer says so instead of saying that it gave up. */
const WRONG_CONTENT: readonly string[] = ['CHUNK_TAMPERED', 'FILE_TAMPERED', 'CHUNK_LIST_INVALID', 'MANIFEST_MISMATCH']

/** Protocol 6.7, 6.8, consumer's side: the owner's delivery is fetched, answered, the answer stored, then sent until it is confirmed. */
export function createAcknowledgePull(deps: Deps) {
  const { clock, commit, journal, pinPaper, refreshTrust, pulls, filings } = deps

  /** The last steps of a pull, from wherever a stop left them. Returns once the owner has said that it stored the answer. */
  async function finish(session: OwnerSession, pullId: string): Promise<void> {
    const pull = getPull(pullId)
    if (pull.confirmed !== null) return
    if (pull.acknowledgement === null) await acknowledge(session, pull)
    await send(session, pullId)
  }

  async function acknowledge(session: OwnerSession, pull: Pull): Promise<void> {
    const outcome = pull.whole === 1 ? 'verified' : outcomeOf(pull)
    const text = pull.delivery_text ?? (await fetchDelivery(session, pull))
    await answer(pull, await verify(session, text, pull.pull), outcome)
  }

  async function fetchDelivery({ retry, connect }: OwnerSession, { pull }: Pull): Promise<string> {
    return retry.runBare(
      async () =>
        validate(DELIVERED, await (await connect()).post(`/v1/pulls/${pull}/delivery`, {}), 'PEER_MISBEHAVED').delivery,
    )
  }

  function verify(session: OwnerSession, text: string, order: string) {
    return lookAgain(refreshTrust, () => verifyDelivery(text, order, session, deps))
  }

  /** Delivery and answer are stored in one step, before the answer is sent. `delivery` undefined: the answer is to the order itself. */
  async function answer(pull: Pull, delivery: ParsedDocument<'delivery'> | undefined, outcome: Outcome): Promise<void> {
    await commit(() => {
      const { fetched, acknowledgement } = getPull(pull.pull)
      if (acknowledgement !== null) return
      if (delivery !== undefined && pull.delivery === null) {
        pulls.setDelivery(pull.pull, delivery)
        journal.append('delivery', delivery.id)
        pinPaper(delivery.text)
        filings.add('delivery', delivery)
      }
      const { pull: order, agreement, manifest } = pull
      const said = { order, delivery: delivery?.id ?? null, agreement, manifest, bytes: fetched, outcome }
      const document = signAcknowledgement(said, deps)
      pulls.acknowledge(pull.pull, document, outcome)
      journal.append('acknowledgement', document.id)
      pinPaper(document.text)
      filings.add('acknowledgement', document)
    })
  }

  async function send({ retry, connect }: OwnerSession, pullId: string): Promise<void> {
    const { acknowledgement_text: acknowledgement } = getPull(pullId)
    await retry.runBare(async () =>
      validate(
        STORED,
        await (await connect()).post(`/v1/pulls/${pullId}/acknowledgement`, { acknowledgement }),
        'PEER_MISBEHAVED',
      ),
    )
    await commit(() => pulls.confirm(pullId, clock.now()))
  }

  /** An owner holds orders back until an earlier pull is answered; its delivery came with the refusal. */
  async function answerDue(session: OwnerSession, refusal: Refusal): Promise<void> {
    const { pull: pullId, delivery } = refusal.facts
    const pull = typeof pullId === 'string' ? pulls.find(pullId) : undefined
    if (typeof delivery !== 'string') throw refusal
    if (pull === undefined) return answerUnknown(session, delivery)
    if (pull.acknowledgement === null) {
      const document = await verify(session, delivery, pull.pull)
      await answer(pull, document, pull.whole === 1 ? 'verified' : outcomeOf(pull))
    }
    await send(session, pull.pull)
  }

  /** A pull that this node does not remember (a backup was put back): it can only say that nothing came of it. */
  async function answerUnknown(session: OwnerSession, text: string): Promise<void> {
    const { order } = parseDocument('delivery', text).payload
    const { id, payload } = await verify(session, text, order)
    const { agreement, manifest } = payload
    const said = { order, delivery: id, agreement, manifest, bytes: 0, outcome: 'abandoned' } as const
    const document = signAcknowledgement(said, deps)
    await commit(() => {
      journal.append('acknowledgement', document.id)
      filings.add('acknowledgement', document)
    })
    await session.retry.runBare(async () =>
      (await session.connect()).post(`/v1/pulls/${order}/acknowledgement`, { acknowledgement: document.text }),
    )
  }

  /** After a pull was closed at the owner, or given up here: what came of it. */
  async function abandon(session: OwnerSession, pullId: string): Promise<void> {
    try {
      await finish(session, pullId)
    } catch (error) {
      // The owner does not know it at all: then there is nothing to answer.
      if (!isRefusal(error, 'PULL_UNKNOWN')) throw error
      await commit(() => pulls.drop(pullId))
    }
  }

  /** No delivery to be had for an hour: the answer to the order itself is filed meanwhile (contract, Pull). */
  async function answerOrder(pullId: string): Promise<void> {
    await answer(getPull(pullId), undefined, 'verified')
  }

  function getPull(id: string): Pull {
    const pull = pulls.find(id)
    if (pull === undefined) throw new Refusal('PULL_UNKNOWN', { pull: id })
    return pull
  }

  return { finish, abandon, answerDue, answerOrder }
}

function outcomeOf({ problem }: Pull): Outcome {
  return problem !== null && WRONG_CONTENT.includes(problem) ? 'rejected' : 'abandoned'
}
