import { toRfc3339 } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { MemberClass } from '#schemas/shapes.ts'
import { type ShownDocument, showDocument } from '#schemas/show-document.ts'
import type { Status } from '#schemas/status-list.ts'
import { pickId } from '../pick-id.ts'
import type { PairRow } from '../store/certificates.ts'
import type { AdmissionRow } from '../store/codes.ts'
import type { Office } from './sign-statement.ts'
import { effectiveStanding, standingSponsorships } from './standing.ts'

/** The two certificates of one request. Times are RFC 3339. */
export interface ShownPair {
  readonly request: string
  readonly number: number
  readonly state: Status
  readonly reason: string | null
  readonly issued: string
  readonly revoked: string | null
  readonly since: string | null
  readonly compromised: boolean
  readonly renewed: boolean
  readonly certificates: readonly {
    readonly thumbprint: string
    readonly use: 'tls' | 'signing'
    readonly from: string
    readonly until: string
    /** Of a licensed CA outside. */
    readonly external: boolean
  }[]
}

/** A decision about a member, its certificates or its admission. */
export interface ShownDecision {
  readonly id: string
  readonly subject: 'member' | 'certificate' | 'admission'
  readonly outcome: string
  readonly operator: string
  readonly via: string
  readonly reason: string
  readonly at: string
}

/** A member whole. */
export interface ShownMember {
  readonly id: string
  readonly name: string
  readonly class: MemberClass
  /** What counts; `standing` is the operators' word alone. */
  readonly state: Status
  readonly standing: Status
  readonly reason: string | null
  readonly endpoint: string | null
  readonly since: string
  readonly sponsors: readonly {
    readonly id: string
    readonly name: string
    readonly until: string | null
    readonly stands: boolean
  }[]
  readonly sponsored: readonly { readonly id: string; readonly name: string }[]
  readonly pairs: readonly ShownPair[]
  readonly admissions: readonly (Omit<AdmissionRow, 'since'> & { readonly since: string })[]
  readonly decisions: readonly ShownDecision[]
}

/** An admission whole: the code's word, the node's request, and what was decided. */
export interface ShownAdmission {
  readonly id: string
  readonly state: AdmissionRow['state']
  readonly since: string
  readonly member: Pick<ShownMember, 'id' | 'name' | 'class' | 'state' | 'endpoint'>
  readonly pair: ShownPair
  /** Earlier pairs of the same member, so that a second enrolment is not taken for a first. */
  readonly earlier: number
  /** Who made the code. */
  readonly operator: string
  readonly documents: readonly (ShownDocument & { readonly member: string })[]
}

/** A member by its code. MEMBER_UNKNOWN. */
export function showMember(r: Office, id: string): ShownMember {
  const row = r.members.find(id)
  if (row === undefined) throw new Refusal('MEMBER_UNKNOWN', { member: id })
  const standing = new Set(standingSponsorships(r, id).map((one) => one.id))
  return {
    id,
    name: row.name,
    class: row.class,
    state: effectiveStanding(r, row),
    standing: row.standing,
    reason: row.reason,
    endpoint: row.endpoint,
    since: toRfc3339(row.since),
    sponsors: r.members.sponsorshipsOf(id).map(({ id: sponsorship, sponsor, until }) => ({
      id: sponsor,
      name: nameOf(r, sponsor),
      until: until === null ? null : toRfc3339(until),
      stands: standing.has(sponsorship),
    })),
    sponsored: r.members.sponsoredBy(id).map((one) => ({ id: one, name: nameOf(r, one) })),
    pairs: r.certificates.pairsOf(id).map((pair) => shownPair(r, pair)),
    admissions: r.codes.admissionsOf(id).map(({ since, ...one }) => ({ ...one, since: toRfc3339(since) })),
    decisions: decisionsOn(r, id),
  }
}

/** An admission by its id or the beginning of it. NOT_FOUND. */
export function showAdmission(r: Office, typed: string): ShownAdmission {
  const id = pickId(typed, r.codes.admissionsLike(typed))
  const row = r.codes.findAdmission(id)
  const member = row && r.members.find(row.member)
  const pair = row && r.certificates.findPair(row.request)
  if (row === undefined || member === undefined || pair === undefined) throw new Refusal('NOT_FOUND', { id })
  const ids = [row.request, id, ...(row.decision === null ? [] : [row.decision])]
  return {
    id,
    state: row.state,
    since: toRfc3339(row.since),
    member: {
      id: member.id,
      name: member.name,
      class: member.class,
      state: effectiveStanding(r, member),
      endpoint: member.endpoint,
    },
    pair: shownPair(r, pair),
    earlier: r.certificates.pairsOf(member.id).filter(({ number }) => number < pair.number).length,
    operator: parseDocument('admission', r.documents.find(id)?.text ?? '').payload.operator,
    documents: ids.map((one) => keptDocument(r, one)),
  }
}

function keptDocument(r: Office, id: string): ShownDocument & { member: string } {
  const kept = r.documents.find(id)
  if (kept === undefined) throw new Error(`document ${id} is referred to and missing`)
  const signer = kept.member === 'hub' ? r.config.name : nameOf(r, kept.member)
  return { ...showDocument(kept.kind, kept.text, () => signer), member: signer }
}

function shownPair(r: Office, pair: PairRow): ShownPair {
  const { request, number, state, reason, issued, revoked, since, compromised, renewed } = pair
  return {
    request,
    number,
    state,
    reason,
    issued: toRfc3339(issued),
    revoked: revoked === null ? null : toRfc3339(revoked),
    since: since === null ? null : toRfc3339(since),
    compromised: compromised === 1,
    renewed: renewed !== null,
    certificates: r.certificates.ofRequest(request).map(({ thumbprint, use, notBefore, notAfter, issuer }) => ({
      thumbprint,
      use,
      from: toRfc3339(notBefore),
      until: toRfc3339(notAfter),
      external: issuer === null,
    })),
  }
}

function decisionsOn(r: Office, member: string): ShownDecision[] {
  const own = new Set([
    member,
    ...r.certificates.ofMember(member).map(({ thumbprint }) => thumbprint),
    ...r.codes.admissionsOf(member).map(({ id }) => id),
  ])
  return r.documents.ofKind('decision').flatMap(({ id, text }) => {
    const { subject, outcome, by } = parseDocument('decision', text).payload
    if (!own.has(subject.id)) return []
    return by.map(({ operator, via, reason, at }) => ({
      id,
      subject: subject.kind as ShownDecision['subject'],
      outcome,
      operator,
      via: via.kind,
      reason,
      at,
    }))
  })
}

function nameOf(r: Office, id: string): string {
  return r.members.find(id)?.name ?? id
}
