import { PkiError } from '#pki/error.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'

const TLS_CODES: Readonly<Record<string, 'CERTIFICATE_IDENTITY' | 'CERTIFICATE_EXPIRED' | 'CERTIFICATE_UNTRUSTED'>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'CERTIFICATE_IDENTITY',
  CERT_HAS_EXPIRED: 'CERTIFICATE_EXPIRED',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'CERTIFICATE_UNTRUSTED',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'CERTIFICATE_UNTRUSTED',
  SELF_SIGNED_CERT_IN_CHAIN: 'CERTIFICATE_UNTRUSTED',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'CERTIFICATE_UNTRUSTED',
}

/** What went wrong on the wire as a refusal: a code of TLS, OWNER_UNREACHABLE; an abort of our own stays what it is. */
export function explainWire(error: unknown): unknown {
  if (isRefusal(error)) return error
  if (error instanceof PkiError) return new Refusal(error.code, { rule: error.rule })
  const { code, name } = error as { code?: unknown; name?: unknown }
  if (name === 'AbortError') return error
  const tls = typeof code === 'string' ? TLS_CODES[code] : undefined
  if (tls !== undefined) return new Refusal(tls, { cause: code })
  if (typeof code !== 'string') return error
  return new Refusal('OWNER_UNREACHABLE', { cause: code })
}
