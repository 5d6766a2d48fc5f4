/**
 * Finds catalog entries by words and facets. Trusted for nothing but finding: what it holds was verified before, and can
 * be deleted and built again from `hub.db` at any time.
 */
import type Database from 'better-sqlite3'
import type { CatalogRecord } from '#schemas/catalog/record.ts'
import { withSection } from '#schemas/codes/industries.ts'
import { storageError } from '#schemas/storage/storage-error.ts'
import { parseCursor, writeCursor } from './cursor.ts'
import { createEntryMemory, type EntryMemory } from './entry-memory.ts'
import { type CatalogItem, type EntryExtra, type IndexedMember, ownersOf } from './entry-row.ts'
import { createEntryStore, type EntryStore, type RelationRole } from './entry-store.ts'
import { type FacetLists, listFacets, WITHOUT_INDUSTRY } from './facet-lists.ts'
import { FACETS, type Facet, type Filters } from './facets.ts'
import { openIndexFile } from './index-file.ts'
import { keyOf, type RankPart, type Sort, topSlots } from './ranking.ts'
import { containsFolded, inColumns, toMatch } from './tokens.ts'

/** One value or several of which one must fit. */
export type Choice = string | readonly string[] | undefined

/** What is searched. Facets are combined with and; an unknown value finds nothing. `limit` 1–100, 20 if not given. */
export interface SearchQuery extends Readonly<Partial<Record<Facet, Choice>>> {
  readonly words?: string | undefined
  readonly sort?: Sort | undefined
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

/** One page. `total` and `facets` are of the whole result; `next` is the cursor of the page after it. */
export interface SearchResult {
  readonly items: readonly CatalogItem[]
  readonly total: number
  readonly facets: FacetLists
  readonly next?: string
}

/** Something to offer while a person types: a member (`value`: its id) or a dataset (its id). */
export interface Suggestion {
  readonly kind: 'member' | 'dataset'
  readonly value: string
  readonly text: string
  readonly en?: string | undefined
}

/** An entry that names another: `role` is what it calls that other. */
export interface Naming {
  readonly item: CatalogItem
  readonly role: RelationRole
}

/** One change of the index; `used` is the number of pulls so far, not one more, so that it may be said twice. */
export type IndexChange =
  | { readonly put: CatalogRecord; readonly extra: EntryExtra }
  | { readonly remove: string }
  | { readonly used: string; readonly pulls: number }

/** The index of the hub. */
export type SearchIndex = ReturnType<typeof openIndex>

const defaultLimit = 20
const maxLimit = 100
const maxSuggestions = 8
const maxNaming = 50
const emptySlots = new Uint32Array()

/** Opens `index.db` at `path`, empty where it cannot be used: then `position()` is 0 and the hub fills it again. */
export function openIndex(path: string) {
  return openIndexFile(path, loadIndex)
}

function loadIndex(db: Database.Database) {
  const store = createEntryStore(db)
  const memory = createEntryMemory()
  for (const row of store.rows()) memory.put(row)
  for (const member of store.members()) memory.members.set(member.id, member)

  const write = db.transaction((changes: readonly IndexChange[], position: number | undefined) => {
    const steps = changes.map((change) => applyChange(store, memory, change))
    if (position !== undefined) store.setPosition(position)
    return steps
  })

  function commit(changes: readonly IndexChange[], position: number | undefined) {
    try {
      return write.immediate(changes, position)
    } catch (error) {
      throw storageError(error, rethrow)
    }
  }

  /** All changes and the journal position in one transaction; memory follows once it is committed. */
  function apply(changes: readonly IndexChange[], position?: number): void {
    for (const step of commit(changes, position)) step()
    store.forgetMatches()
  }

  return {
    apply,
    put: (record: CatalogRecord, extra: EntryExtra) => apply([{ put: record, extra }]),
    remove: (dataset: string) => apply([{ remove: dataset }]),
    /** `pulls`: how often it was pulled so far. */
    used: (dataset: string, pulls: number) => apply([{ used: dataset, pulls }]),
    search: (query: SearchQuery): SearchResult => search(store, memory, query),
    suggest: (prefix: string): readonly Suggestion[] => suggest(store, memory, prefix),
    /** The published entry of a dataset as lists show it. */
    find: (dataset: string): CatalogItem | undefined => findItem(store, memory, dataset),
    /** Entries that name this dataset as upstream, downstream or related; at most 50. */
    naming: (dataset: string): readonly Naming[] =>
      store.relationsTo(dataset, maxNaming).map(({ id, role }) => ({ item: toShown(store, memory, id), role })),
    /** 门类 (GB/T 4754) of each member's published entries. */
    sectionsByMember: (): ReadonlyMap<string, ReadonlySet<string>> => groupSections(store.industriesByMember()),
    count: memory.count,
    /** Number of the last journal row that is in the index. */
    position: store.position,
    setPosition: (seq: number) => apply([], seq),
    close: () => void db.close(),
  }
}

/** Codes stand with all those above them, so a 门类 is among them by itself: one letter. */
function groupSections(
  rows: readonly { readonly member: string; readonly industry: string }[],
): Map<string, Set<string>> {
  const sections = new Map<string, Set<string>>()
  for (const { member: owners, industry } of rows)
    for (const owner of owners.split(' ')) {
      const known = sections.get(owner) ?? new Set()
      for (const code of industry.split(' ')) if (/^[A-Z]$/.test(code)) known.add(code)
      sections.set(owner, known)
    }
  return sections
}

/** A lost write ends no process here: the index is no evidence and is built again. */
function rethrow(error: unknown): never {
  throw error
}

/** Writes one change; returns the step that memory takes after the commit. */
function applyChange(store: EntryStore, memory: EntryMemory, change: IndexChange): () => void {
  if ('put' in change) {
    const { put: record, extra } = change
    const row = store.put(record, extra)
    return () => {
      memory.put(row)
      for (const owner of ownersOf(record, extra)) memory.members.set(owner.id, owner)
    }
  }
  if ('remove' in change) {
    const slot = store.remove(change.remove)
    return () => slot !== undefined && memory.remove(slot)
  }
  const slot = store.used(change.used, change.pulls)
  return () => slot !== undefined && memory.setUsed(slot, change.pulls)
}

function search(store: EntryStore, memory: EntryMemory, query: SearchQuery): SearchResult {
  const { words = '', sort = 'relevance', cursor } = query
  const filters = toFilters(query)
  const limit = Math.min(Math.max(Math.trunc(query.limit ?? defaultLimit) || 1, 1), maxLimit)
  const asked = [words, sort, ...FACETS.map((facet) => filters[facet] ?? [])]
  const place = cursor === undefined ? undefined : parseCursor(cursor, asked)
  const { expression, loose, slots } = find(store, words, place?.loose)
  const selection = memory.facets.select(slots ?? memory.facets.all(), filters)
  const order = orderBy(sort, memory, () => (expression === '' ? undefined : tiersOf(store, expression)))
  const top = topSlots(selection.slots, order, limit + 1, place?.key)
  const shown = top.slice(0, limit)
  const key = keyOf(order, shown.at(-1) ?? 0)
  return {
    items: shown.map((slot) => toShown(store, memory, slot)),
    total: selection.slots.length,
    facets: listFacets(selection, filters, memory.members),
    ...(top.length > limit && { next: writeCursor({ loose, key }, asked) }),
  }
}

interface Found {
  readonly expression: string
  readonly loose: boolean
  /** Undefined where no words were asked: then everything. */
  readonly slots?: Uint32Array
}

/** Words as typed; where that finds nothing at all, read loosely. Later pages stay with the reading of the first. */
function find(store: EntryStore, words: string, loose: boolean | undefined): Found {
  if (words.trim() === '') return { expression: '', loose: false }
  const match = toMatch(words)
  // Words without a letter or digit: nothing can be found by them.
  if (match.strict === '') return { expression: '', loose: false, slots: emptySlots }
  const strict = loose === true ? emptySlots : store.match(match.strict)
  if (!(loose ?? strict.length === 0)) return { expression: match.strict, loose: false, slots: strict }
  return { expression: match.loose, loose: true, slots: store.match(match.loose) }
}

/**
 * Relevance depends on entry and words alone: bm25 also moves with every other entry, so pages of it would repeat and skip.
 * All words in title or id, then with keywords, then anywhere; among equals the shorter title, which they fill more.
 */
function orderBy(sort: Sort, memory: EntryMemory, findTiers: () => RankPart | undefined): readonly RankPart[] {
  const { arrival, used, titleLength } = memory
  const newest = [arrival, (slot: number) => slot]
  if (sort === 'used') return [used, ...newest]
  const tier = sort === 'relevance' ? findTiers() : undefined
  return tier === undefined ? newest : [tier, (slot) => -titleLength(slot), ...newest]
}

function tiersOf(store: EntryStore, expression: string): RankPart {
  const withKeywords = store.match(inColumns('title ids keywords', expression))
  const tiers = new Uint8Array((withKeywords.at(-1) ?? 0) + 1)
  for (const slot of withKeywords) tiers[slot] = 1
  for (const slot of store.match(inColumns('title ids', expression))) tiers[slot] = 2
  return (slot) => tiers[slot] ?? 0
}

function toFilters(query: SearchQuery): Filters {
  const chosen = FACETS.map(
    (facet) => [facet, [query[facet] ?? []].flat().flatMap((value) => toValue(facet, value))] as const,
  )
  return Object.fromEntries(chosen.filter(([, values]) => values.length > 0))
}

/** A value as it is indexed. An empty one, as forms send it, asks for nothing. */
function toValue(facet: Facet, value: string): readonly string[] {
  const typed = value.trim()
  if (typed === '') return []
  if (facet === 'industry') return [typed === WITHOUT_INDUSTRY ? typed : withSection(typed)]
  return [facet === 'member' ? typed.toUpperCase() : typed]
}

function toShown(store: EntryStore, memory: EntryMemory, slot: number): CatalogItem {
  const item = store.item(slot)
  const member = memory.members.get(item.member) as IndexedMember
  return { ...item, memberName: member.name, memberClass: member.class, used: memory.used(slot) }
}

function findItem(store: EntryStore, memory: EntryMemory, dataset: string): CatalogItem | undefined {
  const slot = store.find(dataset)
  return slot === undefined ? undefined : toShown(store, memory, slot)
}

/** Members by name or id first, then datasets by title or id, best first. */
function suggest(store: EntryStore, memory: EntryMemory, prefix: string): readonly Suggestion[] {
  const { strict } = toMatch(prefix)
  if (strict === '') return []
  const members = [...memory.members.values()]
    .filter(({ id, name }) => containsFolded(name, prefix) || id.startsWith(prefix.trim().toUpperCase()))
    .slice(0, maxSuggestions / 2)
  const slots = store.match(inColumns('title ids', strict))
  const order = [memory.used, (slot: number) => -memory.titleLength(slot), memory.arrival]
  const items = topSlots(slots, order, maxSuggestions - members.length, undefined).map(store.item)
  return [
    ...members.map(({ id, name }) => ({ kind: 'member', value: id, text: name }) as const),
    ...items.map(({ dataset, title }) => ({ kind: 'dataset', value: dataset, text: title.zh, en: title.en }) as const),
  ]
}
