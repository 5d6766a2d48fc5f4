import type { CatalogRecord } from '#schemas/catalog/record.ts'
import { parseDocument } from '#schemas/document.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { JournalRow } from '#schemas/storage/journal.ts'
import type { Exchange } from '../exchange.ts'
import type { IndexedMember } from '../index/entry-row.ts'
import type { IndexChange, SearchIndex } from '../index/search-index.ts'
import { pullOf, type ReceiptKind } from './file-receipts.ts'
import { entryPayload } from './read-entry.ts'

const ROWS_AT_ONCE = 500

/**
 * Brings the index up to the journal: each change that bears on the catalog, once, in order. What it reads is the state
 * of now, so an index that was deleted is filled again by the same steps.
 */
export function feedIndex(x: Exchange, index: SearchIndex): void {
  for (;;) {
    const rows = x.journal.after(index.position(), ROWS_AT_ONCE)
    const last = rows.at(-1)
    if (last === undefined) return
    index.apply(
      rows.flatMap((row) => changesOf(x, row)),
      last.seq,
    )
  }
}

function changesOf(x: Exchange, { kind, hash, seq }: JournalRow): IndexChange[] {
  switch (kind) {
    case 'catalog-entry':
    case 'tombstone':
      return entryChanges(x, hash, seq)
    case 'pull-order':
    case 'delivery':
    case 'acknowledgement':
      return useOf(x, datasetOf(x, kind, hash))
    default:
      return []
  }
}

function entryChanges(x: Exchange, id: string, seq: number): IndexChange[] {
  const row = x.entries.find(id)
  if (row === undefined || row.state === 'waiting' || row.state === 'superseded') return []
  // A tombstone, or an entry given up before it counted: what matters is what stands now.
  if (row.state === 'withdrawn') return x.entries.published(row.dataset) === undefined ? [{ remove: row.dataset }] : []
  const record = findRecord(x, id)
  if (record === undefined) return [{ remove: row.dataset }]
  const member = nameOf(x, record.member)
  const first = x.entries.firstOfVersion(row.dataset, row.version)
  const released = first === undefined || first.id === id ? undefined : findRecord(x, first.id)?.modified
  const extra = {
    memberName: member.name,
    memberClass: member.class,
    coOwners: coOwnersOf(record).map((owner) => nameOf(x, owner)),
    sequenceNumber: seq,
    ...(released === undefined ? {} : { released }),
  }
  return [{ put: record, extra }, ...useOf(x, row.dataset)]
}

function coOwnersOf({ member, meta }: CatalogRecord): readonly string[] {
  return meta.ownership === 'JOINT' ? (meta.owners ?? []).filter((owner) => owner !== member) : []
}

function nameOf(x: Exchange, id: string): IndexedMember {
  const known = x.trust.findMember(id)
  return { id, name: known?.name ?? id, class: known?.class ?? 'association' }
}

/** Undefined for one taken when documents were read less strictly: it must not keep all others out. */
function findRecord(x: Exchange, id: string): CatalogRecord | undefined {
  try {
    return entryPayload(x, id)
  } catch (error) {
    if (!isRefusal(error)) throw error
    return undefined
  }
}

function datasetOf(x: Exchange, kind: ReceiptKind, id: string): string | undefined {
  return x.pulls.find(pullOf(parseDocument(kind, x.documents.get(id).text)))?.dataset
}

function useOf(x: Exchange, dataset: string | undefined): IndexChange[] {
  return dataset === undefined ? [] : [{ used: dataset, pulls: x.pulls.countOf(dataset) }]
}
