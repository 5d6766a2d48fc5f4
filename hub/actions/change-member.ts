import { isCompromise } from '#schemas/compromise.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Status } from '#schemas/status-list.ts'
import type { Deciding } from '../deps.ts'
import type { CertificateRow, PairRow } from '../store/certificates.ts'
import type { MemberRow } from '../store/members.ts'
import { refreshCrls } from './keep-crls.ts'
import { requireDecider } from './operators.ts'
import { type Office, signDecisionOn } from './sign-statement.ts'
import { alignPlaces, effectiveStanding } from './standing.ts'

/** A registrar suspends a member, or lifts that. Returns the standing that follows. */
export async function changeStanding(
  r: Office,
  id: string,
  to: 'suspended' | 'good',
  by: Deciding,
): Promise<{ id: string; state: Status }> {
  const state = await r.commit(() => {
    requireDecider(r, by, 'registrar', { reasoned: true })
    const member = requireMember(r, id)
    const from = to === 'suspended' ? 'good' : 'suspended'
    if (!(member.standing === from))
      throw new Refusal('TRANSITION_REFUSED', {
        member: id,
        state: member.standing,
        message: to === 'suspended' ? 'suspend' : 'resume',
      })
    const changed = { ...member, standing: to, reason: to === 'suspended' ? by.reason : null }
    r.members.save(changed)
    signDecisionOn(r, { kind: 'member', id }, to === 'suspended' ? 'suspended' : 'resumed', by)
    alignPlaces(r, id)
    return effectiveStanding(r, changed)
  })
  await r.published()
  return { id, state }
}

/** How a revocation is meant: `since` (Unix seconds) says from when the key was in other hands. */
export interface Revoking {
  readonly by: Deciding
  readonly since: number | undefined
}

/** A registrar revokes a member with all its certificates, for good; only a new code brings it back. */
export async function revokeMember(r: Office, id: string, { by, since }: Revoking): Promise<{ revoked: string[] }> {
  const revoked = await r.commit(() => {
    requireDecider(r, by, 'registrar', { reasoned: true })
    const member = requireMember(r, id)
    r.members.save({ ...member, standing: 'revoked', reason: by.reason })
    r.codes.dropUnused(id)
    const done = r.certificates
      .pairsOf(id)
      .filter(({ state }) => state !== 'revoked')
      .flatMap((pair) => revokePair(r, pair, by.reason, since))
    signDecisionOn(r, { kind: 'member', id }, 'revoked', by, since)
    // Its keys are gone: nothing is left for a person to acknowledge.
    for (const row of r.codes.waiting().filter(({ member }) => member === id)) {
      const decision = signDecisionOn(r, { kind: 'admission', id: row.id }, 'refused', by)
      r.codes.decide({ ...row, state: 'refused', decision })
    }
    alignPlaces(r, id)
    return done
  })
  await settle(r)
  return { revoked }
}

/** A registrar revokes a certificate and with it the other one of its pair. */
export async function revokeCertificate(
  r: Office,
  thumbprint: string,
  { by, since }: Revoking,
): Promise<{ revoked: string[] }> {
  const revoked = await r.commit(() => {
    requireDecider(r, by, 'registrar', { reasoned: true })
    const { request, member } = r.certificates.find(thumbprint) as CertificateRow
    const pair = r.certificates.findPair(request) as PairRow
    if (pair.state === 'revoked') throw new Refusal('ALREADY_DECIDED', { certificate: thumbprint })
    const done = revokePair(r, pair, by.reason, since)
    signDecisionOn(r, { kind: 'certificate', id: thumbprint }, 'revoked', by, since)
    alignPlaces(r, member)
    return done
  })
  await settle(r)
  return { revoked }
}

/** Both certificates of a pair. Inside a transaction. Returns their thumbprints. */
export function revokePair(r: Office, pair: PairRow, reason: string, since: number | undefined): string[] {
  const now = r.clock.now()
  if (since !== undefined && !(since <= now))
    throw new Refusal('CLOCK_SKEW', {
      field: '/since',
      since,
      rule: 'a key was lost in the past',
      detail: { zh: '密钥泄露时间晚于现在', en: 'The key is said to be lost in the future' },
      remedy: { zh: '请填写已经过去的时间', en: 'Give a time that has passed' },
    })
  const compromised = isCompromise(reason, since) ? 1 : 0
  r.certificates.savePair({ ...pair, state: 'revoked', reason, revoked: now, since: since ?? now, compromised })
  return r.certificates.ofRequest(pair.request).map(({ thumbprint }) => thumbprint)
}

/** What counts at once comes first; the list for outsiders follows. */
export async function settle(r: Office): Promise<void> {
  await r.published()
  await refreshCrls(r)
}

function requireMember(r: Office, id: string): MemberRow {
  const member = r.members.find(id)
  if (member === undefined) throw new Refusal('MEMBER_UNKNOWN', { member: id })
  return member
}
