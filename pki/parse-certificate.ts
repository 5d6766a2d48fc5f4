/** A certificate as a plain frozen object. Shape only: nothing in it is trusted before `verifyChain`. */
import { contextTag, type Der, DerError, fieldsOf, TAG } from './der.ts'
import { readIntegerBytes, readSmallInteger, readTime } from './der-values.ts'
import { PkiError } from './error.ts'
import { type CertificateExtensions, readExtensions } from './extensions.ts'
import { type DistinguishedName, readName } from './names.ts'
import { parsePem } from './pem.ts'
import { readSigned, type SignedDer } from './signed-der.ts'
import { type PublicKeyInfo, readSpki } from './spki.ts'

/** Largest certificate that is read at all. */
export const maxCertificateBytes = 16 * 1024

export interface Certificate extends SignedDer {
  /** Lower-case hex, whole bytes, without a leading zero byte. */
  readonly serial: string
  readonly issuer: DistinguishedName
  readonly subject: DistinguishedName
  readonly notBefore: Date
  /** The last second of its life: RFC 5280 section 4.1.2.5 counts it in. */
  readonly notAfter: Date
  readonly publicKey: PublicKeyInfo
  readonly extensions: CertificateExtensions
}

/**
 * Parses one DER certificate of version 3 (RFC 5280 section 4.1). Throws CERTIFICATE_INVALID (`size`, `der`, `version`, `serial`,
 * `algorithm-mismatch`, `unique-identifier`, `time`) or CERTIFICATE_PROFILE (`duplicate-extension`), and nothing else whatever the bytes.
 */
export function parseCertificate(der: Uint8Array): Certificate {
  return readSigned(der, { code: 'CERTIFICATE_INVALID', maxBytes: maxCertificateBytes, readBody: readTbs })
}

/** The certificates of a PEM text, at least one. */
export function parseCertificatesPem(text: string): Certificate[] {
  return parsePem('CERTIFICATE', text).map(parseCertificate)
}

function readTbs(tbs: Der, outerAlgorithm: Der) {
  const fields = fieldsOf(tbs, TAG.sequence)
  readVersion(fields.optional(contextTag(0, true)))
  const serial = readSerial(fields.next(TAG.integer))
  // Section 4.1.1.2: the outer algorithm is not signed, so it must repeat the inner one.
  if (!fields.next(TAG.sequence).raw.equals(outerAlgorithm.raw))
    throw new PkiError('CERTIFICATE_INVALID', 'algorithm-mismatch')
  const issuer = readName(fields.next(TAG.sequence))
  const validity = fieldsOf(fields.next(TAG.sequence), TAG.sequence)
  const notBefore = readTime(validity.any())
  const notAfter = readTime(validity.any())
  validity.end()
  if (!(notBefore <= notAfter)) throw new PkiError('CERTIFICATE_INVALID', 'time')
  const subject = readName(fields.next(TAG.sequence))
  const publicKey = readSpki(fields.next(TAG.sequence))
  refuseUniqueIdentifiers(fields.optional(contextTag(1, false)), fields.optional(contextTag(2, false)))
  const wrapped = fields.next(contextTag(3, true))
  fields.end()
  if (wrapped.parts.length !== 1) throw new DerError('extensions')
  const extensions = readExtensions(wrapped.parts[0] as Der)
  return { serial, issuer, subject, notBefore, notAfter, publicKey, extensions }
}

/** Section 4.1.2.1: extensions exist in version 3 only, and all of this rests on them. */
function readVersion(wrapped: Der | undefined): void {
  const [version, ...rest] = wrapped?.parts ?? []
  if (!(version !== undefined && rest.length === 0 && readSmallInteger(version) === 2))
    throw new PkiError('CERTIFICATE_INVALID', 'version')
}

/** Section 4.1.2.2: positive, at most 20 octets. */
function readSerial(value: Der): string {
  const bytes = readIntegerBytes(value)
  if (!(bytes.length <= 20 && bytes.readInt8(0) >= 0 && bytes.some((byte) => byte !== 0)))
    throw new PkiError('CERTIFICATE_INVALID', 'serial')
  return serialHex(bytes)
}

/** Hex of the content octets of a positive INTEGER, as `serial` holds it. */
export function serialHex(bytes: Buffer): string {
  return (bytes[0] === 0 ? bytes.subarray(1) : bytes).toString('hex')
}

/** Section 4.1.2.8: conforming authorities do not make them. */
function refuseUniqueIdentifiers(issuer: Der | undefined, subject: Der | undefined): void {
  if (issuer !== undefined || subject !== undefined) throw new PkiError('CERTIFICATE_INVALID', 'unique-identifier')
}
