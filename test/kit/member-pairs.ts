import type { KeyObject } from 'node:crypto'
import { type Issuer, issueSigningCertificate, issueTlsCertificate } from '#pki/certificates.ts'
import { generateKeyPair, type KeyPair, spkiOf } from '#pki/keys.ts'
import type { Certificate } from '#pki/parse-certificate.ts'
import { makeCsr } from '#pki/requests.ts'
import { toBase64url } from '#schemas/base64url.ts'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import type { TestTime } from './authority.ts'

/** One pair of a member's certificates with its keys and the request it came from. */
export interface MemberPair {
  readonly tls: { readonly key: KeyObject; readonly certificate: Certificate }
  readonly signing: { readonly key: KeyObject; readonly certificate: Certificate }
  readonly request: string
  readonly requestText: string
  readonly previous: string | null
  readonly places: { readonly tls: number; readonly signing: number }
}

export interface PairIssuer {
  readonly net: string
  readonly time: TestTime
  readonly issuer: Issuer
  readonly nextPlace: () => number
}

/** A new pair for a member; `previous` is the pair whose key signs the request, none at enrolment. */
export async function issuePair(
  { net, time, issuer, nextPlace }: PairIssuer,
  member: string,
  previous: MemberPair | undefined,
): Promise<MemberPair> {
  const now = () => Math.floor(time.now / 1000)
  const [tlsKeys, signingKeys] = [generateKeyPair(), generateKeyPair()]
  const subject = (role: 'node-tls' | 'node-signing') => ({ commonName: member, organization: member, role, member })
  const csr = async (pair: KeyPair, role: 'node-tls' | 'node-signing') => ({
    csr: toBase64url(await makeCsr(pair, subject(role))),
  })
  const signer =
    previous === undefined
      ? { key: signingKeys.privateKey, thumbprint: sha256(spkiOf(signingKeys.publicKey)) }
      : { key: previous.signing.key, thumbprint: previous.signing.certificate.thumbprint }
  const requestText = signDocument(
    'certificate-request',
    {
      net,
      jti: newJti(),
      iat: now(),
      member,
      previous: previous?.signing.certificate.thumbprint ?? null,
      tls: await csr(tlsKeys, 'node-tls'),
      signing: await csr(signingKeys, 'node-signing'),
      endpoint: null,
    },
    signer,
  )
  const draft = { issuer, member, name: member, now: new Date(time.now) }
  return {
    tls: {
      key: tlsKeys.privateKey,
      certificate: await issueTlsCertificate({
        ...draft,
        publicKey: spkiOf(tlsKeys.publicKey),
        hosts: ['127.0.0.1'],
      }),
    },
    signing: {
      key: signingKeys.privateKey,
      certificate: await issueSigningCertificate({ ...draft, publicKey: spkiOf(signingKeys.publicKey) }),
    },
    request: parseDocument('certificate-request', requestText).id,
    requestText,
    previous: previous === undefined ? null : toBase64url(previous.signing.certificate.der),
    places: { tls: nextPlace(), signing: nextPlace() },
  }
}
