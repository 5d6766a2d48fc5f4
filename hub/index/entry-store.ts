import type Database from 'better-sqlite3'
import type { CatalogRecord } from '#schemas/catalog/record.ts'
import {
  type EntryExtra,
  type IndexedMember,
  ownersOf,
  type StoredItem,
  toFacetValues,
  toItem,
  toWords,
} from './entry-row.ts'
import type { FacetValues } from './facets.ts'

/** What is kept in memory of an entry; `id` is its row number and slot. */
export interface EntryRow extends FacetValues {
  readonly id: number
  readonly arrival: number
  readonly used: number
  readonly titleLength: number
}

/** Tables of `index.db`. Every function is one step of a transaction that the caller opens. */
export type EntryStore = ReturnType<typeof createEntryStore>

const FACET_COLUMNS = 'class, theme, industry, member, region, sharing, periodicity, price'

/** How one entry may name another (META, relations). */
const RELATION_ROLES = ['upstream', 'downstream', 'related'] as const
export type RelationRole = (typeof RELATION_ROLES)[number]

const keptMatches = 32

/** Prepares the statements of `index.db`. */
export function createEntryStore(db: Database.Database) {
  const findId = db.prepare<[string], number>('SELECT id FROM entries WHERE dataset = ?').pluck()
  const putEntry = db.prepare<[object], EntryRow>(`
    INSERT INTO entries (dataset, arrival, title_length, ${FACET_COLUMNS}, item)
    VALUES (:dataset, :arrival, :titleLength, :class, :theme, :industry, :member, :region, :sharing, :periodicity, :price, :item)
    ON CONFLICT (dataset) DO UPDATE SET
      arrival = iif(item ->> 'version' = excluded.item ->> 'version', arrival, excluded.arrival), title_length = excluded.title_length,
      class = excluded.class, theme = excluded.theme, industry = excluded.industry, member = excluded.member,
      region = excluded.region, sharing = excluded.sharing, periodicity = excluded.periodicity, price = excluded.price,
      item = excluded.item
    RETURNING id, arrival, used, title_length AS titleLength, ${FACET_COLUMNS}`)
  const putMember = db.prepare(
    'INSERT INTO members VALUES (:id, :name, :class) ON CONFLICT (id) DO UPDATE SET name = :name, class = :class',
  )
  const putWords = db.prepare(
    'INSERT INTO words (rowid, title, keywords, body, ids) VALUES (:id, :title, :keywords, :body, :ids)',
  )
  const dropWords = db.prepare('DELETE FROM words WHERE rowid = ?')
  const dropEntry = db.prepare('DELETE FROM entries WHERE id = ?')
  const dropRelations = db.prepare('DELETE FROM relations WHERE source = ?')
  const putRelation = db.prepare('INSERT OR IGNORE INTO relations (source, role, target) VALUES (?, ?, ?)')
  const relationsTo = db.prepare<[string, number], { id: number; role: RelationRole }>(
    'SELECT source AS id, role FROM relations WHERE target = ? ORDER BY source LIMIT ?',
  )
  const setUsed = db.prepare('UPDATE entries SET used = ? WHERE id = ?')
  const allRows = db.prepare<[], EntryRow>(
    `SELECT id, arrival, used, title_length AS titleLength, ${FACET_COLUMNS} FROM entries`,
  )
  const allMembers = db.prepare<[], IndexedMember>('SELECT id, name, class FROM members')
  const industriesByMember = db.prepare<[], { member: string; industry: string }>(
    'SELECT DISTINCT member, industry FROM entries',
  )
  const matching = db.prepare<[string], number>('SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid').pluck()
  const itemOf = db.prepare<[number], string>('SELECT item FROM entries WHERE id = ?').pluck()

  /** Turning pages and choosing facets ask for the same words again and again. */
  const kept = new Map<string, Uint32Array>()

  function put(record: CatalogRecord, extra: EntryExtra): EntryRow {
    const owners = ownersOf(record, extra)
    const item = toItem(record, extra.released)
    const words = toWords(record, owners)
    const titleLength = [...record.meta.title.zh].length
    const row = {
      ...toFacetValues(record, owners),
      dataset: record.dataset,
      arrival: extra.sequenceNumber,
      titleLength,
      item: JSON.stringify(item),
    }
    const stored = putEntry.get(row) as EntryRow
    dropWords.run(stored.id)
    putWords.run({ id: stored.id, ...words })
    putRelations(stored.id, record)
    for (const owner of owners) putMember.run(owner)
    return stored
  }

  function putRelations(id: number, { meta }: CatalogRecord): void {
    dropRelations.run(id)
    for (const role of RELATION_ROLES)
      for (const target of meta.relations?.[role] ?? []) putRelation.run(id, role, target)
  }

  /** Row number it had; undefined when it was not there. */
  function remove(dataset: string): number | undefined {
    const id = findId.get(dataset)
    if (id === undefined) return undefined
    dropWords.run(id)
    dropRelations.run(id)
    dropEntry.run(id)
    return id
  }

  /** Row number; undefined when there is no such entry. */
  function used(dataset: string, pulls: number): number | undefined {
    const id = findId.get(dataset)
    if (id !== undefined) setUsed.run(pulls, id)
    return id
  }

  function match(expression: string): Uint32Array {
    const known = kept.get(expression)
    if (known !== undefined) return known
    const found = Uint32Array.from(matching.all(expression))
    if (kept.size >= keptMatches) kept.clear()
    kept.set(expression, found)
    return found
  }

  return {
    put,
    remove,
    used,
    rows: () => allRows.iterate(),
    members: () => allMembers.all(),
    /** Row numbers, ascending. The expression is one of ours (`tokens.ts`), never a person's words. */
    match,
    /** After each commit: what was found before may be found no more. */
    forgetMatches: () => kept.clear(),
    /** Row number of a dataset; undefined when it is not in the catalog. */
    find: (dataset: string): number | undefined => findId.get(dataset),
    /** Rows whose entries name a dataset as related. */
    relationsTo: (dataset: string, limit: number) => relationsTo.all(dataset, limit),
    industriesByMember: () => industriesByMember.all(),
    item: (id: number) => JSON.parse(itemOf.get(id) as string) as StoredItem,
    ...createPositions(db),
  }
}

/** How far the journal of `hub.db` is in this file; moved in the transaction of what it stands for. */
function createPositions(db: Database.Database) {
  const seq = db.prepare<[], number>("SELECT seq FROM positions WHERE name = 'journal'").pluck()
  const setSeq = db.prepare("UPDATE positions SET seq = ? WHERE name = 'journal'")
  return { position: () => seq.get() as number, setPosition: (to: number) => void setSeq.run(to) }
}
