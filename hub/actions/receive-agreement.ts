import { isDeepStrictEqual } from 'node:util'
import { fromRfc3339, toRfc3339 } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import type { Agreement, CatalogEntry } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { State } from '#schemas/transitions.ts'
import type { Verified } from '#schemas/verified.ts'
import { type SignedBy, type VerifiedAgreement, verifyAgreement } from '#schemas/verify-agreement.ts'
import type { Caller } from '#web/serving/require-caller.ts'
import type { Exchange } from '../exchange.ts'
import type { AgreementRow } from '../store/agreements.ts'
import { finaliseAgreement } from './finalise-agreement.ts'
import { moveAgreement, requireParty, saveAgreement } from './move-agreement.ts'
import { heldSigners, mergeSignatures, partyKeys } from './party-keys.ts'
import { entryPayload, requirePublished } from './read-entry.ts'
import { standingTerms } from './receive-answer.ts'
import { requireNotAhead } from './receive-document.ts'
import { pathOf, requireSameTerms } from './receive-request.ts'
import { requireEligible } from './require-eligible.ts'

/** How far the agreement has come, with every signature it has by now. */
export interface Signed {
  readonly agreement: string
  readonly id: string
  readonly state: State
}

/** What a posted agreement is held against. */
interface Posting {
  readonly row: AgreementRow
  readonly path: AgreementRow['path']
  readonly entry: CatalogEntry
  readonly caller: Caller
}

/**
 * Protocol 5.2, 5.4, 5.5: takes an agreement with the caller's signature under it. The same signature again changes
 * nothing. Inside a transaction.
 */
export function receiveAgreement(x: Exchange, text: string, caller: Caller): Signed {
  const { id, payload } = parseDocument('agreement', text)
  const { row, role } = requireParty(x, payload.request, caller.member.id)
  if (!(row.agreement === null || row.agreement === id))
    throw new Refusal('TERMS_MISMATCH', { rule: 'one agreement for a request', agreement: row.agreement })
  const held = x.documents.find(id)
  const signed = heldSigners(x, 'agreement', held?.text)
  if (held !== undefined && row.agreement === id && signed.has(caller.member.id))
    return { agreement: held.text, id, state: row.state }

  const entry = entryPayload(x, row.entry)
  const posting: Posting = { row, path: currentPath(x, row, entry), entry, caller }
  const verified = verifyAgreement(text, stageOf(role, posting), partyKeys(x, signed), x.trust.net)
  if (!verified.signers.has(caller.member.id))
    throw new Refusal('MEMBER_MISMATCH', { signers: [...verified.signers.keys()], caller: caller.member.id })
  requireNotAhead(payload.iat, x)
  requireAgreed(x, payload, posting)
  requireStillOffered(x, posting)
  const merged = keepSignatures(x, verified, held?.text, signed, row)
  return role === 'owner' ? signAsOwner(x, posting, verified, merged) : signAsConsumer(x, posting, verified, merged)
}

/** A request on the open path takes the other one once owner or hub have ended or suspended what the consumer had. */
function currentPath(x: Exchange, row: AgreementRow, entry: CatalogEntry): AgreementRow['path'] {
  return row.path === 'unconditional' ? pathOf(x, row.consumer, entry) : 'conditional'
}

function stageOf(role: 'owner' | 'consumer', { path, row }: Posting): SignedBy {
  if (role === 'consumer') return 'consumer'
  if (!(path === 'conditional'))
    throw new Refusal('TRANSITION_REFUSED', {
      state: row.state,
      message: 'owner-signs',
      rule: "the entry is the owner's standing offer",
    })
  return 'some-owners'
}

/** Word for word what was asked or last offered and accepted, on the entry it was asked on: TERMS_MISMATCH names the field. */
function requireAgreed(x: Exchange, payload: Agreement, { row, path, entry }: Posting): void {
  // One signature short: on this path the owners' word is needed and the payload claims it is not.
  if (!(payload.sharing === path)) {
    const code = path === 'conditional' ? 'SIGNATURES_INCOMPLETE' : 'TERMS_MISMATCH'
    throw new Refusal(code, { field: '/sharing', path, ...(path === 'conditional' ? { missing: entry.owners } : {}) })
  }
  const agreed = {
    dataset: row.dataset,
    consumer: row.consumer,
    entry: row.entry,
    offer: row.words === row.request ? null : row.words,
    owners: entry.owners,
    offerTerms: entry.terms,
    sensitive: entry.meta.sensitive,
    terms: standingTerms(x, row),
  }
  for (const [field, value] of Object.entries(agreed)) {
    if (!isDeepStrictEqual(payload[field as keyof typeof agreed], value))
      throw new Refusal('TERMS_MISMATCH', { field: `/${field}`, agreed: value })
  }
}

/** Weeks may lie between request and signature: what was possible then must be possible now. */
function requireStillOffered(x: Exchange, { row, path, entry }: Posting): void {
  const { row: newest, payload } = requirePublished(x, row.dataset)
  if (path === 'unconditional') requireSameTerms(entry.terms, newest.terms)
  const consumer = x.trust.findMember(row.consumer)
  if (consumer === undefined) throw new Refusal('MEMBER_UNKNOWN', { member: row.consumer })
  requireEligible(x, consumer, payload)
  if (!(x.clock.now() < row.until)) throw new Refusal('PERIOD_OVER', { until: toRfc3339(row.until) })
}

function keepSignatures(
  x: Exchange,
  verified: Verified<VerifiedAgreement>,
  held: string | undefined,
  signed: ReadonlyMap<string, string>,
  row: AgreementRow,
): string {
  const { id, text, payload } = verified
  if (held === undefined) {
    const member = [...verified.signers.keys()][0] as string
    x.documents.keep({
      id,
      kind: 'agreement',
      member,
      jti: payload.jti,
      text,
      request: row.request,
      stored: x.clock.now(),
    })
    return text
  }
  const merged = mergeSignatures('agreement', held, signed, verified) ?? held
  x.documents.setText(id, merged)
  return merged
}

function signAsOwner(x: Exchange, { row, entry }: Posting, { id }: VerifiedAgreement, text: string): Signed {
  const mover = { kind: 'agreement', id }
  const signers = heldSigners(x, 'agreement', text)
  const complete = entry.owners.every((owner) => signers.has(owner))
  const fields = { agreement: id, path: 'conditional', lapses: lapsesFrom(x, row, id) } as const
  // With owners still missing nothing but the draft changes; the table says what state it must be in all the same.
  const moved = complete ? moveAgreement(x, row, 'owner-signs', mover, fields) : saveDraft(x, row, mover, fields)
  return { agreement: text, id, state: moved.state }
}

function saveDraft(
  x: Exchange,
  row: AgreementRow,
  mover: { kind: string; id: string },
  fields: Partial<AgreementRow>,
): AgreementRow {
  if (!(row.state === 'REQUESTED' || row.state === 'ACCEPTED'))
    throw new Refusal('TRANSITION_REFUSED', { state: row.state, message: 'owner-signs' })
  return saveAgreement(x, { ...row, ...fields }, mover)
}

function signAsConsumer(x: Exchange, { row, path }: Posting, { id, payload }: VerifiedAgreement, text: string): Signed {
  const mover = { kind: 'agreement', id }
  const fields = {
    agreement: id,
    verified: x.clock.now(),
    lapses: lapsesFrom(x, row, id),
    until: fromRfc3339(payload.terms.until),
  }
  if (path === 'conditional') {
    return { agreement: text, id, state: moveAgreement(x, row, 'consumer-signs', mover, fields).state }
  }
  const verified = moveAgreement(x, row, 'consumer-takes-offer', mover, fields)
  const by = {
    operator: 'hub',
    via: { kind: 'rule' as const },
    at: x.clock.stamp(),
    reason: '无条件共享 / unconditional sharing',
  }
  const final = finaliseAgreement(x, verified, id, [by])
  return { agreement: final.text, id, state: final.row.state }
}

/** Protocol 5.6: thirty days from the first signature under the agreement. */
function lapsesFrom(x: Exchange, row: AgreementRow, id: string): number {
  return row.agreement === id ? row.lapses : x.clock.now() + LIMITS.agreementFinalSeconds
}
