import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** Standing of a catalog entry. What a newer one replaced is `superseded`; a tombstone, and an entry given up before all owners signed, are `withdrawn`. */
export type EntryState = 'waiting' | 'published' | 'superseded' | 'withdrawn'

/** An entry or tombstone; its text is in `documents` under the same id. */
export interface EntryRow {
  readonly id: string
  readonly dataset: string
  readonly sequence: number
  readonly kind: 'catalog-entry' | 'tombstone'
  readonly terms: number
  readonly version: number
  readonly state: EntryState
}

/** The catalog's line of entries per dataset. Trusted: signatures and rules were checked before a row is written. */
export type Entries = ReturnType<typeof createEntries>

/** Over table `entries`; changes inside the caller's transaction. */
export function createEntries(db: OpenDatabase) {
  const byId = db.prepare<[string], EntryRow>('SELECT * FROM entries WHERE id = ?')
  const newest = db.prepare<[string], EntryRow>(
    'SELECT * FROM entries WHERE dataset = ? ORDER BY sequence DESC LIMIT 1',
  )
  const newestEntry = db.prepare<[string], EntryRow>(
    "SELECT * FROM entries WHERE dataset = ? AND kind = 'catalog-entry' ORDER BY sequence DESC LIMIT 1",
  )
  const published = db.prepare<[string], EntryRow>("SELECT * FROM entries WHERE dataset = ? AND state = 'published'")
  const line = db.prepare<[string, number], EntryRow>(
    `SELECT * FROM entries WHERE dataset = ? AND (kind = 'tombstone' OR state IN ('published', 'superseded'))
     ORDER BY sequence DESC LIMIT ?`,
  )
  const versions = db.prepare<[string, number], { version: number; first: number; last: number; entries: number }>(
    `SELECT version, min(sequence) AS first, max(sequence) AS last, count(*) AS entries FROM entries
     WHERE dataset = ? AND kind = 'catalog-entry' AND state IN ('published', 'superseded')
     GROUP BY version ORDER BY version DESC LIMIT ?`,
  )
  const tombstones = db.prepare<[string, number], EntryRow>(
    "SELECT * FROM entries WHERE dataset = ? AND kind = 'tombstone' ORDER BY sequence DESC LIMIT ?",
  )
  const atSequence = db.prepare<[string, number], EntryRow>('SELECT * FROM entries WHERE dataset = ? AND sequence = ?')
  const firstOfVersion = db.prepare<[string, number], EntryRow>(
    `SELECT * FROM entries WHERE dataset = ? AND version = ? AND kind = 'catalog-entry' AND state IN ('published', 'superseded')
     ORDER BY sequence LIMIT 1`,
  )
  const insert = db.prepare<[EntryRow]>(
    'INSERT INTO entries (id, dataset, sequence, kind, terms, version, state) VALUES (@id, @dataset, @sequence, @kind, @terms, @version, @state)',
  )
  const supersede = db.prepare<[string]>(
    "UPDATE entries SET state = 'superseded' WHERE dataset = ? AND state = 'published'",
  )
  const drop = db.prepare<[string, number]>(
    "UPDATE entries SET state = 'withdrawn' WHERE dataset = ? AND state = 'waiting' AND sequence < ?",
  )
  const publish = db.prepare<[string]>("UPDATE entries SET state = 'published' WHERE id = ? AND state = 'waiting'")
  const newestOfEach = db.prepare<[string, number], EntryRow>(
    `SELECT e.* FROM entries e WHERE e.dataset > ? AND e.sequence = (SELECT max(sequence) FROM entries WHERE dataset = e.dataset)
     ORDER BY e.dataset LIMIT ?`,
  )
  const publishedAfter = db.prepare<[string, number], EntryRow>(
    "SELECT * FROM entries WHERE dataset > ? AND state = 'published' ORDER BY dataset LIMIT ?",
  )
  const addresses = db.prepare<[number, number], { dataset: string; stored: number }>(
    `SELECT dataset, stored FROM entries JOIN documents USING (id) WHERE state = 'published' ORDER BY dataset LIMIT ? OFFSET ?`,
  )
  const waiting = db.prepare<[], EntryRow>("SELECT * FROM entries WHERE state = 'waiting' ORDER BY dataset LIMIT 1000")
  const counts = db.prepare<[], { member: string; datasets: number }>(
    "SELECT substr(dataset, 1, 18) AS member, count(*) AS datasets FROM entries WHERE state = 'published' GROUP BY 1 ORDER BY 1",
  )
  const days = db.prepare<[], { day: string; versions: number; datasets: number }>(
    `SELECT date(time, '+8 hours') AS day, count(*) AS versions, sum(sequence = 1) AS datasets FROM entries
     JOIN journal ON hash = id WHERE entries.kind = 'catalog-entry' AND state IN ('published', 'superseded') GROUP BY day ORDER BY day`,
  )

  return {
    find: (id: string): EntryRow | undefined => byId.get(id),
    /** The last of a dataset's line, whatever it is. */
    newest: (dataset: string): EntryRow | undefined => newest.get(dataset),
    /** The last that is no tombstone. */
    newestEntry: (dataset: string): EntryRow | undefined => newestEntry.get(dataset),
    /** The one that stands in the catalog. */
    published: (dataset: string): EntryRow | undefined => published.get(dataset),
    /** What was ever public of a dataset, newest first. */
    line: (dataset: string, limit: number): EntryRow[] => line.all(dataset, limit),
    /** Public versions, newest first: with which entry each came, which says of it last, and how many do; by sequence. */
    versions: (dataset: string, limit: number) => versions.all(dataset, limit),
    /** Withdrawals of a dataset, newest first. */
    tombstones: (dataset: string, limit: number): EntryRow[] => tombstones.all(dataset, limit),
    at: (dataset: string, sequence: number): EntryRow | undefined => atSequence.get(dataset, sequence),
    /** The public entry with which a version first came. */
    firstOfVersion: (dataset: string, version: number): EntryRow | undefined => firstOfVersion.get(dataset, version),
    /** A new end of the line. A waiting entry leaves the published one standing and ends an earlier wait. */
    add(row: EntryRow): void {
      drop.run(row.dataset, row.sequence)
      if (row.state !== 'waiting') supersede.run(row.dataset)
      insert.run(row)
    },
    /** The last owner has signed: a waiting entry takes the place of the published one. */
    publish(row: EntryRow): void {
      supersede.run(row.dataset)
      publish.run(row.id)
    },
    /** Newest of each dataset after the given one, by dataset id. */
    newestOfEach: (after: string, limit: number): EntryRow[] => newestOfEach.all(after, limit),
    /** Published entries by dataset id. */
    publishedAfter: (after: string, limit: number): EntryRow[] => publishedAfter.all(after, limit),
    /** Published datasets by id from a place in their line on, with when each entry was stored (Unix seconds). */
    addresses: (from: number, limit: number) => addresses.all(limit, from),
    /** Those that lack an owner's signature. */
    waiting: (): EntryRow[] => waiting.all(),
    /** Entries that became public by the day (Beijing time) on which they arrived, and how many of them began a dataset. */
    days: () => days.all(),
    /** Published datasets per member. */
    countByMember: () => counts.all(),
  }
}
