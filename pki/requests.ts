/** Certificate signing requests (PKCS#10, RFC 2986). Only the key is taken from one: what a certificate says is the registrar's decision. */
import { contextTag, fieldsOf, readDer, refusingBadDer, TAG } from './der.ts'
import { readBitStringBytes, readSmallInteger } from './der-values.ts'
import { PkiError } from './error.ts'
import type { KeyPair } from './keys.ts'
import { type DistinguishedName, readName, type Subject } from './names.ts'
import { isSignatureOf, readSignatureAlgorithm } from './signature-algorithm.ts'
import { parseP256Spki, publicKeyOf } from './spki.ts'
import { cryptoKeyPair, nameOf, openX509 } from './x509-library.ts'

/** Largest request that is read at all. */
export const maxCsrBytes = 8 * 1024

/** What a request proves: its sender holds the private half of `publicKey`. `subject` is a wish. */
export interface VerifiedCsr {
  readonly der: Buffer
  /** SubjectPublicKeyInfo in DER, P-256. */
  readonly publicKey: Buffer
  readonly subject: DistinguishedName
}

/** A request in DER for a P-256 pair, signed with ES256. */
export async function makeCsr(keys: KeyPair, subject: Subject): Promise<Buffer> {
  const x509 = await openX509()
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: nameOf(x509, subject),
    keys: cryptoKeyPair(keys),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  })
  return Buffer.from(request.rawData)
}

/** Proves possession (RFC 2986 section 4.2). Throws CSR_INVALID: `size`, `der`, `version`, `weak-key`, `weak-signature`, `signature`. */
export function verifyCsr(der: Uint8Array): VerifiedCsr {
  if (!(der.length <= maxCsrBytes)) throw new PkiError('CSR_INVALID', 'size', { bytes: der.length })
  const copy = Buffer.from(der)
  return refusingBadDer('CSR_INVALID', () => readCsr(copy))
}

function readCsr(der: Buffer): VerifiedCsr {
  const outer = fieldsOf(readDer(der), TAG.sequence)
  const body = outer.next(TAG.sequence)
  const algorithm = readSignatureAlgorithm(outer.next(TAG.sequence))
  const signature = readBitStringBytes(outer.next(TAG.bitString))
  outer.end()
  const fields = fieldsOf(body, TAG.sequence)
  if (readSmallInteger(fields.next(TAG.integer)) !== 0) throw new PkiError('CSR_INVALID', 'version')
  const subject = readName(fields.next(TAG.sequence))
  const key = parseP256Spki(fields.next(TAG.sequence).raw, 'CSR_INVALID')
  // Attributes are wishes too; they are not read.
  fields.optional(contextTag(0, true))
  fields.end()
  if (algorithm !== 'ES256') throw new PkiError('CSR_INVALID', 'weak-signature')
  const object = publicKeyOf(key, 'CSR_INVALID')
  if (!isSignatureOf({ algorithm: key.algorithm, object }, algorithm, body.raw, signature))
    throw new PkiError('CSR_INVALID', 'signature')
  return Object.freeze({ der, publicKey: key.der, subject })
}
