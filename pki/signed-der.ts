/** What certificates and revocation lists share: signed fields, their algorithm, the signature over them (RFC 5280 sections 4.1, 5.1). */
import { type Der, fieldsOf, readDer, refusingBadDer, TAG } from './der.ts'
import { readBitStringBytes } from './der-values.ts'
import { type PkiCode, PkiError } from './error.ts'
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts'
import { thumbprint } from './thumbprint.ts'

export interface SignedDer {
  readonly der: Buffer
  /** SHA-256, lower-case hex. */
  readonly thumbprint: string
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Buffer
  /** The signed bytes, as received. */
  readonly tbs: Buffer
}

interface Expected<Body> {
  readonly code: PkiCode
  readonly maxBytes: number
  /** Reads the signed fields; the outer algorithm, which is not signed, goes along to be compared. */
  readonly readBody: (tbs: Der, outerAlgorithm: Der) => Body
}

/** One signed structure, frozen. Throws `code` (`size`, `der`) and what `readBody` throws. */
export function readSigned<Body extends object>(
  received: Uint8Array,
  { code, maxBytes, readBody }: Expected<Body>,
): Readonly<SignedDer & Body> {
  if (!(received.length <= maxBytes)) throw new PkiError(code, 'size', { bytes: received.length })
  // A copy: the caller's buffer may be a pooled one that is written again.
  const der = Buffer.from(received)
  return refusingBadDer(code, () => {
    const outer = fieldsOf(readDer(der), TAG.sequence)
    const tbs = outer.next(TAG.sequence)
    const outerAlgorithm = outer.next(TAG.sequence)
    const signature = readBitStringBytes(outer.next(TAG.bitString))
    outer.end()
    const body = readBody(tbs, outerAlgorithm)
    const signatureAlgorithm = readSignatureAlgorithm(outerAlgorithm)
    return Object.freeze({ der, thumbprint: thumbprint(der), ...body, signatureAlgorithm, signature, tbs: tbs.raw })
  })
}
