import { toRfc3339 } from '#schemas/clock.ts'
import { type ParsedDocument, parseDocument } from '#schemas/document.ts'
import type { TrustedCertificate } from '#schemas/judge-certificates.ts'
import type { Kind } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Verified } from '#schemas/verified.ts'
import type { Caller } from '#web/serving/require-caller.ts'
import type { Exchange } from '../exchange.ts'

/** Kinds with one signature that members send to the hub. */
export type MemberKind = Extract<
  Kind,
  'tombstone' | 'request' | 'offer' | 'consent' | 'refusal' | 'agreement-change' | 'grant-request'
>

/** A member's document, verified, and the certificate that signed it. */
export interface Received<K extends Kind> {
  readonly document: Verified<ParsedDocument<K>>
  readonly signer: TrustedCertificate
}

/** What to do with a document once it is verified. */
export interface Receipt<K extends Kind, A> {
  /** Id of the request whose story it belongs to; throws where the caller has no part in it. Before anything is kept. */
  readonly story: (received: Received<K>) => string | null
  /** The change itself; what it returns is the answer, now and to every retry. */
  readonly act: (received: Received<K>) => A
}

/**
 * Protocol 1.5 around one document of a member: the same id again gets the answer it was given, before any look at a
 * clock; else it is verified, kept and acted on. Inside a transaction.
 */
export function receiveDocument<K extends MemberKind, A>(
  x: Exchange,
  kind: K,
  text: string,
  caller: Caller,
  { story, act }: Receipt<K, A>,
): A {
  const { id } = parseDocument(kind, text)
  const known = x.documents.find(id)
  if (known !== undefined && known.answer !== null && known.member === caller.member.id) {
    return JSON.parse(known.answer) as A
  }
  const received = x.trust.verifyMember(kind, text)
  const { payload } = received.document
  // Confused deputy: nobody hands in another's word over a connection of their own.
  requireSame(received.signer.member.id, caller)
  requireNotAhead(payload.iat, x)
  x.documents.keep({
    id,
    kind,
    member: caller.member.id,
    jti: payload.jti,
    text,
    request: story(received),
    stored: x.clock.now(),
  })
  const answer = act(received)
  x.documents.answer(id, answer)
  return answer
}

/** The member that signed is the one that calls: MEMBER_MISMATCH. */
export function requireSame(signer: string, caller: Caller): void {
  if (!(signer === caller.member.id)) throw new Refusal('MEMBER_MISMATCH', { signer, caller: caller.member.id })
}

/** Documents may come late but not from the future: CLOCK_SKEW past clock + 120 s. */
export function requireNotAhead(iat: number, { clock }: Pick<Exchange, 'clock'>): void {
  if (!(iat <= clock.now() + LIMITS.clockSkewSeconds)) {
    throw new Refusal('CLOCK_SKEW', { theirs: toRfc3339(iat), ours: clock.stamp() })
  }
}
