/**
 * Certification path validation: RFC 5280 section 6, for the closed profile of this network. Clause numbers are those of the RFC.
 * What the profile leaves out (policies, name constraints, delta and indirect CRLs, unknown critical extensions) is refused, never skipped.
 */
import { type Anchor, type CandidatePath, checkPresented, maxPathLength, pathsOf } from './chain-paths.ts'
import { checkKey, checkLeaf, checkProfile, checkRole } from './chain-profile.ts'
import type { Purpose } from './chain-purposes.ts'
import { PkiError } from './error.ts'
import type { Role } from './names.ts'
import type { Certificate } from './parse-certificate.ts'
import type { Crl } from './parse-crl.ts'
import { checkRevocation } from './revocation.ts'
import { isSignatureOf } from './signature-algorithm.ts'
import { publicKeyOf } from './spki.ts'

export type { Anchor } from './chain-paths.ts'
export type { Purpose } from './chain-purposes.ts'

export interface ChainRequest {
  readonly leaf: Certificate
  /** In any order; those that are not needed do no harm, a certificate given twice does. */
  readonly intermediates: readonly Certificate[]
  readonly anchors: readonly Anchor[]
  readonly purpose: Purpose
  readonly now: Date
  /** For a document: when it was signed. The path must have been good then; the lists are read as of `now`. */
  readonly signedAt?: Date | undefined
  /** Lists of every issuer in the path, or `status-list`: the caller looks revocation up in the hub's signed status list. */
  readonly crls: readonly Crl[] | 'status-list'
}

declare const verified: unique symbol

/** Only `verifyChain` makes one. */
export interface VerifiedChain {
  readonly [verified]: true
  readonly leaf: Certificate
  /** Leaf first, anchor last. */
  readonly path: readonly Certificate[]
  readonly external: boolean
  /** 统一社会信用代码 in the leaf; undefined for the hub, and for external certificates without one (the directory then says whose they are). */
  readonly member: string | undefined
  /** Undefined for external certificates: their authority does not know our roles. */
  readonly role: Role | undefined
}

const clockSkewMilliseconds = 120_000

/**
 * A path from `leaf` to one of the anchors that is good for the purpose at that moment. Throws PkiError: CERTIFICATE_UNTRUSTED,
 * CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET_VALID, CERTIFICATE_REVOKED, CERTIFICATE_PROFILE, CERTIFICATE_IDENTITY, CRL_INVALID, each with its rule.
 */
export function verifyChain(request: ChainRequest): VerifiedChain {
  checkPresented(request.leaf, request.intermediates)
  let refusal = new PkiError('CERTIFICATE_UNTRUSTED', 'no-anchor')
  const paths = pathsOf(request.leaf, request.intermediates, request.anchors)
  for (const [index, path] of paths.entries()) {
    try {
      return verifyPath(path, request)
    } catch (error) {
      if (!(error instanceof PkiError)) throw error
      // The first path is the likeliest; its refusal is the one that helps.
      if (index === 0) refusal = error
    }
  }
  throw refusal
}

function verifyPath({ anchor, below }: CandidatePath, request: ChainRequest): VerifiedChain {
  const path = [anchor.certificate, ...below]
  const at = momentOf(request)
  // 6.1.1 (a): a prospective path of n certificates; the profile bounds n, so that a long one cannot wear the verifier out.
  if (!(path.length <= maxPathLength)) throw new PkiError('CERTIFICATE_PROFILE', 'path-too-long')

  // 6.1.2: initialization. The anchor is a certificate here, held to the same rules as those below it.
  let maxBelow = Number.POSITIVE_INFINITY
  let issuer: Certificate | undefined

  for (const [index, certificate] of path.entries()) {
    const isLast = index === path.length - 1
    // 6.1.4 (o), 6.1.5 (f), 4.1, 4.2: nothing critical that is not understood, nothing that changes the meaning of the rest.
    checkProfile(certificate)
    checkKey(certificate, anchor.external)
    // 6.1.3 (a)(1), (a)(4): signed by the one above, by name, key identifier and key.
    if (issuer !== undefined) checkIssued(certificate, issuer)
    // 6.1.3 (a)(2): an expired authority vouches for nobody.
    checkValidity(certificate, at)
    // 6.1.3 (a)(3): an anchor is taken off the list of anchors, never off a CRL.
    if (issuer !== undefined && request.crls !== 'status-list')
      checkRevocation(certificate, issuer, request.crls, { now: request.now, at })
    // An anchor is an authority in any case: a listed end entity would vouch for itself.
    if (isLast && index > 0 && request.purpose !== 'crl') break
    // 6.1.4 (k), (n): without this any member's certificate could issue more.
    checkAuthority(certificate)
    // 6.1.4 (l), (m): how many authorities may still follow. Self-issued ones count too: the profile has no use for them.
    const authoritiesBelow = path.length - index - (request.purpose === 'crl' ? 1 : 2)
    maxBelow = Math.min(maxBelow - 1, certificate.extensions.basicConstraints?.pathLength ?? Number.POSITIVE_INFINITY)
    if (!(authoritiesBelow <= maxBelow)) throw new PkiError('CERTIFICATE_PROFILE', 'path-length')
    issuer = certificate
  }

  // 6.1.5: wrap-up. What the end of the path may do, and whom it names.
  checkLeaf(request.leaf, anchor, request.purpose)
  return prove(request.leaf, path, anchor, request.purpose)
}

function momentOf({ now, signedAt }: ChainRequest): Date {
  if (signedAt === undefined) return now
  if (!(signedAt.getTime() <= now.getTime() + clockSkewMilliseconds))
    throw new PkiError('CERTIFICATE_NOT_YET_VALID', 'not-yet-valid')
  return signedAt
}

function checkIssued(certificate: Certificate, issuer: Certificate): void {
  if (!certificate.issuer.der.equals(issuer.subject.der)) throw new PkiError('CERTIFICATE_UNTRUSTED', 'no-anchor')
  // 4.2.1.1, 4.2.1.2: a rogue authority can take the name; the identifier says which key was meant, the signature proves it.
  const identifier = issuer.extensions.subjectKeyIdentifier
  if (!(identifier !== undefined && certificate.extensions.authorityKeyIdentifier === identifier))
    throw new PkiError('CERTIFICATE_UNTRUSTED', 'key-identifier')
  const key = { algorithm: issuer.publicKey.algorithm, object: publicKeyOf(issuer.publicKey, 'CERTIFICATE_PROFILE') }
  if (!isSignatureOf(key, certificate.signatureAlgorithm, certificate.tbs, certificate.signature))
    throw new PkiError('CERTIFICATE_UNTRUSTED', 'signature')
}

/** Both ends belong to the life (4.1.2.5); a moment that is no date is in no life. */
function checkValidity({ notBefore, notAfter }: Certificate, at: Date): void {
  if (!(notBefore <= at))
    throw new PkiError('CERTIFICATE_NOT_YET_VALID', 'not-yet-valid', { notBefore: notBefore.toISOString() })
  if (!(at <= notAfter)) throw new PkiError('CERTIFICATE_EXPIRED', 'expired', { notAfter: notAfter.toISOString() })
}

function checkAuthority({ extensions }: Certificate): void {
  if (!(extensions.basicConstraints?.ca === true && isCritical(extensions.entries, '2.5.29.19')))
    throw new PkiError('CERTIFICATE_PROFILE', 'basic-constraints')
  if (!(extensions.keyUsage?.includes('keyCertSign') === true && isCritical(extensions.entries, '2.5.29.15')))
    throw new PkiError('CERTIFICATE_PROFILE', 'key-usage')
  if (!(extensions.subjectKeyIdentifier !== undefined)) throw new PkiError('CERTIFICATE_PROFILE', 'key-identifier')
  // Our authorities name no purposes; one that does is meant for something else.
  if (!(extensions.extendedKeyUsage === undefined)) throw new PkiError('CERTIFICATE_PROFILE', 'extended-key-usage')
}

function isCritical(entries: Certificate['extensions']['entries'], oid: string): boolean {
  return entries.some((entry) => entry.oid === oid && entry.critical)
}

function prove(leaf: Certificate, path: readonly Certificate[], anchor: Anchor, purpose: Purpose): VerifiedChain {
  const { member, role } = checkRole(leaf, anchor, purpose)
  return Object.freeze({
    leaf,
    path: Object.freeze([...path].reverse()),
    external: anchor.external,
    member,
    role,
  }) as unknown as VerifiedChain
}
