import { isDeepStrictEqual } from 'node:util'
import type { Meta } from '#schemas/catalog/meta.ts'
import { checkRecordRules } from '#schemas/catalog/rules.ts'
import { parseDocument } from '#schemas/document.ts'
import type { CatalogEntry, Directory, MemberEntry } from '#schemas/kinds.ts'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Verified } from '#schemas/verified.ts'
import { type VerifiedEntry, verifyEntry } from '#schemas/verify-entry.ts'
import type { Caller } from '#web/serving/require-caller.ts'
import type { Exchange } from '../exchange.ts'
import type { EntryRow, EntryState } from '../store/entries.ts'
import { countEarlierPulls } from './count-pull.ts'
import { heldSigners, mergeSignatures, partyKeys } from './party-keys.ts'
import { requireNotAhead } from './receive-document.ts'

/** Protocol 4.1: what a publisher hears. */
export interface Listed {
  readonly dataset: string
  readonly sequence: number
  readonly state: EntryState
}

/**
 * Protocol 4.1, 4.2: takes a catalog entry, or another owner's signature under one that waits. The same again changes
 * nothing. Inside a transaction.
 */
export function receiveEntry(x: Exchange, text: string, caller: Caller): Listed {
  const { id } = parseDocument('catalog-entry', text)
  const held = x.documents.find(id)
  const signed = heldSigners(x, 'catalog-entry', held?.text)
  const entry = verifyEntry(text, partyKeys(x, signed), x.trust.net, false)
  if (!entry.signers.has(caller.member.id))
    throw new Refusal('MEMBER_MISMATCH', { signers: [...entry.signers.keys()], caller: caller.member.id })
  if (held === undefined) return addEntry(x, entry)

  const row = x.entries.find(id) as EntryRow
  const merged = mergeSignatures('catalog-entry', held.text, signed, entry)
  if (merged === undefined) return listed(row)
  if (!(row.state === 'waiting'))
    throw new Refusal('SEQUENCE_NOT_NEXT', { sequence: row.sequence, rule: 'only a waiting entry takes signatures' })
  return addCosignature(x, row, merged, entry)
}

function addEntry(x: Exchange, entry: Verified<VerifiedEntry>): Listed {
  const { id, text, payload } = entry
  requireNotAhead(payload.iat, x)
  requireRules(x, payload)
  requireNext(x, payload)
  const state = entry.missing.length === 0 ? 'published' : 'waiting'
  const { dataset, sequence, terms, version } = payload
  x.documents.keep({
    id,
    kind: 'catalog-entry',
    member: payload.member,
    jti: payload.jti,
    text,
    request: null,
    stored: x.clock.now(),
  })
  const row: EntryRow = { id, dataset, sequence, kind: 'catalog-entry', terms, version, state }
  x.entries.add(row)
  x.journal.append('catalog-entry', id)
  if (state === 'published') countEarlierPulls(x, row)
  return listed(row)
}

function addCosignature(x: Exchange, row: EntryRow, merged: string, { payload, signers }: VerifiedEntry): Listed {
  x.documents.setText(row.id, merged)
  const all = new Set([...heldSigners(x, 'catalog-entry', merged).keys(), ...signers.keys()])
  const complete = payload.owners.every((owner) => all.has(owner))
  if (complete) {
    // Weeks may have passed since the first signature: phase, permit and owners' standing are asked again.
    requireRules(x, payload)
    x.entries.publish(row)
    countEarlierPulls(x, row)
  }
  x.journal.append('catalog-entry', row.id)
  return listed({ ...row, state: complete ? 'published' : 'waiting' })
}

/** The catalog model's rules, and that those named as owners are members and are those META names. */
function requireRules(x: Exchange, payload: CatalogEntry): void {
  const { meta, member, owners } = payload
  const named = meta.ownership === 'JOINT' ? (meta.owners ?? []) : [member]
  const publisher = requireMember(x, member)
  const { phase } = (x.trust.directory() as { payload: Directory }).payload
  checkRecordRules(payload, { phase, now: x.clock.now(), member, memberClass: publisher.class })
  if (!isDeepStrictEqual(owners.toSorted(), named.toSorted()))
    throw new Refusal('OWNERS_UNEXPECTED', { field: '/owners', owners, named })
  for (const owner of owners) requireMember(x, owner)
  if (payload.sample !== undefined && !(Buffer.byteLength(JSON.stringify(payload.sample)) <= LIMITS.sampleBytes))
    throw new Refusal('BODY_TOO_LARGE', { field: '/sample', mostBytes: LIMITS.sampleBytes })
}

function requireMember(x: Exchange, member: string): MemberEntry {
  const found = x.trust.findMember(member)
  if (found === undefined) throw new Refusal('MEMBER_UNKNOWN', { member })
  return found
}

/** Protocol 4.1: one step up in sequence; version never down; terms up when what is offered changes; no owner dropped. */
function requireNext(x: Exchange, payload: CatalogEntry): void {
  const { dataset, sequence, version, terms } = payload
  const newest = x.entries.newest(dataset)
  const next = (newest?.sequence ?? 0) + 1
  if (!(sequence === next)) throw new Refusal('SEQUENCE_NOT_NEXT', { sequence, next })
  const before = x.entries.newestEntry(dataset)
  if (before === undefined) return
  const earlier = parseDocument('catalog-entry', x.documents.get(before.id).text).payload
  // Versions are immutable: the same number with another manifest would be a second truth.
  const sameVersion = version === earlier.version && payload.manifest === earlier.manifest
  if (!(version > earlier.version || sameVersion))
    throw new Refusal('VERSION_NOT_NEXT', { version, newest: earlier.version })
  // A withdrawn offer that comes back is a new one, or agreements the owner ended by withdrawing would run again.
  const unchanged = newest?.kind === 'catalog-entry' && isSameOffer(payload.meta, earlier.meta)
  if (!(terms > earlier.terms || (unchanged && terms === earlier.terms)))
    throw new Refusal('TERMS_NOT_RAISED', { terms, newest: earlier.terms })
  // A co-owner's say does not end because the publisher leaves its name out.
  const dropped = earlier.owners.filter((owner) => !payload.owners.includes(owner))
  if (dropped.length > 0) throw new Refusal('SIGNATURES_INCOMPLETE', { missing: dropped, rule: 'owners stay owners' })
}

/** Would somebody who accepted one have accepted the other? Sharing, audience, price. */
function isSameOffer(one: Meta, other: Meta): boolean {
  const offer = ({ sharing, audience, price }: Meta) => ({ sharing, audience: audience.toSorted(), price })
  return isDeepStrictEqual(offer(one), offer(other))
}

function listed({ dataset, sequence, state }: EntryRow): Listed {
  return { dataset, sequence, state }
}
