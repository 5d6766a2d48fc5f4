import type { KeyObject } from 'node:crypto'
import { type Purpose, verifyChain } from '#pki/chain.ts'
import { PkiError } from '#pki/error.ts'
import { findMember } from '#pki/names.ts'
import { type Certificate, parseCertificate } from '#pki/parse-certificate.ts'
import { publicKeyOf } from '#pki/spki.ts'
import { fromBase64url } from './base64url.ts'
import type { Root } from './kinds.ts'
import { Refusal } from './refusal.ts'

/** A certificate whose chain to a listed CA holds. Not yet: registered, status. */
export interface CheckedCertificate {
  readonly thumbprint: string
  readonly publicKey: KeyObject
  readonly notBefore: Date
  readonly notAfter: Date
  /** 统一社会信用代码 in its subject; an external CA's certificate may name none. */
  readonly subjectMember: string | undefined
}

/** Runs `step`, turning what `pki/` refuses into the refusal of the same code. */
export function refusingPki<T>(step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof PkiError) throw new Refusal(error.code, { rule: error.rule })
    throw error
  }
}

/**
 * Protocol 3.1 (a), (d): the chain of a certificate to one of the CAs that a root document lists, at time `at`, under
 * the closed profile for `purpose`. CERTIFICATE_UNTRUSTED when no listed CA issued it.
 */
export function checkCertificate(der: Uint8Array, purpose: Purpose, cas: Root['cas'], at: Date): CheckedCertificate {
  return refusingPki(() => {
    const leaf = parseCertificate(der)
    const { chain, external } = issuingChain(leaf, cas)
    const certificate = chain.at(-1)
    if (certificate === undefined)
      throw new Refusal('CERTIFICATE_UNTRUSTED', { thumbprint: leaf.thumbprint, rule: 'no-anchor' })
    verifyChain({
      leaf,
      intermediates: chain.slice(0, -1),
      anchors: [{ certificate, external }],
      now: at,
      purpose,
      crls: 'status-list',
    })
    return {
      thumbprint: leaf.thumbprint,
      publicKey: publicKeyOf(leaf.publicKey, 'CERTIFICATE_INVALID'),
      notBefore: leaf.notBefore,
      notAfter: leaf.notAfter,
      subjectMember: findMember(leaf.subject),
    }
  })
}

/** The certificates of the listed CA that names itself as issuer of `leaf`, issuing CA first; empty when none does. */
function issuingChain(leaf: Certificate, cas: Root['cas']): { chain: Certificate[]; external: boolean } {
  for (const ca of cas) {
    const chain = ca.certificates.map((text) => parseCertificate(fromBase64url(text)))
    const at = chain.findIndex((certificate) => certificate.subject.der.equals(leaf.issuer.der))
    if (at >= 0) return { chain: chain.slice(at), external: ca.kind === 'external' }
  }
  return { chain: [], external: false }
}

/** The public key inside a certificate, checked for form only; for keys that a signature then vouches for. */
export function keyOfCertificate(der: Uint8Array): { thumbprint: string; publicKey: KeyObject; spki: Buffer } {
  return refusingPki(() => {
    const certificate = parseCertificate(der)
    return {
      thumbprint: certificate.thumbprint,
      publicKey: publicKeyOf(certificate.publicKey, 'CERTIFICATE_INVALID'),
      spki: certificate.publicKey.der,
    }
  })
}
