import { timingSafeEqual } from 'node:crypto'
import { parseP256Spki, publicKeyOf } from '#pki/spki.ts'
import { requireFresh } from '#schemas/clock.ts'
import { onlySignature, type ParsedDocument, parseDocument, verifySignature } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { MemberClass } from '#schemas/shapes.ts'
import type { CodeRow } from '../store/codes.ts'
import { type AskedPair, requireAsked, signingKeyOf } from './asked-keys.ts'
import { chainsOf, type IssuedPair, issuePair, registerPair } from './issue-pair.ts'
import { raiseAlarm } from './raise-alarm.ts'
import { type Office, signStatement } from './sign-statement.ts'
import { alignPlaces } from './standing.ts'

/** Protocol 3.2: what a new node is told. */
export interface Enrolled {
  readonly member: string
  readonly name: string
  readonly class: MemberClass
  readonly certificates: { readonly tls: readonly string[]; readonly signing: readonly string[] }
  readonly admission: string
}

type Request = ParsedDocument<'certificate-request'>

/**
 * Protocol 3.2: a one-time code and a certificate-request make a member with a pair of certificates. The same request
 * again hears the same answer; another one under a used code is CODE_USED and alarms.
 */
export async function enrol(r: Office, secret: string, text: string): Promise<Enrolled> {
  const request = parseDocument('certificate-request', text)
  const code = findCode(r, secret)
  if (code.used === request.id) return answered(r, request.id)
  if (code.used !== null) throw await usedTwice(r, code)
  requireEnrolment(r, code, request)
  const asked = await requireAsked(r, request.payload)
  const pair = await issuePair(r, asked, code.member, code.name)
  const enrolled = await r.commit(() => admit(r, code, request, asked, pair))
  if (enrolled === undefined) return settleRace(r, secret, request)
  await r.published()
  return enrolled
}

/** The code of a secret, by its hash: what timing could tell is about the hash, never about the secret. CODE_UNKNOWN. */
function findCode(r: Office, secret: string): CodeRow {
  const hash = sha256(secret)
  const found = r.codes.find(hash)
  if (found === undefined || !timingSafeEqual(Buffer.from(found.hash), Buffer.from(hash)))
    throw new Refusal('CODE_UNKNOWN')
  return found
}

function requireEnrolment(r: Office, code: CodeRow, request: Request): void {
  const { payload } = request
  if (!(r.clock.now() < code.expires)) throw new Refusal('CODE_EXPIRED')
  r.trust.requireNet(payload.net)
  if (!(payload.member === code.member))
    throw new Refusal('MEMBER_MISMATCH', { code: code.member, request: payload.member })
  if (!(payload.previous === null))
    throw new Refusal('DOCUMENT_INVALID', { field: '/previous', rule: 'null at enrolment' })
  requireFresh(payload.iat, r.clock)
  const signature = onlySignature(request)
  const spki = signingKeyOf(payload)
  if (!(signature.thumbprint === sha256(spki)))
    throw new Refusal('SIGNER_UNKNOWN', { rule: 'kid is the SHA-256 of the new signing key' })
  verifySignature(signature, publicKeyOf(parseP256Spki(spki, 'CSR_INVALID'), 'CSR_INVALID'))
}

/** Undefined when another request used the code meanwhile. Inside a transaction. */
function admit(r: Office, code: CodeRow, request: Request, asked: AskedPair, pair: IssuedPair): Enrolled | undefined {
  const { id, text, payload } = request
  const { member, name, class: memberClass, operator } = code
  if (r.codes.find(code.hash)?.used !== null) return undefined
  const { id: admission, text: admissionText } = signStatement(r, 'admission', {
    member,
    name,
    class: memberClass,
    request: id,
    operator,
  })
  const answer: Enrolled = { member, name, class: memberClass, certificates: chainsOf(pair), admission: admissionText }
  r.documents.keep({ id, kind: 'certificate-request', member, jti: payload.jti, text, answer: JSON.stringify(answer) })
  r.codes.use(code.hash, id)
  const before = r.members.find(member)
  // A new code brings a revoked member back; a suspension stands until it is lifted.
  const standing = before?.standing === 'suspended' ? 'suspended' : 'good'
  r.members.save({
    id: member,
    name,
    class: memberClass,
    standing,
    reason: before?.standing === 'suspended' ? before.reason : null,
    admission,
    endpoint: asked.endpoint,
    since: before?.since ?? r.clock.now(),
  })
  registerPair(r, id, member, pair, asked)
  r.codes.addAdmission({ id: admission, request: id, member, since: r.clock.now(), state: 'waiting', decision: null })
  alignPlaces(r, member)
  r.journal.append('certificate-request', id)
  return answer
}

/** A full disk may have kept the first answer from being published; it counts for the asker only once it is. */
async function answered(r: Office, request: string): Promise<Enrolled> {
  const answer = r.documents.find(request)?.answer
  if (answer === null || answer === undefined) throw new Error(`request ${request} used a code and has no answer`)
  await r.published()
  return JSON.parse(answer) as Enrolled
}

/** Two at once with one code: the first to be stored has it. */
async function settleRace(r: Office, secret: string, request: Request): Promise<Enrolled> {
  const code = findCode(r, secret)
  if (code.used !== request.id) throw await usedTwice(r, code)
  return answered(r, request.id)
}

/** The code may have been read by a stranger, before or after its owner used it: people must look. */
async function usedTwice(r: Office, { member, name }: CodeRow): Promise<Refusal> {
  await r.commit(() =>
    raiseAlarm(r, 'CODE_USED', member, {
      zh: `${name}（${member}）的接入码被第二次使用；请核对待办中的指纹`,
      en: `The enrolment code of ${name} (${member}) was used a second time; compare the fingerprint in the queue`,
    }),
  )
  return new Refusal('CODE_USED', { member })
}
