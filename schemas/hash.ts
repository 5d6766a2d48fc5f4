import { hash, randomBytes } from 'node:crypto'

/** SHA-256 as lower-case hex, the form of every id, hash and thumbprint outside JOSE headers. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex')
}

/** A fresh jti or salt: 128 random bits, base64url (22 characters). */
export function newJti(): string {
  return randomBytes(16).toString('base64url')
}
