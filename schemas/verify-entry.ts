import { type ParsedDocument, parseDocument, verifySignature } from './document.ts'
import type { CatalogEntry } from './kinds.ts'
import { Refusal } from './refusal.ts'
import { markVerified, type Verified } from './verified.ts'
import type { AgreementKeys } from './verify-agreement.ts'

/** A catalog entry whose owners' signatures hold. */
export interface VerifiedEntry {
  readonly id: string
  readonly text: string
  readonly payload: CatalogEntry
  /** Owner → thumbprint of its signature. */
  readonly signers: ReadonlyMap<string, string>
  /** Owners whose signature is still missing (JOINT, guidance art. 11 ②). */
  readonly missing: readonly string[]
}

/** Protocol 4.1, 4.2: signed by the owner of the namespace, and by each owner at most once. `complete` demands them all. */
export function verifyEntry(
  text: string,
  keys: Pick<AgreementKeys, 'member'>,
  net: string,
  complete: boolean,
): Verified<VerifiedEntry> {
  const document = parseDocument('catalog-entry', text)
  const { payload } = document
  if (!(payload.net === net)) throw new Refusal('NETWORK_MISMATCH', { net: payload.net })
  // Catalog poisoning: a namespace belongs to the member whose code it bears.
  if (!(payload.dataset.slice(0, 18) === payload.member && payload.owners.includes(payload.member)))
    throw new Refusal('NAMESPACE_FOREIGN', { dataset: payload.dataset, member: payload.member })

  const signers = new Map<string, string>()
  for (const signature of document.signatures) addOwner(document, signature, keys, signers)
  if (!signers.has(payload.member))
    throw new Refusal('NAMESPACE_FOREIGN', { dataset: payload.dataset, signers: [...signers.keys()] })
  const missing = payload.owners.filter((owner) => !signers.has(owner))
  if (complete && missing.length > 0) throw new Refusal('SIGNATURES_INCOMPLETE', { missing })
  return markVerified({ id: document.id, text, payload, signers, missing })
}

function addOwner(
  document: ParsedDocument<'catalog-entry'>,
  signature: ParsedDocument<'catalog-entry'>['signatures'][number],
  keys: Pick<AgreementKeys, 'member'>,
  signers: Map<string, string>,
): void {
  const { member, publicKey } = keys.member(signature.thumbprint, signature.iat as number)
  verifySignature(signature, publicKey)
  const { owners, dataset } = document.payload
  if (!owners.includes(member))
    throw new Refusal(owners.length === 1 ? 'NAMESPACE_FOREIGN' : 'COSIGNATURE_FOREIGN', { dataset, member })
  if (!(signature.role === 'owner')) throw new Refusal('SIGNER_FORBIDDEN', { role: signature.role })
  if (signers.has(member)) throw new Refusal('SIGNATURES_INCOMPLETE', { rule: 'each owner signs once', member })
  signers.set(member, signature.thumbprint)
}
