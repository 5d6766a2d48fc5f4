/** PEM (RFC 7468), strict form: one label, base64 lines, nothing between. */
import { PkiError } from './error.ts'

export type PemLabel = 'CERTIFICATE' | 'CERTIFICATE REQUEST' | 'X509 CRL' | 'PUBLIC KEY'

/** PEM text with 64-character lines. */
export function toPem(label: PemLabel, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}

/** The DER values of all blocks with that label, at least one; text outside blocks is ignored; throws CERTIFICATE_INVALID. */
export function parsePem(label: PemLabel, text: string): Buffer[] {
  const block = new RegExp(`-----BEGIN ${label}-----\\r?\\n([A-Za-z0-9+/=\\r\\n]+)-----END ${label}-----`, 'g')
  const found = [...text.matchAll(block)].map((match) => decodeBlock(match[1] ?? ''))
  if (found.length === 0) throw new PkiError('CERTIFICATE_INVALID', 'pem')
  return found
}

function decodeBlock(lines: string): Buffer {
  const base64 = lines.replace(/[\r\n]/g, '')
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.toString('base64') !== base64) throw new PkiError('CERTIFICATE_INVALID', 'pem')
  return bytes
}
