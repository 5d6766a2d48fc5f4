import { isUscc } from '#pki/uscc.ts'
import { fromRfc3339 } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { Caller } from '#web/serving/require-caller.ts'
import type { Office } from './sign-statement.ts'
import { alignPlaces } from './standing.ts'

/** What the sponsor hears: the sponsorship's id, and whether it stands. */
export interface Sponsored {
  readonly sponsorship: string
  readonly state: 'standing' | 'ended'
}

/** Protocol 3.5: a member association gives its word for an affiliate, or takes it back. The same again: the same answer. */
export async function receiveSponsorship(r: Office, text: string, caller: Caller): Promise<Sponsored> {
  const kind = kindOf(text)
  const { id } = parseDocument(kind, text)
  const known = r.documents.find(id)
  if (known !== undefined && known.answer !== null && known.member === caller.member.id)
    return JSON.parse(known.answer) as Sponsored
  const answer = await r.commit(() =>
    kind === 'sponsorship' ? sponsor(r, text, caller) : endSponsorship(r, text, caller),
  )
  await r.published()
  return answer
}

function kindOf(text: string): 'sponsorship' | 'sponsorship-revocation' {
  try {
    parseDocument('sponsorship', text)
    return 'sponsorship'
  } catch (error) {
    if (isRefusal(error, 'DOCUMENT_KIND')) return 'sponsorship-revocation'
    throw error
  }
}

function sponsor(r: Office, text: string, caller: Caller): Sponsored {
  const { document, signer } = r.trust.verifyMember('sponsorship', text)
  const { sponsor, affiliate, until, jti } = document.payload
  requireSponsor(signer.member.id, sponsor, caller)
  const present = r.members.find(affiliate)
  if (!(isUscc(affiliate) && (present === undefined || present.class === 'affiliate')))
    throw new Refusal('SPONSOR_INELIGIBLE', { affiliate, class: present?.class })
  const ends = until === null ? null : fromRfc3339(until)
  if (ends !== null && !(r.clock.now() < ends)) throw new Refusal('PERIOD_OVER', { until })
  const answer: Sponsored = { sponsorship: document.id, state: 'standing' }
  r.documents.keep({ id: document.id, kind: 'sponsorship', member: sponsor, jti, text, answer: JSON.stringify(answer) })
  // A newer word of the same sponsor takes the place of the one before, also where it ends sooner.
  for (const before of r.members.sponsorshipsBetween(sponsor, affiliate))
    r.members.endSponsorship(before.id, document.id)
  r.members.addSponsorship({ id: document.id, sponsor, affiliate, until: ends })
  r.journal.append('sponsorship', document.id)
  alignPlaces(r, affiliate)
  return answer
}

function endSponsorship(r: Office, text: string, caller: Caller): Sponsored {
  const { document, signer } = r.trust.verifyMember('sponsorship-revocation', text)
  const { sponsor, affiliate, sponsorship, jti } = document.payload
  requireSponsor(signer.member.id, sponsor, caller)
  const found = r.members.findSponsorship(sponsorship)
  if (!(found?.sponsor === sponsor && found.affiliate === affiliate)) throw new Refusal('NOT_FOUND', { sponsorship })
  const answer: Sponsored = { sponsorship, state: 'ended' }
  r.documents.keep({
    id: document.id,
    kind: 'sponsorship-revocation',
    member: sponsor,
    jti,
    text,
    answer: JSON.stringify(answer),
  })
  r.members.endSponsorship(sponsorship, document.id)
  r.journal.append('sponsorship-revocation', document.id)
  alignPlaces(r, affiliate)
  return answer
}

/** The word of an association for itself, over its own connection. */
function requireSponsor(signer: string, sponsor: string, { member }: Caller): void {
  if (!(signer === sponsor && member.id === sponsor)) throw new Refusal('MEMBER_MISMATCH', { signer, sponsor })
  if (!(member.class === 'association')) throw new Refusal('SPONSOR_INELIGIBLE', { sponsor, class: member.class })
}
