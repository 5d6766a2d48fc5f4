import { issueHubTlsCertificate } from '#pki/certificates.ts'
import { generateKeyPair, spkiOf } from '#pki/keys.ts'
import { type Certificate, parseCertificate } from '#pki/parse-certificate.ts'
import type { TlsIdentity } from '#pki/tls.ts'
import { fromBase64url, toBase64url } from '#schemas/base64url.ts'
import { hostsOf } from '../config.ts'
import { crlUrl } from './make-authority.ts'
import { issuersOf, issuingCa, shownChain } from './online-keys.ts'
import type { Office } from './sign-statement.ts'

/** A certificate is renewed when this share of its life remains. */
const REMAINING = 1 / 3

/**
 * The hub's TLS certificate with key and chain; a new one, key and all, when a third of its life remains, when its names
 * changed in `config.toml`, or when no listed CA of ours stands above it. Renewal is no new trust: the CA vouches as before.
 */
export async function currentTls(r: Office): Promise<TlsIdentity> {
  const present = findTls(r)
  if (present !== undefined && !isDue(r, present.certificate)) return present.identity
  const { issuer, chain } = issuingCa(r)
  const pair = generateKeyPair()
  // The key is on disk before its certificate counts; a crash between leaves a key that nothing names.
  r.keyring.add('tls', pair)
  const certificate = await issueHubTlsCertificate({
    now: r.clock.date(),
    issuer,
    publicKey: spkiOf(pair.publicKey),
    name: r.config.name,
    hosts: hostsOf(r.config),
    crlUrl: crlUrl(r.config.publicUrl, issuer.certificate),
  })
  await r.commit(() => {
    r.facts.set('tls', toBase64url(certificate.der))
    r.facts.record('tls-renewed', { thumbprint: certificate.thumbprint, at: r.clock.now() })
  })
  if (present !== undefined) r.keyring.remove('tls', present.certificate.publicKey.der)
  return { key: pair.privateKey, chain: [certificate, ...shownChain(chain)].map(({ der }) => der) }
}

function findTls(r: Office): { certificate: Certificate; identity: TlsIdentity } | undefined {
  const text = r.facts.find('tls')
  const certificate = text === undefined ? undefined : parseCertificate(fromBase64url(text))
  const key = certificate === undefined ? undefined : r.keyring.find(certificate.publicKey.der)
  if (certificate === undefined || key === undefined) return undefined
  const above = issuersOf(r).find(({ issuer }) => issuer.certificate.subject.der.equals(certificate.issuer.der))
  if (above === undefined) return undefined
  return { certificate, identity: { key, chain: [certificate, ...shownChain(above.chain)].map(({ der }) => der) } }
}

function isDue(r: Office, { notBefore, notAfter, extensions }: Certificate): boolean {
  const life = notAfter.getTime() - notBefore.getTime()
  const old = notAfter.getTime() - r.clock.now() * 1000 < life * REMAINING
  const named = new Set([...(extensions.subjectAltNames?.dns ?? []), ...(extensions.subjectAltNames?.ip ?? [])])
  // IPv6 addresses are written differently there; they are compared by their number only.
  const missing = hostsOf(r.config).filter((host) => !host.includes(':') && !named.has(host))
  return old || missing.length > 0
}
