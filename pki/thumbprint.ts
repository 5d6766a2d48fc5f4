/** Fingerprints of certificates: lower-case hex for people and the command line, base64url in documents (RFC 8705 section 3.1). */
import { createHash } from 'node:crypto'
import { PkiError } from './error.ts'

/** SHA-256 of the DER bytes, 64 lower-case hex characters. */
export function thumbprint(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex')
}

/** SHA-256 of the DER bytes as `x5t#S256`, 43 base64url characters. */
export function x5t(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('base64url')
}

/** `x5t#S256` to hex; throws CERTIFICATE_INVALID unless it is the one canonical spelling of 32 bytes. */
export function hexOfX5t(value: string): string {
  const bytes = Buffer.from(value, 'base64url')
  // Node decodes leniently: without the comparison one certificate would have many spellings.
  if (!(bytes.length === 32 && bytes.toString('base64url') === value)) throw new PkiError('CERTIFICATE_INVALID', 'name')
  return bytes.toString('hex')
}

/** Hex thumbprint to `x5t#S256`; throws CERTIFICATE_INVALID unless it is 64 lower-case hex characters. */
export function x5tOfHex(value: string): string {
  if (!/^[0-9a-f]{64}$/.test(value)) throw new PkiError('CERTIFICATE_INVALID', 'name')
  return Buffer.from(value, 'hex').toString('base64url')
}
