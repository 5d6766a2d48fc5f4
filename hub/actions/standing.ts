import type { Status } from '#schemas/status-list.ts'
import type { Registry } from '../registry.ts'
import type { MemberRow, SponsorshipRow } from '../store/members.ts'

type Needs = Pick<Registry, 'members' | 'clock'>

/** Sponsorships of an affiliate that stand now: not taken back, not ended, and their sponsor itself in good standing. */
export function standingSponsorships({ members, clock }: Needs, affiliate: string): SponsorshipRow[] {
  return members.sponsorshipsOf(affiliate).filter(({ sponsor, until }) => {
    const row = members.find(sponsor)
    return row?.standing === 'good' && row.class === 'association' && (until === null || clock.now() < until)
  })
}

/** Protocol 3.5: what the directory says of a member. An affiliate that nobody vouches for any more is suspended. */
export function effectiveStanding(r: Needs, member: MemberRow): Status {
  if (member.standing !== 'good' || member.class !== 'affiliate') return member.standing
  return standingSponsorships(r, member.id).length > 0 ? 'good' : 'suspended'
}

const RANK = { good: 0, suspended: 1, revoked: 2 } as const satisfies Record<Status, number>

/** Brings the places of a member's certificates, and of those it vouches for, in line with the register. Inside a transaction. */
export function alignPlaces(
  r: Pick<Registry, 'members' | 'clock' | 'certificates' | 'places' | 'due'>,
  member: string,
): void {
  r.due.directory = true
  for (const affiliate of r.members.sponsoredBy(member)) if (affiliate !== member) alignPlaces(r, affiliate)
  const row = r.members.find(member)
  if (row === undefined) return
  const standing = effectiveStanding(r, row)
  for (const { request, place } of r.certificates.ofMember(member)) {
    const state = r.certificates.findPair(request)?.state ?? 'revoked'
    r.places.set(place, RANK[state] > RANK[standing] ? state : standing)
  }
}
