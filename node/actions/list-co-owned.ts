import { parseDocument } from '#schemas/document.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import type { Papers } from '../store/papers.ts'

/** Entries of other members that we signed as owners too: the newest of each dataset, unless we withdrew it after that. */
export function listCoOwned(papers: Pick<Papers, 'ofKind'>): readonly CatalogEntry[] {
  const newest = new Map<string, CatalogEntry>()
  for (const { text } of papers.ofKind('catalog-entry')) {
    const { payload } = parseDocument('catalog-entry', text)
    if (payload.sequence > (newest.get(payload.dataset)?.sequence ?? 0)) newest.set(payload.dataset, payload)
  }
  for (const { text } of papers.ofKind('tombstone')) {
    const { dataset, sequence } = parseDocument('tombstone', text).payload
    if (sequence > (newest.get(dataset)?.sequence ?? 0)) newest.delete(dataset)
  }
  return [...newest.values()]
}
