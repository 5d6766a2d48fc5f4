import type { IndexedMember } from './entry-row.ts'
import type { EntryRow } from './entry-store.ts'
import { createFacetColumns, grown } from './facets.ts'
import type { RankPart } from './ranking.ts'

/** What searching asks of every entry found, by slot: about 60 bytes an entry. Follows `index.db` after each commit. */
export type EntryMemory = ReturnType<typeof createEntryMemory>

/** Empty; filled by `put` with every row of the file. */
export function createEntryMemory() {
  const facets = createFacetColumns()
  const arrival = createNumbers()
  const used = createNumbers()
  const titleLength = createNumbers()
  const members = new Map<string, IndexedMember>()
  let count = 0

  /** A row that is new to memory, or its newest state. */
  function put(row: EntryRow): void {
    if (arrival.get(row.id) === 0) count++
    facets.set(row.id, row)
    arrival.set(row.id, row.arrival)
    used.set(row.id, row.used)
    titleLength.set(row.id, row.titleLength)
  }

  function remove(slot: number): void {
    count--
    facets.clear(slot)
    arrival.set(slot, 0)
  }

  return {
    put,
    remove,
    facets,
    members,
    count: () => count,
    arrival: arrival.get,
    used: used.get,
    titleLength: titleLength.get,
    setUsed: used.set,
  }
}

function createNumbers(): { get: RankPart; set(slot: number, value: number): void } {
  let numbers = new Float64Array(1024)
  return {
    get: (slot) => numbers[slot] ?? 0,
    set(slot, value) {
      numbers = grown(numbers, slot, (length) => new Float64Array(length))
      numbers[slot] = value
    },
  }
}
