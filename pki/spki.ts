/** Public keys as they stand in certificates (RFC 5280 section 4.1.2.7, RFC 5480, RFC 3279): which kind, and whether it is one of ours. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { type Der, DerError, fieldsOf, readDer, refusingBadDer, TAG } from './der.ts'
import { readBitStringBytes, readOid } from './der-values.ts'
import { type PkiCode, PkiError } from './error.ts'

/** `other`: anything the profile never admits, explicit curve parameters and compressed points included. */
export type KeyAlgorithm = 'P-256' | 'P-384' | 'RSA' | 'other'

export interface PublicKeyInfo {
  readonly der: Buffer
  readonly algorithm: KeyAlgorithm
  /** Size of an RSA modulus in bits; 0 for every other kind. */
  readonly rsaBits: number
  /** The bits of the BIT STRING: what key identifiers are hashes of. */
  readonly keyBytes: Buffer
}

const OID_EC = '1.2.840.10045.2.1'
const OID_RSA = '1.2.840.113549.1.1.1'
const CURVES = [
  { oid: '1.2.840.10045.3.1.7', algorithm: 'P-256', pointBytes: 65 },
  { oid: '1.3.132.0.34', algorithm: 'P-384', pointBytes: 97 },
] as const

/** Shape of a SubjectPublicKeyInfo; throws DerError. A kind outside the profile reads as `other`, to be refused by name later. */
export function readSpki(value: Der): PublicKeyInfo {
  const fields = fieldsOf(value, TAG.sequence)
  const algorithm = fieldsOf(fields.next(TAG.sequence), TAG.sequence)
  const oid = readOid(algorithm.next(TAG.oid))
  const keyBytes = readBitStringBytes(fields.next(TAG.bitString))
  fields.end()
  const info = { der: value.raw, keyBytes }
  if (oid === OID_EC) return Object.freeze({ ...info, algorithm: readCurve(algorithm.any(), keyBytes), rsaBits: 0 })
  if (oid !== OID_RSA) return Object.freeze({ ...info, algorithm: 'other', rsaBits: 0 })
  algorithm.next(TAG.null)
  algorithm.end()
  return Object.freeze({ ...info, algorithm: 'RSA', rsaBits: readRsaBits(keyBytes) })
}

/** RFC 5480 section 2.1.1: a named curve. Explicit parameters would let a stranger choose the generator (CVE-2020-0601). */
function readCurve(parameters: Der, point: Buffer): KeyAlgorithm {
  if (parameters.tag !== TAG.oid) return 'other'
  const oid = readOid(parameters)
  const curve = CURVES.find((known) => known.oid === oid)
  if (curve === undefined || !(point.length === curve.pointBytes && point[0] === 0x04)) return 'other'
  return curve.algorithm
}

function readRsaBits(keyBytes: Buffer): number {
  const fields = fieldsOf(readDer(keyBytes), TAG.sequence)
  const modulus = fields.next(TAG.integer).content
  const exponent = fields.next(TAG.integer).content
  fields.end()
  const start = modulus.findIndex((byte) => byte !== 0)
  if (!(start >= 0 && (modulus[0] ?? 0x80) < 0x80)) throw new DerError('modulus')
  // RFC 8017 names no lower bound; 65537 and up keeps off the attacks on tiny exponents.
  if (!(exponent.length >= 3 && exponent.length <= 8)) throw new DerError('exponent')
  return (modulus.length - start) * 8 - Math.clz32(modulus[start] ?? 0) + 24
}

/** A public key of our own profile from DER; throws `code` with rule `weak-key` unless it is P-256, and on a point off the curve. */
export function parseP256Spki(der: Uint8Array, code: PkiCode): PublicKeyInfo {
  const info = refusingBadDer(code, () => readSpki(readDer(der)))
  if (info.algorithm !== 'P-256') throw new PkiError(code, 'weak-key')
  publicKeyOf(info, code)
  return info
}

/** The key as node:crypto uses it; a point off the curve or a senseless modulus is `code` with rule `weak-key`. */
export function publicKeyOf(info: PublicKeyInfo, code: PkiCode): KeyObject {
  try {
    return createPublicKey({ key: info.der, format: 'der', type: 'spki' })
  } catch {
    throw new PkiError(code, 'weak-key')
  }
}

/** Key identifier: the leftmost 160 bits of SHA-256 over the key bits (RFC 7093 section 2, method 1), lower-case hex. */
export function keyIdentifierOf(info: PublicKeyInfo): string {
  return createHash('sha256').update(info.keyBytes).digest('hex').slice(0, 40)
}
