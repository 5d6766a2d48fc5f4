import { issueCrl, type Revocation } from '#pki/issue-crl.ts'
import { REVOCATION_REASONS, type RevocationReason } from '#pki/parse-crl.ts'
import { sha256 } from '#schemas/hash.ts'
import type { Registry } from '../registry.ts'
import type { RevokedRow } from '../store/certificates.ts'
import { CRL_DAYS } from './make-authority.ts'
import { issuersOf } from './online-keys.ts'

/** Revoked certificates stay on the list this long after their end (RFC 5280 section 3.3: at least one list beyond). */
const LISTED_AFTER_END_SECONDS = 30 * 86_400

/** Signs the CRL of every issuing CA of ours anew: after a revocation, and daily. */
export async function refreshCrls(r: Registry): Promise<void> {
  for (const { issuer } of issuersOf(r)) {
    const id = sha256(issuer.certificate.publicKey.der)
    const issued = r.clock.now()
    const number = Math.max((r.crls.find(id)?.number ?? 0) + 1, issued)
    const nextUpdate = issued + CRL_DAYS.issuing * 86_400
    const revoked = r.certificates.revokedBy(id, issued - LISTED_AFTER_END_SECONDS).map(revocationOf)
    const der = await issueCrl({
      issuer,
      revoked,
      number: BigInt(number),
      now: r.clock.date(),
      nextUpdate: new Date(nextUpdate * 1000),
    })
    // Two at once: the store keeps the higher number, and the later one has seen both revocations.
    await r.commit(() => {
      r.crls.replace({ issuer: id, number, der, issued, nextUpdate })
      r.journal.append('crl', sha256(der))
    })
  }
}

/** Is the newest list of any CA of ours a day old, or did a crash come between a revocation and its list? */
export function areCrlsDue(r: Registry): boolean {
  return issuersOf(r).some(({ issuer }) => {
    const issued = r.crls.find(sha256(issuer.certificate.publicKey.der))?.issued
    return !(issued !== undefined && r.clock.now() - issued < 86_400 && r.certificates.lastRevoked() <= issued)
  })
}

function revocationOf({ serial, revoked, reason, compromised }: RevokedRow): Revocation {
  return { serial, date: new Date(revoked * 1000), reason: compromised === 1 ? 'keyCompromise' : reasonOf(reason) }
}

/** A reason that is a name of RFC 5280 section 5.3.1 is said as that; free text stays in the decision. `removeFromCRL` belongs to delta lists. */
function reasonOf(reason: string | null): RevocationReason {
  const name = Object.keys(REVOCATION_REASONS).find((one) => one === reason?.trim()) as RevocationReason | undefined
  return name === undefined || name === 'removeFromCRL' || name === 'certificateHold' ? 'unspecified' : name
}
