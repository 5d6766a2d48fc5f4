/** Why this folder refuses something: `code` says what kind of thing failed, `rule` which single rule. Closed lists. */

export const PKI_CODES = [
  'CERTIFICATE_INVALID', // not a well-formed DER certificate of version 3
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_NOT_YET_VALID',
  'CERTIFICATE_REVOKED',
  'CERTIFICATE_UNTRUSTED', // no path to an anchor, or a signature that does not hold
  'CERTIFICATE_PROFILE', // well-formed, but outside the closed profile; `rule` names the rule
  'CERTIFICATE_IDENTITY', // names nobody, or another party than the expected one
  'CSR_INVALID',
  'CRL_INVALID', // malformed, stale, missing, or not this issuer's
  'KEY_UNREADABLE',
  'KEY_PERMISSIONS',
  'NAME_INVALID', // a name, host or code that cannot stand in a certificate
] as const

export type PkiCode = (typeof PKI_CODES)[number]

/** Every `rule`, kebab-case; tests cite them by name. */
export const PKI_RULES = [
  // Shape (X.690, RFC 5280 section 4.1).
  'der',
  'pem',
  'size',
  'version',
  'serial',
  'time',
  'name',
  'algorithm-mismatch',
  'unique-identifier',
  'extension',
  'duplicate-extension',
  // Path (RFC 5280 section 6.1).
  'duplicate-certificate',
  'too-many-certificates',
  'path-too-long',
  'no-anchor',
  'signature',
  'expired',
  'not-yet-valid',
  'weak-key',
  'weak-signature',
  'unknown-critical-extension',
  'name-constraints',
  'policy-constraints',
  'basic-constraints',
  'path-length',
  'leaf-is-ca',
  'key-usage',
  'extended-key-usage',
  'key-identifier',
  'issuer-anchor-external',
  'empty-name',
  // Revocation (RFC 5280 section 6.3).
  'revoked',
  'crl-missing',
  'crl-stale',
  'crl-future',
  'crl-signature',
  'crl-issuer',
  'crl-sign-usage',
  'crl-number',
  'crl-scope',
  'crl-delta',
  'crl-critical-extension',
  'crl-duplicate-entry',
  // Identity.
  'member',
  'role',
  // Keys and files.
  'key-type',
  'key-mismatch',
  'passphrase',
  'file',
  'mode',
  'owner',
  // Names going into a certificate.
  'uscc',
  'host',
  'lifetime',
] as const

export type PkiRule = (typeof PKI_RULES)[number]

/** The only error that leaves `pki/` for anything a stranger can send. `facts` hold no secrets. */
export class PkiError extends Error {
  override readonly name = 'PkiError'
  readonly code: PkiCode
  readonly rule: PkiRule
  readonly facts: Readonly<Record<string, string | number>>

  constructor(code: PkiCode, rule: PkiRule, facts: Record<string, string | number> = {}) {
    super(`${code}: ${rule}`)
    this.code = code
    this.rule = rule
    this.facts = Object.freeze({ ...facts })
  }
}
