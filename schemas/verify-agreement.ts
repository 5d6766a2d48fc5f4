import type { KeyObject } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type ParsedDocument, type ParsedSignature, parseDocument, verifySignature } from './document.ts'
import type { Agreement } from './kinds.ts'
import { policyOf } from './policy.ts'
import { Refusal } from './refusal.ts'
import { markVerified, type Verified } from './verified.ts'

/** Whose key a thumbprint is, at the time a signature claims. Throws when it did not count then. */
export interface AgreementKeys {
  /** A member's signing certificate. */
  member(thumbprint: string, signedAt: number): { readonly member: string; readonly publicKey: KeyObject }
  /** The hub's directory key. */
  hub(thumbprint: string, signedAt: number): KeyObject
}

/** How far an agreement has come: who must have signed, exactly. */
export type SignedBy = 'some-owners' | 'owners' | 'consumer' | 'hub'

/** A verified agreement with the thumbprint under which each party signed. */
export interface VerifiedAgreement {
  readonly id: string
  readonly text: string
  readonly payload: Agreement
  /** Member → thumbprint of the certificate that signed for it. */
  readonly signers: ReadonlyMap<string, string>
  readonly hub: { readonly decision: string; readonly status: number; readonly iat: number } | undefined
}

/**
 * Protocol 5.9: every signature by itself, exactly the parties that must have signed at this stage, nobody twice.
 * A library's "general verify" is content with one good signature of three; this is not.
 */
export function verifyAgreement(
  text: string,
  stage: SignedBy,
  keys: AgreementKeys,
  net: string,
): Verified<VerifiedAgreement> {
  const document = parseDocument('agreement', text)
  const { payload } = document
  if (!(payload.net === net)) throw new Refusal('NETWORK_MISMATCH', { net: payload.net })
  // The policy people read and the terms the nodes enforce must say the same.
  if (!isDeepStrictEqual(payload.policy, policyOf(payload, payload.terms)))
    throw new Refusal('TERMS_MISMATCH', { rule: 'policy follows from terms' })
  if (!(payload.owners.includes(payload.dataset.slice(0, 18)) && !payload.owners.includes(payload.consumer)))
    throw new Refusal('TERMS_MISMATCH', { rule: 'the publisher is an owner and the consumer is none' })

  const signers = new Map<string, string>()
  for (const signature of document.signatures) {
    if (signature.role !== 'hub') verifyParty(signature, payload, keys, signers)
  }
  requireParties(stage, payload, document, signers)
  return markVerified({
    id: document.id,
    text,
    payload,
    signers,
    hub: stage === 'hub' ? verifyHubSignature(document, keys) : undefined,
  })
}

function verifyParty(
  signature: ParsedSignature,
  payload: Agreement,
  keys: AgreementKeys,
  signers: Map<string, string>,
): void {
  const { member, publicKey } = keys.member(signature.thumbprint, signature.iat as number)
  verifySignature(signature, publicKey)
  const mayBe =
    signature.role === 'consumer'
      ? member === payload.consumer
      : signature.role === 'owner' && payload.owners.includes(member)
  // A stranger's good signature is still not the party's.
  if (!mayBe) throw new Refusal('SIGNER_FORBIDDEN', { role: signature.role, member })
  if (signers.has(member)) throw new Refusal('SIGNATURES_INCOMPLETE', { rule: 'each party signs once', member })
  signers.set(member, signature.thumbprint)
}

function requireParties(
  stage: SignedBy,
  payload: Agreement,
  document: ParsedDocument<'agreement'>,
  signers: ReadonlyMap<string, string>,
): void {
  const owners = payload.sharing === 'unconditional' ? [] : payload.owners
  const needed = stage === 'owners' ? owners : [...owners, payload.consumer]
  const hubSignatures = document.signatures.filter(({ role }) => role === 'hub').length
  if (!(hubSignatures === (stage === 'hub' ? 1 : 0)))
    throw new Refusal('SIGNATURES_INCOMPLETE', {
      missing: 'hub',
      rule: `the hub signs ${stage === 'hub' ? 'once' : 'last'}`,
    })
  if (stage === 'some-owners') {
    if (!(signers.size > 0 && !signers.has(payload.consumer)))
      throw new Refusal('SIGNATURES_INCOMPLETE', { rule: 'owners sign first' })
    return
  }
  const missing = needed.filter((member) => !signers.has(member))
  if (!(missing.length === 0 && signers.size === needed.length)) {
    throw new Refusal('SIGNATURES_INCOMPLETE', {
      missing,
      detail: {
        zh: `缺少签名：${missing.join('、') || '（有多余签名）'}`,
        en: `Missing signatures: ${missing.join(', ') || '(there are too many)'}`,
      },
    })
  }
}

function verifyHubSignature(
  document: ParsedDocument<'agreement'>,
  keys: AgreementKeys,
): NonNullable<VerifiedAgreement['hub']> {
  const signature = document.signatures.find(({ role }) => role === 'hub') as ParsedSignature
  const { thumbprint, iat, decision, status } = signature
  if (iat === undefined || decision === undefined || status === undefined)
    throw new Refusal('DOCUMENT_HEADER', { rule: "the hub's signature names decision and status" })
  verifySignature(signature, keys.hub(thumbprint, iat))
  return { decision, status, iat }
}
