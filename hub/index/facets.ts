/** Facets in the order in which they are shown. */
export const FACETS = ['class', 'theme', 'industry', 'member', 'region', 'sharing', 'periodicity', 'price'] as const

/** Name of a facet, also of the filter on it. */
export type Facet = (typeof FACETS)[number]

/** Values of one entry in one facet, apart by blanks and wider ones first (`C C31 C311`); empty for none. */
export type FacetValues = Readonly<Record<Facet, string>>

/** Values asked for: one of them must be there in each facet named. */
export type Filters = Readonly<Partial<Record<Facet, readonly string[]>>>

/** Entries found, ascending, and per facet and value how many there would be whatever this facet's own filter says. */
export interface Selection {
  readonly slots: Uint32Array
  readonly counts: Readonly<Record<Facet, ReadonlyMap<string, number>>>
}

/** Entries as columns of small numbers, kept in memory: counting 100,000 entries in eight facets takes about a millisecond. */
export type FacetColumns = ReturnType<typeof createFacetColumns>

/** A slot is the row number of an entry in `index.db`. Each distinct set of values has one number; 0 is an empty slot. */
export function createFacetColumns() {
  const columns = FACETS.map(() => createColumn())
  let width = 0
  let inUse: Uint32Array | undefined

  function set(slot: number, values: FacetValues): void {
    width = Math.max(width, slot + 1)
    inUse = undefined
    for (const [index, facet] of FACETS.entries()) columns[index]?.set(slot, values[facet])
  }

  function clear(slot: number): void {
    inUse = undefined
    for (const column of columns) column.clear(slot)
  }

  /** Every slot in use, ascending; kept until an entry comes or goes. */
  function all(): Uint32Array {
    inUse ??= findInUse()
    return inUse
  }

  function findInUse(): Uint32Array {
    const groups = groupsOf(0)
    const slots = new Uint32Array(width)
    let found = 0
    for (let slot = 0; slot < width; slot++) if (groups[slot] !== 0) slots[found++] = slot
    return slots.subarray(0, found)
  }

  /** Drill sideways: an entry that fails one filter alone still counts in that filter's facet. */
  function select(candidates: Uint32Array, filters: Filters): Selection {
    const groups = FACETS.map((_, index) => groupsOf(index))
    const tallies = columns.map((column) => new Uint32Array(column.size()))
    const slots = sift(candidates, groups, tallies, filters)
    for (const [index, counts] of tallies.entries()) tally(slots, groups[index] as Uint32Array, counts)
    const spread = FACETS.map((facet, index) => [facet, columns[index]?.spread(tallies[index] as Uint32Array)])
    return { slots, counts: Object.fromEntries(spread) }
  }

  /** Slots that pass all filters; those that fail exactly one are counted in its facet. */
  function sift(candidates: Uint32Array, groups: Groups, tallies: Groups, filters: Filters): Uint32Array {
    const allowed = FACETS.map((facet, index) => columns[index]?.allow(filters[facet]))
    const active = FACETS.flatMap((_, index) => (allowed[index] === undefined ? [] : [index]))
    if (active.length === 0) return candidates
    const slots = new Uint32Array(candidates.length)
    let found = 0
    for (const slot of candidates) {
      const failed = failedFilter(slot, active, groups, allowed)
      if (failed === PASSED) slots[found++] = slot
      else if (failed !== FAILED_SEVERAL) count(slot, groups[failed] as Uint32Array, tallies[failed] as Uint32Array)
    }
    return slots.subarray(0, found)
  }

  const groupsOf = (index: number) => (columns[index] as Column).groups(width)

  return { set, clear, all, select }
}

const PASSED = -1
const FAILED_SEVERAL = -2

type Groups = readonly Uint32Array[]

/** Index of the only filter that the entry fails, PASSED or FAILED_SEVERAL. */
function failedFilter(
  slot: number,
  active: readonly number[],
  groups: Groups,
  allowed: readonly (Uint8Array | undefined)[],
): number {
  let failed = PASSED
  for (const index of active) {
    if (allowed[index]?.[groups[index]?.[slot] ?? 0] === 1) continue
    if (failed !== PASSED) return FAILED_SEVERAL
    failed = index
  }
  return failed
}

/** Adds one for each slot to the count of its group. Counted by index: an iterator would leave garbage for each entry. */
function tally(slots: Uint32Array, groups: Uint32Array, counts: Uint32Array): void {
  for (let index = 0; index < slots.length; index++) count(slots[index] as number, groups, counts)
}

function count(slot: number, groups: Uint32Array, counts: Uint32Array): void {
  const group = groups[slot] as number
  counts[group] = (counts[group] as number) + 1
}

type Column = ReturnType<typeof createColumn>

function createColumn() {
  const numbers = new Map<string, number>()
  /** Values of each group; group 0 belongs to empty slots. */
  const members: (readonly string[])[] = [[]]
  let slots = new Uint32Array(1024)

  function set(slot: number, text: string): void {
    let group = numbers.get(text)
    if (group === undefined) {
      group = members.push(text === '' ? [] : text.split(' ')) - 1
      numbers.set(text, group)
    }
    slots = grown(slots, slot, (length) => new Uint32Array(length))
    slots[slot] = group
  }

  return {
    set,
    clear(slot: number): void {
      slots[slot] = 0
    },
    size: () => members.length,
    /** Group of each slot below `width`. */
    groups(width: number): Uint32Array {
      slots = grown(slots, width, (length) => new Uint32Array(length))
      return slots
    },
    /** Which groups hold one of the values; undefined when nothing is asked. */
    allow: (values: readonly string[] | undefined) =>
      values === undefined || values.length === 0
        ? undefined
        : Uint8Array.from(members, (group) => (group.some((value) => values.includes(value)) ? 1 : 0)),
    /** Counts per group as counts per value. */
    spread(counts: Uint32Array): Map<string, number> {
      const spread = new Map<string, number>()
      for (const [group, count] of counts.entries()) {
        if (count === 0) continue
        for (const value of members[group] ?? []) spread.set(value, (spread.get(value) ?? 0) + count)
      }
      return spread
    },
  }
}

/** The array itself, or a copy at least twice as long that reaches `slot`. */
export function grown<T extends Uint32Array | Float64Array>(array: T, slot: number, make: (length: number) => T): T {
  if (slot < array.length) return array
  const longer = make(Math.max(slot + 1, array.length * 2))
  longer.set(array)
  return longer
}
