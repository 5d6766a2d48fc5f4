import { requireFresh } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import type { PullOrder } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { AgreementRecord, ExchangeDeps } from '../exchange-deps.ts'
import type { Filings } from '../store/filings.ts'
import type { KeptTexts } from '../store/kept-texts.ts'
import type { ServedPulls } from '../store/served-pulls.ts'
import type { ClosePull } from './close-pull.ts'
import { type AgreementFinder, recordOf } from './find-agreement.ts'
import { lookAgain } from './look-again.ts'
import type { OpenedRight, OpenRight } from './open-right.ts'
import type { RequireContinuity } from './require-continuity.ts'
import { requireVersionInScope } from './require-scope.ts'
import type { Asker } from './serve-file.ts'
import { storeEvidence } from './store-evidence.ts'

type Deps = Pick<
  ExchangeDeps,
  'member' | 'trust' | 'clock' | 'commit' | 'journal' | 'datasets' | 'refreshTrust' | 'pinPaper'
> & {
  readonly servedPulls: ServedPulls
  readonly filings: Filings
  readonly kept: KeptTexts
  readonly finder: AgreementFinder
  readonly openRight: OpenRight
  readonly requireContinuity: RequireContinuity
  readonly closePull: ClosePull
}

/** Body of `POST /v1/pulls` and its answer. */
export interface PullRequest {
  readonly order: string
  readonly agreement?: string
}
export interface OpenedPull {
  readonly pull: string
  readonly state: 'open'
}

interface Demand extends OpenedRight {
  readonly id: string
  readonly text: string
  readonly order: PullOrder
}

/** Protocol 6.5, owner's side: one durable pull of one manifest, counted once, stored before it is answered. */
export function createOpenPull(deps: Deps) {
  const {
    member,
    trust,
    clock,
    commit,
    journal,
    pinPaper,
    datasets,
    refreshTrust,
    servedPulls,
    filings,
    kept,
    finder,
    openRight,
    requireContinuity,
    closePull,
  } = deps

  return async function openPull(asker: Asker, { order: text, agreement }: PullRequest): Promise<OpenedPull> {
    const { id, payload: order } = parseDocument('pull-order', text)
    // Under settled terms the certificates that signed them may have ended or been revoked since.
    const presented =
      agreement === undefined || finder.isSettled(order.agreement) ? undefined : recordOf(finder.present(agreement))
    const right = await openRight(asker.grant, asker.thumbprint, presented)
    // Protocol 1.5: a retry is answered as before, whatever time it is.
    if (servedPulls.find(id)?.consumer === asker.member) return { pull: id, state: 'open' }
    await requireSigner(text, order, right, asker)
    requireFresh(order.iat, clock)
    const demand = { ...right, id, text, order }
    requireWithinRight(demand)
    await requireAcknowledged(order.agreement)
    await storeEvidence(commit, () => store(demand, presented))
    return { pull: id, state: 'open' }
  }

  /** The order is the consumer's own word, under a key in line with the one that signed the agreement. */
  async function requireSigner(text: string, order: PullOrder, { granted }: OpenedRight, asker: Asker): Promise<void> {
    const { signer } = await lookAgain(refreshTrust, () => trust.verifyMember('pull-order', text))
    if (!(signer.member.id === asker.member && order.consumer === asker.member))
      throw new Refusal('MEMBER_MISMATCH', { signer: signer.member.id })
    await requireContinuity(signer.thumbprint, granted.right.consumerSigner)
  }

  function requireWithinRight({ order, granted: { grant, right }, agreement }: Demand): void {
    if (!(order.owner === member)) throw new Refusal('GRANT_AUDIENCE', { owner: order.owner })
    const names = order.agreement === grant.agreement && order.grant === grant.jti && order.dataset === right.dataset
    if (!names)
      throw new Refusal('GRANT_SCOPE', {
        rule: 'the order names agreement, grant and dataset of the grant it comes with',
      })
    if (!(order.purpose === right.terms.purpose)) throw new Refusal('PURPOSE_MISMATCH')
    const version = datasets.findVersion(order.dataset, order.version)
    if (version === undefined) throw new Refusal('VERSION_UNKNOWN', { version: order.version })
    // Mix-and-match: an order is of one manifest, or old and new files could be asked for under one count.
    if (!(version.manifest === order.manifest)) throw new Refusal('MANIFEST_MISMATCH', { version: order.version })
    requireVersionInScope(agreement, order.version, datasets)
  }

  /** While an earlier pull has rested an hour unacknowledged no other opens; its delivery comes with the refusal (threats D11). */
  async function requireAcknowledged(agreement: string): Promise<void> {
    const due = servedPulls.findRested(agreement, clock.now() - trust.limits().acknowledgementDueSeconds)
    if (due === undefined) return
    throw new Refusal('ACKNOWLEDGEMENT_DUE', { pull: due.pull, delivery: await closePull(due.pull, 'lapsed') })
  }

  /** One transaction: of any number of orders at once exactly the allowed number get in. */
  function store(
    { id, text, order, granted: { grant, right }, agreement }: Demand,
    presented: AgreementRecord | undefined,
  ): void {
    if (servedPulls.find(id) !== undefined) return
    const earlier = servedPulls.findJti(order.consumer, order.jti)
    if (!(earlier === undefined)) throw new Refusal('REPLAYED', { jti: order.jti })
    const { pulls } = right.terms
    if (!(pulls === null || servedPulls.countOf(grant.agreement) < pulls)) throw new Refusal('PULLS_SPENT', { pulls })
    servedPulls.addJti(order.consumer, order.jti, id)
    if (presented?.id === agreement.id) kept.add('agreement', agreement)
    const { consumer, dataset, version, manifest } = order
    servedPulls.add({
      pull: id,
      agreement: grant.agreement,
      consumer,
      dataset,
      version,
      manifest,
      order_text: text,
      opened: clock.now(),
    })
    journal.append('pull-order', id)
    pinPaper(text)
    filings.add('pull-order', { id, text })
  }
}
