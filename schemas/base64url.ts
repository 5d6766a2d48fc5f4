import { Refusal } from './refusal.ts'

const ALPHABET = /^[A-Za-z0-9_-]*$/

/** Base64url without padding (RFC 4648 §5) of raw bytes. */
export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/** The one strict reader: no padding, no white space, canonical final bits; else BASE64_INVALID. */
export function fromBase64url(text: string): Uint8Array {
  // One signature must have one spelling, or de-duplication and hashes can be evaded (Wycheproof 360–375).
  if (!ALPHABET.test(text)) throw new Refusal('BASE64_INVALID')
  const padded = text + '='.repeat((4 - (text.length % 4)) % 4)
  try {
    return Uint8Array.fromBase64(padded, { alphabet: 'base64url', lastChunkHandling: 'strict' })
  } catch {
    throw new Refusal('BASE64_INVALID')
  }
}

/** x5t#S256 in headers is base64url, everywhere else thumbprints are lower-case hex. */
export function base64urlToHex(text: string): string {
  return Buffer.from(fromBase64url(text)).toString('hex')
}

/** Inverse of {@link base64urlToHex}; the input is trusted to be hex. */
export function hexToBase64url(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url')
}
