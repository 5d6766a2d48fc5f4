/** Making one certificate of the table of profiles. `certificates.ts` has the doors; nothing else calls this. */
import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import { backdateSeconds, CERTIFICATE_PROFILES, type CertificateProfile } from './certificate-profiles.ts'
import { PkiError } from './error.ts'
import { KEY_USAGES } from './extensions.ts'
import { spkiOf } from './keys.ts'
import { hostKind, type Subject } from './names.ts'
import { type Certificate, parseCertificate } from './parse-certificate.ts'
import { keyIdentifierOf, type PublicKeyInfo, parseP256Spki } from './spki.ts'
import { libraryKey, nameOf, openX509, type X509Library } from './x509-library.ts'

/** An authority that can sign: its certificate and the matching private key. */
export interface Issuer {
  readonly certificate: Certificate
  readonly privateKey: KeyObject
}

export interface CertificateDraft {
  /** `subject.role` chooses the profile. */
  readonly subject: Subject
  /** SubjectPublicKeyInfo in DER, P-256. */
  readonly publicKey: Uint8Array
  /** The issuer, or the key itself for a self-signed root. */
  readonly issuer: Issuer | { readonly self: KeyObject }
  readonly now: Date
  /** Host names and addresses for subjectAltName. */
  readonly hosts: readonly string[]
  /** Where outsiders find the issuer's CRL. */
  readonly crlUrl: string | undefined
  /** Life in days, at most that of the profile; undefined: that of the profile. */
  readonly days: number | undefined
}

/** Signs the draft with a random 128-bit serial and both key identifiers. Throws NAME_INVALID, CERTIFICATE_PROFILE, CERTIFICATE_EXPIRED (issuer ended). */
export async function issueCertificate(draft: CertificateDraft): Promise<Certificate> {
  const profile: CertificateProfile = CERTIFICATE_PROFILES[draft.subject.role]
  checkMember(profile, draft.subject)
  const key = parseP256Spki(draft.publicKey, 'CERTIFICATE_PROFILE')
  const signer = signerOf(draft, key)
  const x509 = await openX509()
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: nameOf(x509, draft.subject),
    // The issuer's own bytes: names are compared byte for byte.
    issuer:
      signer.certificate === 'self'
        ? nameOf(x509, draft.subject)
        : new x509.Name(Uint8Array.from(signer.certificate.subject.der)),
    ...validity(draft, profile, signer.certificate),
    publicKey: libraryKey(createPublicKey({ key: key.der, format: 'der', type: 'spki' }), 'verify'),
    signingKey: libraryKey(signer.privateKey, 'sign'),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: extensionsOf(x509, draft, profile, key, signer.keyIdentifier),
  })
  return parseCertificate(new Uint8Array(made.rawData))
}

interface Signer {
  readonly certificate: Certificate | 'self'
  readonly privateKey: KeyObject
  readonly keyIdentifier: string
}

/** Throws CERTIFICATE_PROFILE with `key-mismatch` when the private key is not the certificate's: the result would verify nowhere. */
function signerOf({ issuer }: CertificateDraft, key: PublicKeyInfo): Signer {
  const [certificate, privateKey, expected, keyIdentifier] =
    'self' in issuer
      ? (['self', issuer.self, key, keyIdentifierOf(key)] as const)
      : ([
          issuer.certificate,
          issuer.privateKey,
          issuer.certificate.publicKey,
          subjectKeyIdentifierOf(issuer.certificate),
        ] as const)
  if (!spkiOf(createPublicKey(privateKey)).equals(expected.der))
    throw new PkiError('CERTIFICATE_PROFILE', 'key-mismatch')
  return { certificate, privateKey, keyIdentifier }
}

function subjectKeyIdentifierOf({ extensions }: Certificate): string {
  const { basicConstraints, keyUsage, subjectKeyIdentifier } = extensions
  if (!(basicConstraints?.ca === true && keyUsage?.includes('keyCertSign') === true))
    throw new PkiError('CERTIFICATE_PROFILE', 'basic-constraints')
  if (subjectKeyIdentifier === undefined) throw new PkiError('CERTIFICATE_PROFILE', 'key-identifier')
  return subjectKeyIdentifier
}

function checkMember({ member }: CertificateProfile, subject: Subject): void {
  const has = subject.member !== undefined
  if ((member === 'required' && !has) || (member === 'forbidden' && has)) throw new PkiError('NAME_INVALID', 'member')
}

/** Whole seconds; nested in the issuer's life, so that no certificate outlives what vouches for it. */
function validity({ now, days }: CertificateDraft, { maxDays }: CertificateProfile, issuer: Certificate | 'self') {
  const life = days ?? maxDays
  if (!(life > 0 && life <= maxDays)) throw new PkiError('CERTIFICATE_PROFILE', 'lifetime', { days: life, maxDays })
  const start = Math.floor(now.getTime() / 1000) * 1000
  const [earliest, latest] =
    issuer === 'self' ? [-Infinity, Infinity] : [issuer.notBefore.getTime(), issuer.notAfter.getTime()]
  if (!(start >= earliest)) throw new PkiError('CERTIFICATE_NOT_YET_VALID', 'not-yet-valid')
  if (!(start < latest)) throw new PkiError('CERTIFICATE_EXPIRED', 'expired')
  return {
    notBefore: new Date(Math.max(start - backdateSeconds * 1000, earliest)),
    notAfter: new Date(Math.min(start + Math.floor(life * 86_400) * 1000, latest)),
  }
}

/** 128 bits, of which 126 are random: positive and of one length (RFC 5280 section 4.1.2.2). */
function randomSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

function extensionsOf(
  x509: X509Library,
  draft: CertificateDraft,
  profile: CertificateProfile,
  key: PublicKeyInfo,
  authority: string,
) {
  const bits = profile.keyUsage.reduce((sum, usage) => sum | (1 << KEY_USAGES.indexOf(usage)), 0)
  const names = draft.hosts.map((host) => ({ type: hostKind(host), value: host }))
  return [
    ...(profile.pathLength === 'none' ? [] : [new x509.BasicConstraintsExtension(true, profile.pathLength, true)]),
    new x509.KeyUsagesExtension(bits, true),
    ...(profile.extendedKeyUsage.length === 0
      ? []
      : [new x509.ExtendedKeyUsageExtension([...profile.extendedKeyUsage], false)]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names, false)]),
    // Without both of these `openssl verify -x509_strict` refuses the chain.
    new x509.SubjectKeyIdentifierExtension(keyIdentifierOf(key), false),
    new x509.AuthorityKeyIdentifierExtension(authority, false),
    ...(draft.crlUrl === undefined ? [] : [new x509.CRLDistributionPointsExtension([draft.crlUrl], false)]),
  ]
}
