import { randomBytes } from 'node:crypto'
import { checkSubject } from '#pki/names.ts'
import { isUscc } from '#pki/uscc.ts'
import { toBase64url } from '#schemas/base64url.ts'
import { isDisplayText } from '#schemas/catalog/display-text.ts'
import { refusingPki } from '#schemas/certificates.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { formatEnrolmentCode } from '#schemas/enrolment-code.ts'
import { sha256 } from '#schemas/hash.ts'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { MemberClass } from '#schemas/shapes.ts'
import type { VerifiedRoot } from '#schemas/verify-root.ts'
import { urlOf } from '../config.ts'
import type { Registry } from '../registry.ts'
import { requireOperator } from './operators.ts'

/** Whom a code admits. */
export interface Admitted {
  readonly class: MemberClass
  readonly member: string
  readonly name: string
}

/**
 * A registrar's one-time code for a new member, or for one whose keys are lost: that one's certificates are revoked first
 * (MEMBER_EXISTS), so that a code never makes a second set of keys beside a living one. `expires` is RFC 3339.
 */
export async function makeCode(
  r: Registry,
  { class: memberClass, member, name }: Admitted,
  operator: string,
): Promise<{ code: string; expires: string }> {
  if (!isUscc(member)) throw new Refusal('USCC_INVALID', { field: '/member', member })
  if (!isDisplayText(name)) throw new Refusal('TEXT_INVALID', { field: '/name' })
  refusingPki(() => checkSubject({ commonName: name, organization: name, role: 'node-signing', member }))
  const secret = toBase64url(randomBytes(LIMITS.enrolmentCodeBytes))
  const expires = r.clock.now() + LIMITS.enrolmentCodeSeconds
  await r.commit(() => {
    requireOperator(r, operator, 'registrar')
    requireNoKeys(r, member)
    // The secret's hash alone is stored, and not even that goes to the journal.
    r.codes.add({ hash: sha256(secret), member, name, class: memberClass, operator, expires, used: null })
    r.facts.record('code', { member, name, class: memberClass, operator, at: r.clock.now(), expires })
  })
  const { fingerprint } = r.trust.roots().at(-1) as VerifiedRoot
  const url = urlOf('https', r.config.address, r.config.ports.enrolment)
  return { code: formatEnrolmentCode({ url, member, secret, fingerprint }), expires: toRfc3339(expires) }
}

function requireNoKeys(r: Registry, member: string): void {
  const renewable = r.clock.now() - LIMITS.renewalGraceDays * 86_400
  const living = r.certificates
    .pairsOf(member)
    .some(
      ({ request, state }) =>
        state !== 'revoked' && r.certificates.ofRequest(request).some(({ notAfter }) => notAfter >= renewable),
    )
  if (living) throw new Refusal('MEMBER_EXISTS', { member })
}
