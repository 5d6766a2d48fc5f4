import type { KeyObject } from 'node:crypto'
import { fromBase64url } from '#schemas/base64url.ts'
import { checkCertificate } from '#schemas/certificates.ts'
import type { Clock } from '#schemas/clock.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { refuseStanding } from '#schemas/refuse-standing.ts'
import type { Trust } from '#schemas/trust.ts'
import type { AgreementKeys } from '#schemas/verify-agreement.ts'
import type { Certificates } from '../store/certificates.ts'

interface Deps {
  readonly trust: Trust
  readonly certificates: Certificates
  readonly clock: Clock
}

/** `verifiedBefore`: this signature was verified while its certificate was good; revoked since, it still stands. */
export interface PartyKeys extends AgreementKeys {
  member(
    thumbprint: string,
    signedAt: number,
    verifiedBefore?: boolean,
  ): { readonly member: string; readonly publicKey: KeyObject }
}

/** A member's certificate as far as it is needed to verify or to prove something. */
export interface KnownCertificate {
  readonly member: string
  readonly use: 'tls' | 'signing'
  readonly certificate: string
  readonly request: string
  readonly place: number
}

/** Registered now, or kept from an earlier directory. The request is the one first seen: a hub may not retell where a key came from. */
export function findCertificate(
  { trust, certificates }: Pick<Deps, 'trust' | 'certificates'>,
  thumbprint: string,
): KnownCertificate | undefined {
  const found = trust.findRegistered(thumbprint)
  const kept = certificates.find(thumbprint)
  if (found === undefined) return kept
  const { use, certificate, request, status } = found.registered
  return { member: found.member.id, use, certificate, request: kept?.request ?? request, place: status }
}

/**
 * Contract, Old signatures: whose key a thumbprint was when it signed. Documents reach us late, through the hub, and a
 * 30-day certificate may have ended since; one that was revoked counts no more, since when it was signed is the signer's claim.
 */
export function createPartyKeys(deps: Deps): PartyKeys {
  const { trust, clock } = deps
  return {
    member(thumbprint, signedAt, verifiedBefore = false) {
      const found = findCertificate(deps, thumbprint)
      if (found === undefined) throw new Refusal('SIGNER_UNKNOWN', { thumbprint })
      if (!(found.use === 'signing')) throw new Refusal('SIGNER_FORBIDDEN', { thumbprint })
      if (!(signedAt <= clock.now() + trust.limits().clockSkewSeconds))
        throw new Refusal('CLOCK_SKEW', { theirs: toRfc3339(signedAt), ours: clock.stamp() })
      if (!verifiedBefore && trust.statusOf(found.place) === 'revoked')
        throw refuseStanding(
          'CERTIFICATE_REVOKED',
          trust.findMember(found.member) ?? { id: found.member, name: found.member },
        )
      return { member: found.member, publicKey: keyAt(trust, found.certificate, signedAt) }
    },
    hub: (thumbprint, signedAt) => trust.hubKey('agreement', thumbprint, signedAt),
  }
}

/** An authority may have left the root since: the newest root that lists it vouches for what it issued then. */
function keyAt(trust: Trust, certificate: string, signedAt: number): KeyObject {
  let refused: unknown
  for (const { payload } of trust.roots().toReversed()) {
    try {
      return checkCertificate(fromBase64url(certificate), 'member-signing', payload.cas, new Date(signedAt * 1000))
        .publicKey
    } catch (error) {
      if (!isRefusal(error, 'CERTIFICATE_UNTRUSTED')) throw error
      refused ??= error
    }
  }
  throw refused
}
