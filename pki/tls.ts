/**
 * TLS as every listener and client here speaks it: 1.3 only (1.2 shows client certificates to the wire), no session tickets
 * (a resumed session would revive a dead client certificate), and the other side's identity checked by our own rules on top.
 */
import { constants, type KeyObject } from 'node:crypto'
import { checkServerIdentity, type PeerCertificate, type TLSSocket, type TlsOptions } from 'node:tls'
import { PkiError } from './error.ts'
import { findRole, memberOfCertificate } from './names.ts'
import { type Certificate, parseCertificate } from './parse-certificate.ts'
import { toPem } from './pem.ts'

/** What a process shows: its key and its chain in DER, leaf first, the root left out. */
export interface TlsIdentity {
  readonly key: KeyObject
  readonly chain: readonly Uint8Array[]
}

export interface ServerTlsOptions extends TlsIdentity {
  /** DER of the authorities whose client certificates are let in (roots and the issuing ones below them), or `none` on a listener without client certificates. */
  readonly clientCas: readonly Uint8Array[] | 'none'
}

const handshakeTimeoutMilliseconds = 5_000

const pemOf = (certificates: readonly Uint8Array[]): string =>
  certificates.map((der) => toPem('CERTIFICATE', der)).join('')

const identityPem = ({ key, chain }: TlsIdentity) => ({
  key: key.export({ type: 'pkcs8', format: 'pem' }) as string,
  cert: pemOf(chain),
})

/** Options for `https.createServer` and, whole again, for `setSecureContext`: what is left out of that call falls back to Node's defaults, tickets included. */
export function serverTlsOptions({ key, chain, clientCas }: ServerTlsOptions) {
  const clients = clientCas === 'none' ? { requestCert: false } : { requestCert: true, ca: pemsOf(clientCas) }
  return {
    ...identityPem({ key, chain }),
    ...clients,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ALPNProtocols: ['http/1.1'],
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: handshakeTimeoutMilliseconds,
  } satisfies TlsOptions
}

/** An empty list would make OpenSSL fall back to the public authorities of the runtime. */
function pemsOf(authorities: readonly Uint8Array[]): string[] {
  if (!(authorities.length > 0)) throw new PkiError('CERTIFICATE_UNTRUSTED', 'no-anchor')
  return authorities.map((der) => toPem('CERTIFICATE', der))
}

/** Certificates of the other side as it sent them, leaf first; throws PkiError on one that does not parse. */
export type PeerCheck = (chain: readonly Certificate[]) => void

export interface ClientTlsOptions {
  readonly identity: TlsIdentity | 'none'
  /** DER of the authorities whose server certificates are believed. */
  readonly serverCas: readonly Uint8Array[]
  /** Who must answer: `expectMember`, `expectHub`, or a check of the caller's that throws PkiError. */
  readonly expect: PeerCheck
}

/**
 * Options for undici's `new Agent({ connect })`. The host name is checked as ever, then `expect` on the parsed chain; whatever
 * it throws ends the connection before a byte of the request is sent.
 */
export function clientTlsOptions({ identity, serverCas, expect }: ClientTlsOptions) {
  return {
    ...(identity === 'none' ? {} : identityPem(identity)),
    ca: pemsOf(serverCas),
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    allowH2: false,
    // A resumed session skips every check of the server's certificate.
    maxCachedSessions: 0,
    rejectUnauthorized: true,
    checkServerIdentity: (host: string, peer: PeerCertificate): Error | undefined =>
      checkServerIdentity(host, peer) ?? failureOf(expect, peer),
  } as const
}

/** Node's hook wants the error as a value; every throw counts as a refusal. */
function failureOf(expect: PeerCheck, peer: PeerCertificate): Error | undefined {
  try {
    expect(chainOf(peer))
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error('peer check failed')
  }
}

/** The certificates behind Node's linked list, leaf first; a self-signed one points to itself. */
function chainOf(peer: PeerCertificate): Certificate[] {
  const chain: Certificate[] = []
  let at: PeerCertificate | undefined = peer
  while (at?.raw !== undefined && chain.length < 8) {
    const certificate = parseCertificate(at.raw)
    if (chain.at(-1)?.thumbprint === certificate.thumbprint) break
    chain.push(certificate)
    at = (at as { issuerCertificate?: PeerCertificate }).issuerCertificate
  }
  return chain
}

/** Demands the certificate of that member's node; CERTIFICATE_IDENTITY otherwise. */
export function expectMember(member: string): PeerCheck {
  return ([leaf]) => {
    if (!(leaf !== undefined && memberOfCertificate(leaf) === member))
      throw new PkiError('CERTIFICATE_IDENTITY', 'member', { expected: member })
  }
}

/** Demands the hub's own certificate; CERTIFICATE_IDENTITY otherwise. Sound only where `serverCas` are our own authorities: external ones write what they like. */
export function expectHub(): PeerCheck {
  return ([leaf]) => {
    if (!(leaf !== undefined && findRole(leaf.subject) === 'hub-tls'))
      throw new PkiError('CERTIFICATE_IDENTITY', 'role')
  }
}

/**
 * For a node's first contact only, when it knows no authority yet, just a fingerprint: anybody may answer. Nothing secret may be
 * sent over it, and what comes back counts only once the fingerprint vouches for it.
 */
export function unverifiedClientTlsOptions() {
  return {
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    allowH2: false,
    maxCachedSessions: 0,
    rejectUnauthorized: false,
  } as const
}

/** The certificates the other side of an open connection has shown, leaf first; CERTIFICATE_UNTRUSTED if none. */
export function peerChain(socket: TLSSocket): Certificate[] {
  const chain = chainOf(socket.getPeerCertificate(true))
  if (!(chain.length > 0)) throw new PkiError('CERTIFICATE_UNTRUSTED', 'no-anchor')
  return chain
}

/** The certificate of the other side of an open connection; CERTIFICATE_UNTRUSTED if it showed none. Cheap enough for each new connection, to be kept per socket. */
export function peerCertificate(socket: TLSSocket): Certificate {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) throw new PkiError('CERTIFICATE_UNTRUSTED', 'no-anchor')
  return parseCertificate(certificate.raw)
}
