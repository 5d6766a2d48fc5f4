import { issueSigningCertificate, issueTlsCertificate } from '#pki/certificates.ts'
import { type Certificate, parseCertificate } from '#pki/parse-certificate.ts'
import { fromBase64url, toBase64url } from '#schemas/base64url.ts'
import { refusingPki } from '#schemas/certificates.ts'
import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Registry } from '../registry.ts'
import type { CertificateRow } from '../store/certificates.ts'
import type { AskedKey, AskedPair } from './asked-keys.ts'
import { crlUrl } from './make-authority.ts'
import { issuingCa, shownChain } from './online-keys.ts'

/** A member's certificate before it is registered, with those above it that its holder shows. */
interface IssuedCertificate {
  readonly use: 'tls' | 'signing'
  readonly certificate: Certificate
  readonly issuer: string | null
  readonly chain: readonly Certificate[]
}

/** Both, as issued; not registered yet. */
export type IssuedPair = readonly [tls: IssuedCertificate, signing: IssuedCertificate]

/** More live pairs than a node can need mean a runaway renewal, which would fill directory and status list. */
const PAIRS_MOST = 16

/** Issues what was asked, or takes the external CA's certificates. */
export async function issuePair(r: Registry, asked: AskedPair, member: string, name: string): Promise<IssuedPair> {
  const { issuer, chain } = issuingCa(r)
  const draft = { now: r.clock.date(), issuer, member, name, crlUrl: crlUrl(r.config.publicUrl, issuer.certificate) }
  const ours = (use: 'tls' | 'signing', certificate: Certificate): IssuedCertificate => ({
    use,
    certificate,
    issuer: sha256(issuer.certificate.publicKey.der),
    chain: shownChain(chain),
  })
  const { tls, signing, hosts } = asked
  return [
    tls.external === undefined
      ? ours('tls', await issueTlsCertificate({ ...draft, publicKey: tls.spki, hosts }))
      : externalCertificate(r, 'tls', tls.external),
    signing.external === undefined
      ? ours('signing', await issueSigningCertificate({ ...draft, publicKey: signing.spki }))
      : externalCertificate(r, 'signing', signing.external),
  ]
}

function externalCertificate(r: Registry, use: 'tls' | 'signing', der: Uint8Array): IssuedCertificate {
  const certificate = refusingPki(() => parseCertificate(der))
  const cas = r.trust.root().cas.map((ca) => ca.certificates.map((text) => parseCertificate(fromBase64url(text))))
  const ca =
    cas.find((certificates) => certificates.some(({ subject }) => subject.der.equals(certificate.issuer.der))) ?? []
  const above = ca.slice(ca.findIndex(({ subject }) => subject.der.equals(certificate.issuer.der)))
  return { use, certificate, issuer: null, chain: shownChain(above) }
}

/** Registers an issued pair with a place each. Inside a transaction. */
export function registerPair(r: Registry, request: string, member: string, pair: IssuedPair, asked: AskedPair): void {
  const earlier = r.certificates.pairsOf(member)
  const now = r.clock.now()
  const alive = earlier.filter((one) => r.certificates.ofRequest(one.request).some(({ notAfter }) => now <= notAfter))
  if (!(alive.length < PAIRS_MOST)) throw new Refusal('RATE_LIMITED', { pairs: alive.length })
  const keys: Record<'tls' | 'signing', AskedKey> = asked
  const rows = pair.map(
    ({ use, certificate, issuer }): CertificateRow => ({
      thumbprint: certificate.thumbprint,
      request,
      member,
      use,
      der: certificate.der,
      spki: keys[use].hash,
      serial: certificate.serial,
      issuer,
      place: r.places.allocate(),
      notBefore: Math.floor(certificate.notBefore.getTime() / 1000),
      notAfter: Math.floor(certificate.notAfter.getTime() / 1000),
    }),
  )
  const blank = { state: 'good', reason: null, revoked: null, since: null, compromised: 0, renewed: null } as const
  r.certificates.add({ request, member, number: (earlier[0]?.number ?? 0) + 1, issued: now, ...blank }, rows)
  r.due.directory = true
}

/** Protocol 3.2: chains as they go to the node, leaf first. */
export function chainsOf(pair: IssuedPair): { tls: string[]; signing: string[] } {
  const [tls, signing] = pair.map(({ certificate, chain }) =>
    [certificate, ...chain].map(({ der }) => toBase64url(der)),
  )
  return { tls: tls ?? [], signing: signing ?? [] }
}
