import { parseDocument } from '#schemas/document.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import type { Problem } from '#schemas/refusal.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'
import type { OwnDatasets, OwnEntry, OwnVersion } from '../exchange-deps.ts'

/** One immutable version of ours. */
export interface VersionRow {
  readonly dataset: string
  readonly version: number
  readonly manifest: string
  readonly text: string
  /** Hash over names, contents and schema. */
  readonly content: string
  readonly bytes: number
  readonly chunks: number
  /** Of all its tables; null where none is a table. */
  readonly rows: number | null
}

export type EntryState = 'queued' | 'waiting' | 'published' | 'withdrawn' | 'refused'

/** A catalog entry or tombstone of ours and how far it has come. */
export interface EntryRow {
  readonly id: string
  readonly dataset: string
  readonly sequence: number
  readonly kind: 'catalog-entry' | 'tombstone'
  readonly terms: number
  readonly version: number
  readonly text: string
  readonly state: EntryState
  /** JSON problem of a refusal. */
  readonly problem: string | null
}

/** What this member publishes. Trusted: a standing offer is an entry that lies here. */
export type Datasets = ReturnType<typeof createDatasets>

/** Over tables `versions` and `entries`; changes inside the caller's transaction. */
export function createDatasets(db: OpenDatabase) {
  const insertVersion = db.prepare<[VersionRow]>(
    `INSERT INTO versions (dataset, version, manifest, text, content, bytes, chunks, rows)
     VALUES (@dataset, @version, @manifest, @text, @content, @bytes, @chunks, @rows)`,
  )
  const version = db.prepare<[string, number], VersionRow>('SELECT * FROM versions WHERE dataset = ? AND version = ?')
  const lastVersion = db.prepare<[string], VersionRow>(
    'SELECT * FROM versions WHERE dataset = ? ORDER BY version DESC LIMIT 1',
  )
  const versions = db.prepare<[string], VersionRow>('SELECT * FROM versions WHERE dataset = ? ORDER BY version DESC')
  const manifest = db.prepare<[string], VersionRow>('SELECT * FROM versions WHERE manifest = ?')
  const insertEntry = db.prepare<[EntryRow]>(
    `INSERT INTO entries (id, dataset, sequence, kind, terms, version, text, state, problem)
     VALUES (@id, @dataset, @sequence, @kind, @terms, @version, @text, @state, @problem)`,
  )
  const entry = db.prepare<[string], EntryRow>('SELECT * FROM entries WHERE id = ?')
  const newest = db.prepare<[string], EntryRow>(
    `SELECT * FROM entries WHERE dataset = ? AND state <> 'refused' ORDER BY sequence DESC LIMIT 1`,
  )
  const standing = db.prepare<[string], EntryRow>(
    `SELECT * FROM entries WHERE dataset = ? AND (state IN ('queued', 'published') OR (state = 'withdrawn' AND kind = 'tombstone'))
     ORDER BY sequence DESC LIMIT 1`,
  )
  const published = db.prepare<[string], EntryRow>(
    `SELECT * FROM entries WHERE dataset = ? AND state = 'published' ORDER BY sequence DESC LIMIT 1`,
  )
  const newestEntry = db.prepare<[string], EntryRow>(
    `SELECT * FROM entries WHERE dataset = ? AND state <> 'refused' AND kind = 'catalog-entry' ORDER BY sequence DESC LIMIT 1`,
  )
  const last = db.prepare<[string], EntryRow>('SELECT * FROM entries WHERE dataset = ? ORDER BY rowid DESC LIMIT 1')
  const entries = db.prepare<[string], EntryRow>('SELECT * FROM entries WHERE dataset = ? ORDER BY rowid')
  const datasets = db.prepare<[], { dataset: string }>('SELECT DISTINCT dataset FROM entries ORDER BY dataset')
  const setState = db.prepare<[string, string | null, string]>('UPDATE entries SET state = ?, problem = ? WHERE id = ?')
  const resign = db.prepare<[string, string, string]>('UPDATE entries SET id = ?, text = ? WHERE id = ?')
  const setText = db.prepare<[string, string]>('UPDATE entries SET text = ? WHERE id = ?')

  return {
    addVersion: (row: VersionRow): void => void insertVersion.run(row),
    findVersion: (dataset: string, number: number): VersionRow | undefined => version.get(dataset, number),
    /** Newest first. */
    listVersions: (dataset: string): VersionRow[] => versions.all(dataset),
    lastVersion: (dataset: string): VersionRow | undefined => lastVersion.get(dataset),
    findManifest: (id: string): VersionRow | undefined => manifest.get(id),
    addEntry: (row: EntryRow): void => void insertEntry.run(row),
    findEntry: (id: string): EntryRow | undefined => entry.get(id),
    /** Highest in sequence that the hub has not refused, tombstones and waiting ones included. */
    newest: (dataset: string): EntryRow | undefined => newest.get(dataset),
    /** The same without tombstones: what the next entry is compared with. */
    newestEntry: (dataset: string): EntryRow | undefined => newestEntry.get(dataset),
    /** Our newest word on the dataset: obeyed at once, hub or no hub; one that waits for co-owners is none yet. */
    standing: (dataset: string): EntryRow | undefined => standing.get(dataset),
    /** The newest that the hub has published. */
    published: (dataset: string): EntryRow | undefined => published.get(dataset),
    /** The last one signed, refused or not: what `datasets` shows. */
    last: (dataset: string): EntryRow | undefined => last.get(dataset),
    /** All that was ever signed of it, oldest first, refused ones included. */
    history: (dataset: string): EntryRow[] => entries.all(dataset),
    list: (): string[] => datasets.all().map(({ dataset }) => dataset),
    setState: (id: string, state: EntryState, problem?: Problem): void =>
      void setState.run(state, problem === undefined ? null : JSON.stringify(problem), id),
    /** The same word signed anew before it reached the hub; a tombstone has another id then. */
    resign: (before: string, after: { readonly id: string; readonly text: string }): void =>
      void resign.run(after.id, after.text, before),
    /** A JOINT entry that has gained signatures. */
    setText: (id: string, text: string): void => void setText.run(text, id),
  }
}

/** What the exchange may know of them: a version is served once its entry has been published. */
export function ownDatasets(datasets: Datasets): OwnDatasets {
  const versionOf = (row: VersionRow | undefined): OwnVersion | undefined =>
    row && { manifest: row.manifest, text: row.text, payload: parseDocument('manifest', row.text).payload }
  const entryOf = (row: EntryRow | undefined): OwnEntry | undefined =>
    row && { id: row.id, sequence: row.sequence, payload: row.kind === 'tombstone' ? undefined : payloadOf(row) }

  return {
    findVersion(dataset, version) {
      const newest = datasets.published(dataset)?.version
      if (newest === undefined || (version ?? newest) > newest) return undefined
      return versionOf(datasets.findVersion(dataset, version ?? newest))
    },
    findManifest: (manifest) => versionOf(datasets.findManifest(manifest)),
    findEntry(id) {
      const row = datasets.findEntry(id)
      // Only what was published is an offer: one that co-owners or the hub never let through binds nobody.
      return row?.state === 'published' && row.kind === 'catalog-entry' ? entryOf(row) : undefined
    },
    newestEntry: (dataset) => entryOf(datasets.standing(dataset)),
  }
}

/** Payload of an entry of ours. */
export function payloadOf({ text }: Pick<EntryRow, 'text'>): CatalogEntry {
  return parseDocument('catalog-entry', text).payload
}
