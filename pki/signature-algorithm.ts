/** Signature algorithms of certificates, CRLs and requests (RFC 5758, RFC 4055): one table, SHA-256 and stronger only. */
import { type KeyObject, sign, verify } from 'node:crypto'
import { type Der, DerError, fieldsOf, TAG } from './der.ts'
import { readOid } from './der-values.ts'
import type { KeyAlgorithm } from './spki.ts'

export const SIGNATURE_ALGORITHMS = {
  ES256: { oid: '1.2.840.10045.4.3.2', digest: 'sha256', key: 'EC' },
  ES384: { oid: '1.2.840.10045.4.3.3', digest: 'sha384', key: 'EC' },
  ES512: { oid: '1.2.840.10045.4.3.4', digest: 'sha512', key: 'EC' },
  RS256: { oid: '1.2.840.113549.1.1.11', digest: 'sha256', key: 'RSA' },
  RS384: { oid: '1.2.840.113549.1.1.12', digest: 'sha384', key: 'RSA' },
  RS512: { oid: '1.2.840.113549.1.1.13', digest: 'sha512', key: 'RSA' },
} as const

/** `other`: SHA-1, RSASSA-PSS and everything else that the profile never admits. */
export type SignatureAlgorithm = keyof typeof SIGNATURE_ALGORITHMS | 'other'

/** Name of an AlgorithmIdentifier; throws DerError when a known one carries other parameters than its standard says. */
export function readSignatureAlgorithm(value: Der): SignatureAlgorithm {
  const fields = fieldsOf(value, TAG.sequence)
  const oid = readOid(fields.next(TAG.oid))
  const found = Object.entries(SIGNATURE_ALGORITHMS).find(([, known]) => known.oid === oid)
  if (found === undefined) return 'other'
  const [name, { key }] = found
  // RFC 5758 section 3.2: parameters absent for ECDSA; RFC 4055 section 5: NULL for RSA.
  if (key === 'RSA' && fields.next(TAG.null).content.length !== 0) throw new DerError('null')
  fields.end()
  return name as keyof typeof SIGNATURE_ALGORITHMS
}

/** True if the key made that signature over the bytes, with an algorithm of the table that fits the key. Never throws on what a stranger sends. */
export function isSignatureOf(
  key: { readonly algorithm: KeyAlgorithm; readonly object: KeyObject },
  algorithm: SignatureAlgorithm,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (algorithm === 'other') return false
  const known = SIGNATURE_ALGORITHMS[algorithm]
  if (known.key !== (key.algorithm === 'RSA' ? 'RSA' : 'EC')) return false
  return verify(known.digest, bytes, { key: key.object, dsaEncoding: 'der' }, signature)
}

/** ES256 in the DER form that certificates, CRLs and requests use. */
export function signDer(bytes: Uint8Array, privateKey: KeyObject): Buffer {
  return sign('sha256', bytes, { key: privateKey, dsaEncoding: 'der' })
}
