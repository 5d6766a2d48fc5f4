import type { KeyObject } from 'node:crypto'
import { fromBase64url } from '#schemas/base64url.ts'
import { onlySignature, type ParsedDocument, parseDocument, verifySignature } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import type { Kind } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Trust } from '#schemas/trust.ts'
import { type AgreementKeys, type VerifiedAgreement, verifyAgreement } from '#schemas/verify-agreement.ts'
import type { PaperRow, Papers } from '../store/papers.ts'
import type { PartyKeys } from './party-keys.ts'
import type { Item } from './story-item.ts'

interface Deps {
  readonly member: string
  /** Whose certificate it is, as far as we ever saw it. */
  readonly findMember: (thumbprint: string) => string | undefined
  readonly trust: Trust
  readonly keys: PartyKeys
  readonly papers: Papers
}

/** Kinds of one signature that a party of a story signs. */
type PartyKind = 'request' | 'offer' | 'consent' | 'refusal' | 'agreement-change'

/** Verifies the documents of a story; what is kept already was verified when it came. */
export type PaperReader = ReturnType<typeof createPaperReader>

export function createPaperReader({ member, findMember, trust, keys, papers }: Deps) {
  /** A party's document, or for changes the hub's. Once kept it is not verified again: its certificate may have ended since. */
  function readPaper<K extends PartyKind>(kind: K, text: string, item: Item) {
    const document = parseDocument(kind, text)
    trust.requireNet(document.net)
    const kept = papers.find(document.id)
    const signer = kept?.signer ?? verifyParty(kind, document, item)
    const { iat } = document.payload as { iat: number }
    return { ...document, row: { id: document.id, kind, story: item.request, signer, iat, text } satisfies PaperRow }
  }

  function verifyParty(kind: Kind, document: ParsedDocument<Kind>, item: Item): string {
    const signature = onlySignature(document)
    const { iat } = document.payload as { iat: number }
    const hub = kind === 'agreement-change' ? findHubKey(kind, signature.thumbprint, iat) : undefined
    if (hub !== undefined) {
      verifySignature(signature, hub)
      return 'hub'
    }
    const { member: signer, publicKey } = keys.member(signature.thumbprint, iat, isOwnWish(signature.thumbprint, item))
    verifySignature(signature, publicKey)
    const party = signer === item.consumer || (kind !== 'request' && item.owners.includes(signer))
    if (!party) throw new Refusal('SIGNER_FORBIDDEN', { kind, signer })
    return signer
  }

  function findHubKey(kind: Kind, thumbprint: string, signedAt: number): KeyObject | undefined {
    const named = trust
      .roots()
      .some(({ payload }) => payload.keys.some((key) => sha256(fromBase64url(key.certificate)) === thumbprint))
    return named ? trust.hubKey(kind, thumbprint, signedAt) : undefined
  }

  function readDecision(text: string, item: Item): PaperRow {
    const document = parseDocument('decision', text)
    trust.requireNet(document.net)
    const signature = onlySignature(document)
    if (papers.find(document.id) === undefined)
      verifySignature(signature, trust.hubKey('decision', signature.thumbprint, document.payload.iat))
    return { id: document.id, kind: 'decision', story: item.request, signer: 'hub', iat: document.payload.iat, text }
  }

  /** The same text again was verified when it came. */
  function readAgreement(text: string, item: Item): VerifiedAgreement {
    const document = parseDocument('agreement', text)
    const roles = document.signatures.map(({ role }) => role)
    const { payload } = document
    const stage = roles.includes('hub')
      ? 'hub'
      : roles.includes('consumer')
        ? 'consumer'
        : roles.length === payload.owners.length
          ? 'owners'
          : 'some-owners'
    const agreement = verifyAgreement(text, stage, keptKeys(document.id, item), trust.net)
    const fits =
      payload.request === item.request &&
      payload.dataset === item.dataset &&
      payload.consumer === item.consumer &&
      agreement.id === item.agreement
    if (!fits) throw misread('the agreement is the one named')
    return agreement
  }

  /**
   * Protocol 3.4: a member whose keys were lost begins with an empty node, and its old certificate is revoked. What it signed as
   * consumer still counts with itself: as such it gains rights only, and the owner demands its own word for the new keys.
   * As owner nothing of a revoked key counts: whoever has it could share our data.
   */
  function isOwnWish(thumbprint: string, item: Item): boolean {
    return item.consumer === member && findMember(thumbprint) === member
  }

  /** A signature that is already kept was verified under a certificate good then. */
  function keptKeys(id: string, item: Item): AgreementKeys {
    const kept = papers.find(id)
    const verified = new Set(
      kept === undefined ? [] : parseDocument('agreement', kept.text).signatures.map(({ thumbprint }) => thumbprint),
    )
    return {
      member: (thumbprint, signedAt) =>
        keys.member(thumbprint, signedAt, verified.has(thumbprint) || isOwnWish(thumbprint, item)),
      hub: keys.hub,
    }
  }

  return { readPaper, readDecision, readAgreement }
}

function misread(rule: string): Refusal {
  return new Refusal('PEER_MISBEHAVED', { rule })
}
