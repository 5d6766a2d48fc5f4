import { keyOfCertificate } from '#schemas/certificates.ts'
import { requireFresh } from '#schemas/clock.ts'
import { onlySignature, type ParsedDocument, parseDocument, verifySignature } from '#schemas/document.ts'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { CertificateRow } from '../store/certificates.ts'
import type { MemberRow } from '../store/members.ts'
import { requireAsked } from './asked-keys.ts'
import type { Enrolled } from './enrol.ts'
import { chainsOf, issuePair, registerPair } from './issue-pair.ts'
import { raiseAlarm } from './raise-alarm.ts'
import type { Office } from './sign-statement.ts'
import { alignPlaces } from './standing.ts'

/** Protocol 3.3: as at enrolment, without the admission. */
export type Renewed = Omit<Enrolled, 'admission'>

type Request = ParsedDocument<'certificate-request'>

/**
 * Protocol 3.3: the newest pair renews itself, once, up to 90 days after its end, never if revoked or suspended. `caller`
 * is the member at the other end of mutual TLS; undefined on the enrolment listener, where the signature alone speaks.
 */
export async function renewPair(r: Office, text: string, caller: string | undefined): Promise<Renewed> {
  const request = parseDocument('certificate-request', text)
  const known = r.documents.find(request.id)
  if (known !== undefined) {
    await r.published()
    return answerAgain(known.answer)
  }
  const { previous, member } = requirePrevious(r, request, caller)
  await requireOnce(r, previous, request.id)
  requireFresh(request.payload.iat, r.clock)
  const asked = await requireAsked(r, request.payload)
  const pair = await issuePair(r, asked, member.id, member.name)
  const answer: Renewed = { member: member.id, name: member.name, class: member.class, certificates: chainsOf(pair) }
  const renewed = await r.commit(() => {
    // Time has passed since the checks: a revocation or another renewal may have been stored.
    const now = requirePrevious(r, request, caller)
    const old = r.certificates.findPair(previous.request)
    if (old === undefined || old.renewed !== null) return false
    const { id, payload } = request
    r.documents.keep({
      id,
      kind: 'certificate-request',
      member: member.id,
      jti: payload.jti,
      text,
      answer: JSON.stringify(answer),
    })
    r.certificates.savePair({ ...old, renewed: id })
    r.members.save({ ...now.member, endpoint: asked.endpoint })
    registerPair(r, id, member.id, pair, asked)
    alignPlaces(r, member.id)
    r.journal.append('certificate-request', id)
    return true
  })
  if (!renewed) {
    await requireOnce(r, previous, request.id)
    return answerAgain(r.documents.find(request.id)?.answer)
  }
  await r.published()
  return answer
}

function answerAgain(answer: string | null | undefined): Renewed {
  if (answer === null || answer === undefined) throw new Refusal('REPLAYED')
  const { admission: _admission, ...renewed } = JSON.parse(answer) as Enrolled
  return renewed
}

/** The certificate that signed the request, still entitled to renew, and its member. */
function requirePrevious(
  r: Office,
  request: Request,
  caller: string | undefined,
): { previous: CertificateRow; member: MemberRow } {
  const { payload } = request
  r.trust.requireNet(payload.net)
  const signature = onlySignature(request)
  const previous = payload.previous === null ? undefined : r.certificates.find(payload.previous)
  if (previous?.use !== 'signing') throw new Refusal('CERTIFICATE_UNREGISTERED', { thumbprint: payload.previous })
  if (!(signature.thumbprint === previous.thumbprint))
    throw new Refusal('SIGNER_UNKNOWN', { rule: 'signed by the certificate it names as previous' })
  verifySignature(signature, keyOfCertificate(previous.der).publicKey)
  if (!(payload.member === previous.member && (caller === undefined || caller === previous.member)))
    throw new Refusal('MEMBER_MISMATCH', { member: previous.member })
  const member = r.members.find(previous.member) as MemberRow
  const state = r.certificates.findPair(previous.request)?.state
  if (!(state !== 'revoked' && member.standing !== 'revoked'))
    throw new Refusal('CERTIFICATE_REVOKED', { member: member.id })
  if (!(member.standing === 'good')) throw new Refusal('MEMBER_SUSPENDED', { member: member.id })
  if (!(state === 'good')) throw new Refusal('CERTIFICATE_SUSPENDED', { member: member.id })
  if (!(r.clock.now() <= previous.notAfter + LIMITS.renewalGraceDays * 86_400))
    throw new Refusal('RENEWAL_TOO_LATE', { notAfter: new Date(previous.notAfter * 1000).toISOString() })
  return { previous, member }
}

/** Contract, Limits: only the newest pair renews, once. A second request means that somebody else has the key. */
async function requireOnce(r: Office, { member, request }: CertificateRow, asking: string): Promise<void> {
  const pair = r.certificates.findPair(request)
  const newest = r.certificates.pairsOf(member)[0]
  if (pair?.renewed === asking || (pair?.renewed === null && newest?.request === request)) return
  const name = r.members.find(member)?.name ?? member
  await r.commit(() =>
    raiseAlarm(r, 'ALREADY_RENEWED', member, {
      zh: `${name}（${member}）的同一对证书被要求第二次换发；私钥可能已泄露`,
      en: `A pair of certificates of ${name} (${member}) was to be renewed a second time; its key may be in other hands`,
    }),
  )
  throw new Refusal('ALREADY_RENEWED', { member })
}
