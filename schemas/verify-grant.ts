import { base64urlToHex } from './base64url.ts'
import { type Clock, fromRfc3339 } from './clock.ts'
import type { Grant, Terms } from './kinds.ts'
import { LIMITS } from './limits.ts'
import { Refusal } from './refusal.ts'
import type { Trust } from './trust.ts'
import { markVerified, type Verified } from './verified.ts'

/** Under what right the owner serves: its own signature, or an entry of its own that still stands as an open offer. */
export interface OwnersRight {
  readonly consumer: string
  readonly dataset: string
  readonly terms: Terms
  /** Certificate that signed the agreement for the consumer, or one a later `resume` named. */
  readonly consumerSigner: string
}

/** Where and by whom a grant is presented. */
export interface Presentation {
  readonly owner: string
  /** SHA-256 of the caller's TLS certificate on this very connection. */
  readonly callerThumbprint: string
  readonly trust: Trust
  readonly clock: Clock
  /** 6.3.6: throws unless this node signed the agreement or still offers it, and has not stopped it itself. */
  requireOwnersRight(grant: Grant, callerClass: string): OwnersRight
  /** 6.3.7: throws unless the caller's certificate descends from `signer`. */
  requireContinuity(callerThumbprint: string, signer: string): Promise<void>
}

/** What a pull may rest on: the grant, and the terms the owner itself agreed to. */
export interface GrantedRight {
  readonly grant: Grant
  readonly right: OwnersRight
}

/** Protocol 6.3: everything an owner's node checks before it serves one byte. Order matters: cheap and outer first. */
export async function verifyGrant(text: string, at: Presentation): Promise<Verified<GrantedRight>> {
  // Protocol 6.3.1: a node, or a thief of any other key, could otherwise write its own grants.
  const { payload: grant } = at.trust.verifyHub('grant', text)

  // Protocol 6.3.2: a grant for one node is worth nothing at another.
  if (!(grant.aud === at.owner)) throw new Refusal('GRANT_AUDIENCE', { audience: grant.aud })

  requireRunning(grant, at)

  // Protocol 6.3.4: a stolen grant is useless without the holder's private key. Never conditional: grants are always bound.
  if (!(base64urlToHex(grant.cnf['x5t#S256']) === at.callerThumbprint)) throw new Refusal('GRANT_HOLDER_MISMATCH')
  const caller = at.trust.requireCertificate(at.callerThumbprint, 'tls')
  if (!(caller.member.id === grant.sub))
    throw new Refusal('GRANT_SUBJECT', { subject: grant.sub, caller: caller.member.id })

  requireAgreementGood(grant, at)

  // Protocol 6.3.6: a hub that turned bad must not be able to open our data.
  const right = at.requireOwnersRight(grant, caller.member.class)
  if (!(right.consumer === grant.sub && right.dataset === grant.dataset))
    throw new Refusal('GRANT_SCOPE', { dataset: grant.dataset })

  // Protocol 6.3.7: nor to put a key of its own in the consumer's place.
  await at.requireContinuity(at.callerThumbprint, right.consumerSigner)

  // Protocol 6.3.8: what we agreed to bounds what the grant says.
  if (!(at.clock.now() < fromRfc3339(right.terms.until)))
    throw new Refusal('AGREEMENT_EXPIRED', { until: right.terms.until })
  if (!(grant.terms.purpose === right.terms.purpose)) throw new Refusal('PURPOSE_MISMATCH')
  return markVerified({ grant, right })
}

/** Protocol 6.3.3: runs now, and not longer than the protocol and our own settings allow. */
export function requireRunning(grant: Grant, at: Pick<Presentation, 'clock' | 'trust'>): void {
  const now = at.clock.now()
  const { clockSkewSeconds, grantSeconds } = at.trust.limits()
  if (!(grant.iat <= now + clockSkewSeconds)) throw new Refusal('CLOCK_SKEW', { granted: grant.iat, now })
  if (!(grant.exp - grant.iat <= LIMITS.grantSeconds))
    throw new Refusal('GRANT_TOO_LONG', { seconds: grant.exp - grant.iat })
  if (!(now < Math.min(grant.exp, grant.iat + grantSeconds))) throw new Refusal('GRANT_EXPIRED', { exp: grant.exp })
}

/** Protocol 6.3.5: suspended or ended agreements stop here within a status list's life. */
export function requireAgreementGood(
  grant: Pick<Grant, 'status' | 'agreement'>,
  at: Pick<Presentation, 'trust'>,
): void {
  at.trust.requireFreshStatus()
  const status = at.trust.statusOf(grant.status)
  if (status === 'suspended') throw new Refusal('AGREEMENT_SUSPENDED', { agreement: grant.agreement })
  if (!(status === 'good')) throw new Refusal('AGREEMENT_TERMINATED', { agreement: grant.agreement })
}
