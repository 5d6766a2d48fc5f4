import { isUscc } from '#pki/uscc.ts'
import { type Clock, endOfBeijingDay, fromRfc3339 } from '#schemas/clock.ts'
import { parseDocument, type Signer, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Papers } from '../store/papers.ts'
import type { Sponsorships } from '../store/sponsorships.ts'
import { type Delivery, isOnItsWay } from './deliver-documents.ts'
import type { Membership } from './own-membership.ts'
import type { InTurn } from './take-turns.ts'

interface Deps {
  readonly trust: Pick<Trust, 'net' | 'findMember'>
  readonly clock: Clock
  readonly signer: () => Signer
  readonly journal: Journal
  readonly papers: Papers
  readonly pinPaper: (text: string) => void
  readonly sponsorships: Sponsorships
  readonly delivery: Pick<Delivery, 'post'>
  readonly membership: () => Membership
  readonly inTurn: InTurn
}

/** What `sponsor` and `unsponsor` print. */
export interface Sponsored {
  readonly sponsorship: string
  readonly affiliate: string
  readonly until: string | null
  readonly state: 'standing' | 'revoked' | 'queued'
}

const REVOKED = '担保单位撤回 / withdrawn by the sponsor'

/** Protocol 3.5: our word for an affiliate, and taking it back. `until`: a day, Beijing time. USCC_INVALID, SPONSOR_INELIGIBLE, PERIOD_OVER. */
export function createSponsor(deps: Deps) {
  const { sponsorships, clock, trust } = deps

  function requireEligible(affiliate: string): string {
    if (!isUscc(affiliate)) throw new Refusal('USCC_INVALID', { field: '/member', member: affiliate.slice(0, 40) })
    const { member, memberClass } = deps.membership()
    const known = trust.findMember(affiliate)
    if (!(memberClass === 'association' && (known === undefined || known.class === 'affiliate')))
      throw new Refusal('SPONSOR_INELIGIBLE', { sponsor: member, affiliate })
    return member
  }

  async function sponsor(affiliate: string, day: string | undefined): Promise<Sponsored> {
    const member = requireEligible(affiliate)
    const until = day === undefined ? null : endOfBeijingDay(day)
    if (!(until === null || clock.now() < fromRfc3339(until))) throw new Refusal('PERIOD_OVER', { until })
    const known = sponsorships.findStanding(affiliate)
    if (known !== undefined && known.until === until)
      return said(known.sponsorship, affiliate, until, known.state === 'queued' ? 'queued' : 'standing')
    const payload = { net: trust.net, jti: newJti(), iat: clock.now(), sponsor: member, affiliate, until }
    const text = signDocument('sponsorship', payload, deps.signer())
    const { id } = parseDocument('sponsorship', text)
    const sent = await send('sponsorship', id, text, affiliate, () =>
      sponsorships.add({ sponsorship: id, affiliate, until, revocation: null, state: 'queued' }),
    )
    return said(id, affiliate, until, sent ? 'standing' : 'queued')
  }

  async function unsponsor(affiliate: string, reason: string = REVOKED): Promise<Sponsored> {
    const { member } = deps.membership()
    const standing = sponsorships.findStanding(affiliate)
    if (standing === undefined) throw new Refusal('NOT_FOUND', { affiliate })
    const { sponsorship, until } = standing
    const payload = { net: trust.net, jti: newJti(), iat: clock.now(), sponsor: member, affiliate, sponsorship, reason }
    const text = signDocument('sponsorship-revocation', payload, deps.signer())
    const { id } = parseDocument('sponsorship-revocation', text)
    const sent = await send('sponsorship-revocation', id, text, affiliate, () => sponsorships.revoke(sponsorship, id))
    return said(sponsorship, affiliate, until, sent ? 'revoked' : 'queued')
  }

  /** Whether the hub has answered; stored and on its way in either case. */
  async function send(
    kind: 'sponsorship' | 'sponsorship-revocation',
    id: string,
    text: string,
    affiliate: string,
    job: () => void,
  ): Promise<boolean> {
    const parcel = {
      lane: `sponsorship:${affiliate}`,
      path: '/v1/sponsorships',
      field: 'document',
      kind,
      document: id,
      text,
    }
    try {
      await deps.delivery.post(parcel, () => {
        job()
        deps.papers.keep({ id, kind, story: null, signer: deps.membership().member, iat: clock.now(), text })
        deps.pinPaper(text)
        deps.journal.append(kind, id)
      })
      return true
    } catch (error) {
      if (!isOnItsWay(error)) throw error
      return false
    }
  }

  return {
    sponsor: (affiliate: string, day?: string) => deps.inTurn(affiliate, () => sponsor(affiliate, day)),
    unsponsor: (affiliate: string, reason?: string) => deps.inTurn(affiliate, () => unsponsor(affiliate, reason)),
  }
}

function said(sponsorship: string, affiliate: string, until: string | null, state: Sponsored['state']): Sponsored {
  return { sponsorship, affiliate, until, state }
}
