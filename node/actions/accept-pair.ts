import { type KeyPair, spkiOf } from '#pki/keys.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { checkCertificate, refusingPki } from '#schemas/certificates.ts'
import type { Root } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { CERTIFICATE, closed, MEMBER, MEMBER_CLASS, NAME } from '#schemas/shapes.ts'
import { type Shape, validate } from '#schemas/validate.ts'
import type { Pair, PendingPair } from '../store/pairs.ts'
import type { PairKeys } from './certificate-request.ts'

const CHAIN = { type: 'array', items: CERTIFICATE, minItems: 1, maxItems: 5 } as const
const CERTIFICATES = closed({ tls: CHAIN, signing: CHAIN }, ['tls', 'signing'])
const ANSWER = closed(
  {
    member: MEMBER,
    name: NAME,
    class: MEMBER_CLASS,
    certificates: CERTIFICATES,
    admission: { type: 'string', maxLength: 98_304 },
  },
  ['member', 'name', 'class', 'certificates'],
)

/** What the hub answers to a certificate-request (Protocol 3.2, 3.3). */
export type IssuedAnswer = Shape<typeof ANSWER>

/** PEER_MISBEHAVED unless it has that shape. */
export function parseIssued(answer: unknown): IssuedAnswer {
  return validate(ANSWER, answer, 'PEER_MISBEHAVED')
}

/** The answer as a pair of ours: certificates of exactly our keys and our member, under a listed CA. Else CERTIFICATE_*. */
export function acceptPair(
  pending: PendingPair,
  answer: IssuedAnswer,
  ours: { readonly keys: PairKeys; readonly member: string; readonly root: Root; readonly now: Date },
): Pair {
  const { tls, signing } = answer.certificates
  const first = acceptCertificate(tls, ours.keys.tls, 'tls-client', ours)
  const second = acceptCertificate(signing, ours.keys.signing, 'member-signing', ours)
  const seconds = (date: Date) => Math.floor(date.getTime() / 1000)
  return {
    ...pending,
    tls,
    signing,
    notBefore: Math.max(seconds(first.notBefore), seconds(second.notBefore)),
    notAfter: Math.min(seconds(first.notAfter), seconds(second.notAfter)),
  }
}

function acceptCertificate(
  [text]: readonly string[],
  keys: KeyPair,
  purpose: 'tls-client' | 'member-signing',
  { member, root, now }: Parameters<typeof acceptPair>[2],
) {
  const der = fromBase64url(text ?? '')
  const checked = checkCertificate(der, purpose, root.cas, now)
  const certificate = refusingPki(() => parseCertificate(der))
  if (!certificate.publicKey.der.equals(spkiOf(keys.publicKey)))
    throw new Refusal('CERTIFICATE_IDENTITY', { rule: 'the certificate is of our key' })
  if (!(checked.subjectMember === undefined || checked.subjectMember === member))
    throw new Refusal('MEMBER_MISMATCH', { member })
  return checked
}
