/** Whether a certificate is on its issuer's CRL (RFC 5280 section 6.3, complete lists of the issuer itself only: no delta, no indirect ones). */
import { PkiError } from './error.ts'
import type { Certificate } from './parse-certificate.ts'
import { CRL_EXTENSION, type Crl, type RevocationReason } from './parse-crl.ts'
import { isSignatureOf } from './signature-algorithm.ts'
import { publicKeyOf } from './spki.ts'

/** A key in a stranger's hands signs with any date it likes. */
const COMPROMISE: readonly RevocationReason[] = ['keyCompromise', 'cACompromise', 'aACompromise']

const KNOWN_EXTENSIONS: readonly string[] = [CRL_EXTENSION.crlNumber]

export interface RevocationMoment {
  readonly now: Date
  /** When the thing whose signer is checked was signed; equals `now` for a connection. */
  readonly at: Date
}

/**
 * Throws CERTIFICATE_REVOKED if the newest good list of the issuer names the certificate, CRL_INVALID if there is none. An entry
 * dated after `at` does not undo what was signed before it, unless the key was compromised.
 */
export function checkRevocation(
  certificate: Certificate,
  issuer: Certificate,
  crls: readonly Crl[],
  moment: RevocationMoment,
): void {
  const entry = newestCrl(issuer, crls, moment.now).revoked.get(certificate.serial)
  if (entry === undefined) return
  const stillCounted = moment.at < entry.date && moment.at < moment.now && !COMPROMISE.includes(entry.reason)
  if (!stillCounted)
    throw new PkiError('CERTIFICATE_REVOKED', 'revoked', { reason: entry.reason, since: entry.date.toISOString() })
}

/** The list with the highest number: an older one that is still in its time must not bring a revoked certificate back. */
function newestCrl(issuer: Certificate, crls: readonly Crl[], now: Date): Crl {
  const ofIssuer = crls.filter((crl) => crl.issuer.der.equals(issuer.subject.der))
  let newest: { crl: Crl; number: bigint } | undefined
  for (const crl of ofIssuer) {
    const number = verifyCrl(crl, issuer, now)
    if (newest === undefined || number > newest.number) newest = { crl, number }
  }
  if (newest === undefined) throw new PkiError('CRL_INVALID', 'crl-missing')
  return newest.crl
}

/** Number of a list that counts now: each check passed or CRL_INVALID with the rule. `issuer` is itself already verified. */
export function verifyCrl(crl: Crl, issuer: Certificate, now: Date): bigint {
  const refuse = (rule: ConstructorParameters<typeof PkiError>[1]): never => {
    throw new PkiError('CRL_INVALID', rule)
  }
  // 6.3.3 (b): a list speaks of its own issuer's certificates only; the name alone can be anybody's, the key identifier narrows it.
  if (!crl.issuer.der.equals(issuer.subject.der)) refuse('crl-issuer')
  const keyIdentifier = issuer.extensions.subjectKeyIdentifier
  if (!(keyIdentifier !== undefined && crl.authorityKeyIdentifier === keyIdentifier)) refuse('crl-issuer')
  // 5.2: a critical extension that is not understood can change what the list means.
  if (crl.extensions.some(({ oid }) => oid === CRL_EXTENSION.deltaCrlIndicator)) refuse('crl-delta')
  if (crl.extensions.some(({ oid }) => oid === CRL_EXTENSION.issuingDistributionPoint)) refuse('crl-scope')
  if (crl.extensions.some(({ oid, critical }) => critical && !KNOWN_EXTENSIONS.includes(oid)))
    refuse('crl-critical-extension')
  for (const { unsupported } of crl.revoked.values()) if (unsupported.length > 0) refuse('crl-critical-extension')
  // 6.3.3 (f): the issuer must be allowed to sign lists.
  if (!(issuer.extensions.keyUsage?.includes('cRLSign') === true)) refuse('crl-sign-usage')
  // 6.3.3 (g).
  const key = { algorithm: issuer.publicKey.algorithm, object: publicKeyOf(issuer.publicKey, 'CRL_INVALID') }
  if (!isSignatureOf(key, crl.signatureAlgorithm, crl.tbs, crl.signature)) refuse('crl-signature')
  // 5.1.2.4 and 5.1.2.5: without an end an old list would hide every later revocation for ever.
  if (!(crl.thisUpdate <= now)) refuse('crl-future')
  if (!(crl.nextUpdate !== undefined && now < crl.nextUpdate)) refuse('crl-stale')
  return crl.number ?? refuse('crl-number')
}
