/** The closed profile: what every certificate of a path, and the last one of it, must and must not say. */

import { CERTIFICATE_PROFILES } from './certificate-profiles.ts'
import type { Anchor } from './chain-paths.ts'
import { PURPOSES, type Purpose, type PurposeRule } from './chain-purposes.ts'
import { PkiError } from './error.ts'
import { EXTENSION } from './extensions.ts'
import { findMember, findRole, type Role } from './names.ts'
import type { Certificate } from './parse-certificate.ts'

const minRsaBits = 2048
/** Above this one signature check takes milliseconds: a cheap way to keep a verifier busy. */
const maxRsaBits = 8192

/** RFC 5280 section 4.2: key identifiers and CRL addresses must not be critical, policies need processing that is not done here. */
const MAY_BE_CRITICAL: readonly string[] = [
  EXTENSION.basicConstraints,
  EXTENSION.keyUsage,
  EXTENSION.extendedKeyUsage,
  EXTENSION.subjectAltName,
]

const POLICY_PROCESSING: readonly string[] = [
  EXTENSION.policyConstraints,
  EXTENSION.policyMappings,
  EXTENSION.inhibitAnyPolicy,
]

/** Throws CERTIFICATE_PROFILE. Constraints that would have to be enforced on others are refused even when not critical. */
export function checkProfile({ issuer, subject, extensions }: Certificate): void {
  const has = (oids: readonly string[]) => extensions.entries.find(({ oid }) => oids.includes(oid))
  if (has([EXTENSION.nameConstraints]) !== undefined) throw new PkiError('CERTIFICATE_PROFILE', 'name-constraints')
  if (has(POLICY_PROCESSING) !== undefined) throw new PkiError('CERTIFICATE_PROFILE', 'policy-constraints')
  const unknown = extensions.entries.find(({ oid, critical }) => critical && !MAY_BE_CRITICAL.includes(oid))
  if (unknown !== undefined)
    throw new PkiError('CERTIFICATE_PROFILE', 'unknown-critical-extension', { oid: unknown.oid })
  // 4.1.2.4, 4.1.2.6: every certificate here names somebody.
  if (!(issuer.attributes.length > 0 && subject.attributes.length > 0))
    throw new PkiError('CERTIFICATE_PROFILE', 'empty-name')
}

/** Our own authority makes P-256 only; external ones also P-384 and RSA of 2,048 to 8,192 bits. Throws CERTIFICATE_PROFILE. */
export function checkKey({ publicKey, signatureAlgorithm }: Certificate, external: boolean): void {
  if (!external) {
    if (publicKey.algorithm !== 'P-256') throw new PkiError('CERTIFICATE_PROFILE', 'weak-key')
    if (signatureAlgorithm !== 'ES256') throw new PkiError('CERTIFICATE_PROFILE', 'weak-signature')
    return
  }
  const fits =
    publicKey.algorithm === 'P-256' ||
    publicKey.algorithm === 'P-384' ||
    (publicKey.algorithm === 'RSA' && publicKey.rsaBits >= minRsaBits && publicKey.rsaBits <= maxRsaBits)
  if (!fits) throw new PkiError('CERTIFICATE_PROFILE', 'weak-key')
  if (signatureAlgorithm === 'other') throw new PkiError('CERTIFICATE_PROFILE', 'weak-signature')
}

/** The end of the path: an end entity with exactly the purpose's usage, or for `crl` an authority that may sign lists. Throws CERTIFICATE_PROFILE. */
export function checkLeaf({ extensions, publicKey }: Certificate, anchor: Anchor, purpose: Purpose): void {
  const rule: PurposeRule = PURPOSES[purpose]
  if (anchor.external && !rule.external) throw new PkiError('CERTIFICATE_PROFILE', 'issuer-anchor-external')
  if (rule.p256Only && publicKey.algorithm !== 'P-256') throw new PkiError('CERTIFICATE_PROFILE', 'weak-key')
  const usage = extensions.keyUsage ?? []
  if (purpose === 'crl') {
    if (!usage.includes('cRLSign')) throw new PkiError('CERTIFICATE_PROFILE', 'key-usage')
    return
  }
  // 4.2.1.9: an end entity that could issue would be an authority nobody listed.
  const { basicConstraints } = extensions
  if (!(basicConstraints === undefined || !basicConstraints.ca)) throw new PkiError('CERTIFICATE_PROFILE', 'leaf-is-ca')
  if (!(basicConstraints?.pathLength === undefined)) throw new PkiError('CERTIFICATE_PROFILE', 'path-length')
  if (!(usage.includes('digitalSignature') && !usage.includes('keyCertSign') && !usage.includes('cRLSign')))
    throw new PkiError('CERTIFICATE_PROFILE', 'key-usage')
  const purposes = [...(extensions.extendedKeyUsage ?? [])].sort().join()
  // Exactly, not at least: a certificate for two things is one whose theft opens two doors.
  if (!rule.extendedKeyUsage.some((set) => [...set].sort().join() === purposes))
    throw new PkiError('CERTIFICATE_PROFILE', 'extended-key-usage')
}

/** Whom the certificate names. Our own authority's word is checked against the purpose; an external one's counts for the code alone. Throws CERTIFICATE_IDENTITY. */
export function checkRole(
  leaf: Certificate,
  anchor: Anchor,
  purpose: Purpose,
): { member: string | undefined; role: Role | undefined } {
  const member = findMember(leaf.subject)
  if (anchor.external) return { member, role: undefined }
  const rule: PurposeRule = PURPOSES[purpose]
  const role = findRole(leaf.subject)
  if (!(role !== undefined && rule.roles.includes(role))) throw new PkiError('CERTIFICATE_IDENTITY', 'role')
  const wanted = CERTIFICATE_PROFILES[role].member
  if (!(wanted === 'optional' || (wanted === 'required') === (member !== undefined)))
    throw new PkiError('CERTIFICATE_IDENTITY', 'member')
  return { member, role }
}
