import { parseDocument } from '#schemas/document.ts'
import type { JournalRow } from '#schemas/storage/journal.ts'
import type { Exchange } from '../exchange.ts'
import type { IndexChange, SearchIndex } from '../index/search-index.ts'
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
  const record = entryPayload(x, id)
  const member = x.trust.findMember(record.member)
  const first = x.entries.firstOfVersion(row.dataset, row.version)
  const extra = {
    memberName: member?.name ?? record.member,
    memberClass: member?.class ?? 'association',
    sequenceNumber: seq,
    ...(first === undefined || first.id === id ? {} : { released: entryPayload(x, first.id).modified }),
  }
  return [{ put: record, extra }, ...useOf(x, row.dataset)]
}

function datasetOf(x: Exchange, kind: 'delivery' | 'acknowledgement', id: string): string | undefined {
  const { payload } = parseDocument(kind, x.documents.get(id).text)
  return x.pulls.find(payload.order)?.dataset
}

function useOf(x: Exchange, dataset: string | undefined): IndexChange[] {
  return dataset === undefined ? [] : [{ used: dataset, pulls: x.pulls.countOf(dataset) }]
}
