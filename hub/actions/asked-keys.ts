import { verifyCsr } from '#pki/requests.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { checkCertificate, keyOfCertificate, refusingPki } from '#schemas/certificates.ts'
import { sha256 } from '#schemas/hash.ts'
import type { Payload } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { DEFAULT_NETWORKS, isLoopbackHost, requireEndpoint } from '../networks.ts'
import type { Registry } from '../registry.ts'

type Proof = Payload<'certificate-request'>['tls']

/** One key of a certificate-request, its possession or its CA proved. */
export interface AskedKey {
  readonly spki: Buffer
  /** SHA-256 of `spki`, hex. */
  readonly hash: string
  /** DER of an external licensed CA's certificate over it; otherwise ours is to be issued. */
  readonly external: Uint8Array | undefined
}

/** What a certificate-request asks for, checked. */
export interface AskedPair {
  readonly tls: AskedKey
  readonly signing: AskedKey
  readonly endpoint: string | null
  /** For the TLS certificate; none for a node that cannot be reached. */
  readonly hosts: readonly string[]
}

/** Protocol 3.2, 3.3: keys proved, apart from each other, never certified before; the endpoint inside the policy. */
export async function requireAsked(r: Registry, request: Payload<'certificate-request'>): Promise<AskedPair> {
  const tls = askedKey(r, request.tls, 'tls', request.member)
  const signing = askedKey(r, request.signing, 'signing', request.member)
  // One key for both uses: whoever takes the TLS key out of a server's memory could sign documents.
  if (!(tls.hash !== signing.hash)) throw new Refusal('CSR_INVALID', { rule: 'TLS and signing have a key each' })
  for (const { hash } of [tls, signing])
    if (r.certificates.hasKey(hash)) throw new Refusal('CSR_INVALID', { rule: 'a key is certified once' })
  const { endpoint } = request
  return {
    tls,
    signing,
    endpoint,
    hosts: endpoint === null ? [] : [await requireEndpoint(endpoint, endpointPolicy(r))],
  }
}

/** The key that a request's `kid` must be at enrolment: SHA-256 of the new signing key's SubjectPublicKeyInfo. */
export function signingKeyOf(request: Payload<'certificate-request'>): Buffer {
  const proof = request.signing
  if ('certificate' in proof) return keyOfCertificate(fromBase64url(proof.certificate)).spki
  return refusingPki(() => verifyCsr(fromBase64url(proof.csr)).publicKey)
}

function askedKey(r: Registry, proof: Proof, use: 'tls' | 'signing', member: string): AskedKey {
  if ('csr' in proof) {
    const spki = refusingPki(() => verifyCsr(fromBase64url(proof.csr)).publicKey)
    return { spki, hash: sha256(spki), external: undefined }
  }
  const der = fromBase64url(proof.certificate)
  const { subjectMember } = checkCertificate(
    der,
    use === 'tls' ? 'tls-client' : 'member-signing',
    r.trust.root().cas,
    r.clock.date(),
  )
  if (!(subjectMember === undefined || subjectMember === member))
    throw new Refusal('MEMBER_MISMATCH', { certificate: subjectMember, member })
  const { spki } = keyOfCertificate(der)
  return { spki, hash: sha256(spki), external: der }
}

function endpointPolicy({ config }: Registry) {
  return {
    networks: config.networks.length > 0 ? config.networks : DEFAULT_NETWORKS,
    loopback: isLoopbackHost(config.host),
  }
}
