import { parseDocument } from '#schemas/document.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Exchange } from '../exchange.ts'
import type { EntryRow, EntryState } from '../store/entries.ts'

/** An entry as a member reads it: its text verifies by itself. */
export interface ReadEntry {
  readonly entry: string
  readonly state: EntryState
}

/** Protocol 4.2: one entry by id. One that never counted is shown to its owners only: NOT_FOUND. */
export function readEntry(x: Exchange, id: string, member: string): ReadEntry {
  const row = x.entries.find(id)
  if (row === undefined || row.kind === 'tombstone') throw new Refusal('NOT_FOUND')
  const { text } = x.documents.get(id)
  // What waits, or was given up before all owners signed, was never public.
  const shown = row.state === 'published' || row.state === 'superseded' || payloadOf(text).owners.includes(member)
  if (!shown) throw new Refusal('NOT_FOUND')
  return { entry: text, state: row.state }
}

/**
 * Protocol 4.3: the entry of a dataset. Owners see one that waits before the published one it would replace.
 * DATASET_UNKNOWN; DATASET_WITHDRAWN with the tombstone's text and sequence.
 */
export function readDataset(x: Exchange, dataset: string, member: string): ReadEntry {
  const newest = x.entries.newest(dataset)
  if (newest === undefined) throw new Refusal('DATASET_UNKNOWN', { dataset })
  const { text } = x.documents.get(newest.id)
  if (newest.kind === 'tombstone')
    throw new Refusal('DATASET_WITHDRAWN', { dataset, sequence: newest.sequence, tombstone: text })
  const mayWait = newest.state === 'waiting' && payloadOf(text).owners.includes(member)
  const row = newest.state === 'published' || mayWait ? newest : x.entries.published(dataset)
  if (row === undefined) throw new Refusal('DATASET_UNKNOWN', { dataset })
  return { entry: x.documents.get(row.id).text, state: row.state }
}

/** Entries that wait for this owner's signature, as `hanghui node cosign` wants them. */
export function readWaiting(x: Exchange, member: string): ReadEntry[] {
  return x.entries
    .waiting()
    .map((row) => ({ row, text: x.documents.get(row.id).text }))
    .filter(({ text }) => payloadOf(text).owners.includes(member))
    .map(({ row, text }) => ({ entry: text, state: row.state }))
}

/** The published entry on which requests and grants rest, with its payload; DATASET_UNKNOWN or DATASET_WITHDRAWN without. */
export function requirePublished(x: Exchange, dataset: string): { row: EntryRow; payload: CatalogEntry } {
  if (x.entries.newest(dataset)?.kind === 'tombstone') throw new Refusal('DATASET_WITHDRAWN', { dataset })
  const row = x.entries.published(dataset)
  if (row === undefined) throw new Refusal('DATASET_UNKNOWN', { dataset })
  return { row, payload: entryPayload(x, row.id) }
}

/** Payload of a kept entry. */
export function entryPayload(x: Exchange, id: string): CatalogEntry {
  return payloadOf(x.documents.get(id).text)
}

function payloadOf(text: string): CatalogEntry {
  return parseDocument('catalog-entry', text).payload
}
