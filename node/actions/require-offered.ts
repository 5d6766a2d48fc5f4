import type { CatalogEntry, MemberEntry } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { VerifiedEntry } from '#schemas/verify-entry.ts'

/** An entry that a request or an agreement may rest on: of this dataset, and signed by all its owners. */
export function requireOffer(entry: VerifiedEntry, dataset: string): CatalogEntry {
  const { payload, missing } = entry
  if (!(payload.dataset === dataset)) throw new Refusal('PEER_MISBEHAVED', { rule: 'the entry asked for' })
  if (missing.length > 0) throw new Refusal('SIGNATURES_INCOMPLETE', { missing })
  return payload
}

/** The same for whoever signs as an owner: only under an entry that bears our own signature. AGREEMENT_NOT_OURS. */
export function requireOwnOffer(entry: VerifiedEntry, dataset: string, member: string): CatalogEntry {
  const payload = requireOffer(entry, dataset)
  if (!entry.signers.has(member)) throw new Refusal('AGREEMENT_NOT_OURS', { dataset, entry: entry.id })
  return payload
}

/** May a member of this class ask at all? As the owner signed it; the hub looks at it again. OWN_DATASET, SHARING_NONE, AUDIENCE_EXCLUDED. */
export function requireAskable(
  { dataset, owners, meta }: CatalogEntry,
  member: string,
  memberClass: MemberEntry['class'],
): void {
  if (owners.includes(member)) throw new Refusal('OWN_DATASET', { dataset })
  if (meta.sharing === 'none') throw new Refusal('SHARING_NONE', { dataset })
  if (!meta.audience.includes(memberClass))
    throw new Refusal('AUDIENCE_EXCLUDED', { class: memberClass, audience: meta.audience })
}
