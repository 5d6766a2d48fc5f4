import type { ParsedDocument } from '#schemas/document.ts'
import type { Grant, Kind } from '#schemas/kinds.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { MemberClass } from '#schemas/shapes.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Verified } from '#schemas/verified.ts'
import { type GrantedRight, type OwnersRight, verifyGrant } from '#schemas/verify-grant.ts'
import type { AgreementRecord, ExchangeDeps } from '../exchange-deps.ts'
import type { AgreementFinder } from './find-agreement.ts'
import { lookAgain } from './look-again.ts'
import type { RequireContinuity } from './require-continuity.ts'

type Deps = Pick<
  ExchangeDeps,
  'member' | 'trust' | 'clock' | 'agreements' | 'datasets' | 'refreshTrust' | 'refreshAgreements'
> & {
  readonly finder: AgreementFinder
  readonly requireContinuity: RequireContinuity
}

/** A right that holds at this moment, with the agreement it rests on. */
export interface OpenedRight {
  readonly granted: Verified<GrantedRight>
  readonly agreement: AgreementRecord
}

/** Protocol 6.3 for one request or one look at a running transfer; `presented` is an agreement that came with the order. */
export type OpenRight = (grant: string, callerThumbprint: string, presented?: AgreementRecord) => Promise<OpenedRight>

const AGREEMENTS_SECONDS = 5

/** Everything that can end a right is asked anew each time; only the grant's signature is remembered, by its text. */
export function createOpenRight({
  member,
  clock,
  finder,
  requireContinuity,
  refreshTrust,
  refreshAgreements,
  ...deps
}: Deps): OpenRight {
  const trust = rememberGrants(deps.trust)
  let refreshed = 0

  return async (text, callerThumbprint, presented) => {
    const open = () => lookAgain(refreshTrust, () => openNow(text, callerThumbprint, presented))
    try {
      return await open()
    } catch (error) {
      // The hub granted it, so it may be final there and not in our books yet: asked once, at most every 5 s.
      const isNews =
        isRefusal(error, 'AGREEMENT_NOT_OURS', 'AGREEMENT_NOT_FINAL') && clock.now() >= refreshed + AGREEMENTS_SECONDS
      if (!isNews) throw error
      refreshed = clock.now()
      await refreshAgreements().catch((reason) => {
        if (!isRefusal(reason)) throw reason
      })
      return open()
    }
  }

  async function openNow(
    text: string,
    callerThumbprint: string,
    presented: AgreementRecord | undefined,
  ): Promise<OpenedRight> {
    let agreement: AgreementRecord | undefined
    const granted = await verifyGrant(text, {
      owner: member,
      callerThumbprint,
      trust,
      clock,
      requireContinuity,
      requireOwnersRight(grant, callerClass) {
        agreement = finder.find(grant.agreement, presented)
        return requireOwnersRight(grant, callerClass, agreement, deps)
      },
    })
    if (agreement === undefined) throw new Refusal('AGREEMENT_NOT_OURS', { agreement: granted.grant.agreement })
    return { granted, agreement }
  }

  /** Protocol 6.3.6 */
  function requireOwnersRight(
    grant: Grant,
    callerClass: string,
    agreement: AgreementRecord | undefined,
    known: Pick<Deps, 'agreements' | 'datasets'>,
  ): OwnersRight {
    // A bad hub could name an agreement that nobody here ever saw.
    if (agreement === undefined || !agreement.payload.dataset.startsWith(`${member}/`))
      throw new Refusal('AGREEMENT_NOT_OURS', { agreement: grant.agreement })
    requireRunningState(agreement)
    const newest = known.datasets.newestEntry(agreement.payload.dataset)
    if (newest?.payload === undefined) throw new Refusal('DATASET_WITHDRAWN', { dataset: agreement.payload.dataset })
    if (agreement.payload.sharing === 'unconditional') requireStandingOffer(agreement, callerClass, known)
    else if (!agreement.signers.has(member)) throw new Refusal('AGREEMENT_NOT_OURS', { agreement: agreement.id })
    const consumerSigner = agreement.signers.get(agreement.payload.consumer)
    if (consumerSigner === undefined) throw new Refusal('SIGNATURES_INCOMPLETE', { missing: 'consumer' })
    const { consumer, dataset, terms } = agreement.payload
    return { consumer, dataset, terms, consumerSigner }
  }
}

/** Our own word counts at once, hub or no hub; the other party's as soon as we know of it. */
export function requireRunningState({ id, state, cause, suspendedBy }: AgreementRecord): void {
  if (state === 'SUSPENDED') throw new Refusal('AGREEMENT_SUSPENDED', { agreement: id, by: suspendedBy })
  if (state === 'TERMINATED')
    throw new Refusal(cause === 'expired' ? 'AGREEMENT_EXPIRED' : 'AGREEMENT_TERMINATED', { agreement: id, cause })
  if (!(state === 'FINALIZED')) throw new Refusal('AGREEMENT_NOT_FINAL', { agreement: id, state })
}

/**
 * The entry is our signed open offer: it must be one of ours, under the same terms as the newest, for this class of
 * member, and not for one whose agreement on it we or the hub have stopped.
 */
function requireStandingOffer(
  { id, payload }: AgreementRecord,
  callerClass: string,
  { agreements, datasets }: Pick<Deps, 'agreements' | 'datasets'>,
): void {
  const entry = datasets.findEntry(payload.entry)?.payload
  if (entry === undefined || entry.dataset !== payload.dataset || entry.meta.sharing !== 'unconditional')
    throw new Refusal('AGREEMENT_NOT_OURS', { agreement: id, entry: payload.entry })
  const newest = datasets.newestEntry(payload.dataset)?.payload
  if (newest === undefined) throw new Refusal('DATASET_WITHDRAWN', { dataset: payload.dataset })
  if (!(entry.terms === newest.terms && payload.offerTerms === newest.terms))
    throw new Refusal('OFFER_CHANGED', { agreed: entry.terms, newest: newest.terms })
  if (!newest.meta.audience.includes(callerClass as MemberClass))
    throw new Refusal('AUDIENCE_EXCLUDED', { class: callerClass })
  // Attack: the hub makes a new agreement by itself where we have just ended one.
  const stop = findStop(agreements.between(payload.consumer, payload.dataset))
  if (stop !== undefined) requireRunningState(stop)
}

/** Of one consumer's agreements on a dataset, the one that ends the open offer to it: ended by owner or hub, or suspended. */
export function findStop(agreements: readonly AgreementRecord[]): AgreementRecord | undefined {
  return agreements.find(
    ({ state, endedBy }) =>
      state === 'SUSPENDED' || (state === 'TERMINATED' && (endedBy === 'owner' || endedBy === 'hub')),
  )
}

const MOST_REMEMBERED = 1_000

/** Trust whose `verifyHub` remembers grants that verified, until the root changes: their signature cannot turn bad later. */
function rememberGrants(trust: Trust): Trust {
  const known = new Map<string, unknown>()
  let root = trust.root()

  function verifyHub<K extends Kind>(kind: K, text: string): Verified<ParsedDocument<K>> {
    if (kind !== 'grant') return trust.verifyHub(kind, text)
    // A compromised grant key leaves with the next root, and everything it signed with it (threats A20).
    if (trust.root() !== root) known.clear()
    root = trust.root()
    const remembered = known.get(text) as Verified<ParsedDocument<K>> | undefined
    if (remembered !== undefined) return remembered
    const verified = trust.verifyHub(kind, text)
    if (known.size >= MOST_REMEMBERED) known.delete(known.keys().next().value as string)
    known.set(text, verified)
    return verified
  }

  return { ...trust, verifyHub }
}
