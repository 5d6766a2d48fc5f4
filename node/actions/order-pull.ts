import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { closed, HEX } from '#schemas/shapes.ts'
import { validate } from '#schemas/validate.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { Filings } from '../store/filings.ts'
import type { StoredGrant } from '../store/grants.ts'
import type { Pull, Pulls } from '../store/pulls.ts'
import type { AcknowledgePull } from './acknowledge-pull.ts'
import type { OwnerSession } from './open-session.ts'

type Deps = Pick<ExchangeDeps, 'member' | 'trust' | 'clock' | 'commit' | 'journal' | 'signer' | 'pinPaper'> & {
  readonly pulls: Pulls
  readonly filings: Filings
  readonly acknowledgements: AcknowledgePull
}

/** The one manifest an order is of. */
export interface OrderedVersion {
  readonly version: number
  readonly manifest: string
}

export type OrderPull = ReturnType<typeof createOrderPull>

const ANSWER = closed({ pull: HEX, state: { const: 'open' } }, ['pull', 'state'])
/** An owner may hold back several pulls of ours; each is answered once. */
const MOST_DUE = 50

/** Protocol 6.5, consumer's side: the order is signed, stored, then sent; what is stored is sent again until it is answered. */
export function createOrderPull({
  member,
  trust,
  clock,
  commit,
  journal,
  signer,
  pinPaper,
  pulls,
  filings,
  acknowledgements,
}: Deps) {
  /** Opens a pull, or sends again an order that may have got lost. Gives the open pull's id. */
  return async function orderPull(session: OwnerSession, wanted: OrderedVersion): Promise<string> {
    for (let due = 0; ; due++) {
      try {
        return await session.retry.run((grant) => sendOrder(session, wanted, grant))
      } catch (error) {
        if (!(isRefusal(error, 'ACKNOWLEDGEMENT_DUE') && due < MOST_DUE)) throw error
        await acknowledgements.answerDue(session, error)
      }
    }
  }

  async function sendOrder(session: OwnerSession, wanted: OrderedVersion, grant: StoredGrant): Promise<string> {
    const pending = pulls.findOpen(session.agreement.id, wanted.manifest)
    if (pending !== undefined && pending.state !== 'ordered') return pending.pull
    const order = pending ?? (await signOrder(session, wanted, grant))
    try {
      await post(session, order, grant)
    } catch (error) {
      // Too old, or of a grant that has gone: the owner does not know it, or it would have answered as before.
      const isStale = isRefusal(error, 'STALE_REQUEST', 'GRANT_SCOPE') && pending !== undefined
      if (!isStale && !isFinal(error)) throw error
      await commit(() => pulls.drop(order.pull))
      if (!isStale) throw error
      return sendOrder(session, wanted, grant)
    }
    await commit(() => {
      pulls.open(order.pull)
      filings.add('pull-order', { id: order.pull, text: order.order_text })
    })
    return order.pull
  }

  /** The agreement goes along until the owner has opened a first pull under it: it may not have heard of it yet. */
  async function post({ agreement, connect }: OwnerSession, order: Pull, grant: StoredGrant): Promise<void> {
    const isFirst = !pulls.hasOpened(agreement.id)
    const body = { order: order.order_text, ...(isFirst ? { agreement: agreement.text } : {}) }
    const { pull } = validate(ANSWER, await (await connect()).post('/v1/pulls', body, grant.text), 'PEER_MISBEHAVED')
    if (!(pull === order.pull)) throw new Refusal('PEER_MISBEHAVED', { rule: 'the pull is named by its order' })
  }

  async function signOrder(
    { agreement, line }: OwnerSession,
    { version, manifest }: OrderedVersion,
    grant: StoredGrant,
  ): Promise<Pull> {
    const { dataset, terms } = agreement.payload
    const ordered = clock.now()
    const order_text = signDocument(
      'pull-order',
      {
        net: trust.net,
        jti: newJti(),
        iat: ordered,
        agreement: agreement.id,
        grant: grant.jti,
        consumer: member,
        owner: line.owner,
        dataset,
        version,
        manifest,
        purpose: terms.purpose,
      },
      signer(),
    )
    const { id: pull } = parseDocument('pull-order', order_text)
    return commit(() => {
      pulls.add({ pull, agreement: agreement.id, owner: line.owner, dataset, version, manifest, order_text, ordered })
      journal.append('pull-order', pull)
      pinPaper(order_text)
      return pulls.find(pull) as Pull
    })
  }
}

/** Refused before it opened, for good: this order will never be a pull. A held or broken one may still become one. */
function isFinal(error: unknown): boolean {
  return (
    isRefusal(error) &&
    !isRefusal(
      error,
      'OWNER_UNREACHABLE',
      'TRANSFER_CUT',
      'RATE_LIMITED',
      'EVIDENCE_UNSTORED',
      'ACKNOWLEDGEMENT_DUE',
      'GRANT_EXPIRED',
      'GRANT_HOLDER_MISMATCH',
      'PEER_MISBEHAVED',
      'INTERNAL',
      'STATUS_STALE',
      'DIRECTORY_STALE',
      'HUB_UNREACHABLE',
    )
  )
}
