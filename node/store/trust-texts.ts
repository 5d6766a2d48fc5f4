import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A directory as accepted; `iat` in Unix seconds. */
export interface DirectoryRow {
  readonly version: number
  readonly iat: number
  readonly text: string
}

/**
 * Roots, directories and the newest status list as accepted. Trusted: nothing; at start each goes through the same
 * accept functions as from the wire, under the pinned fingerprint.
 */
export type TrustTexts = ReturnType<typeof createTrustTexts>

/** Over the tables of trust; changes inside the caller's transaction. */
export function createTrustTexts(db: OpenDatabase) {
  const roots = db.prepare<[], { text: string }>('SELECT text FROM roots ORDER BY version')
  const insertRoot = db.prepare<[number, string]>(
    'INSERT INTO roots (version, text) VALUES (?, ?) ON CONFLICT (version) DO NOTHING',
  )
  const dropRoots = db.prepare('DELETE FROM roots')
  const newest = db.prepare<[], DirectoryRow>(
    'SELECT version, iat, text FROM directories ORDER BY version DESC LIMIT 1',
  )
  const before = db.prepare<[number, number], DirectoryRow>(
    'SELECT version, iat, text FROM directories WHERE iat <= ? ORDER BY iat DESC, version DESC LIMIT ?',
  )
  const after = db.prepare<[number, number], DirectoryRow>(
    'SELECT version, iat, text FROM directories WHERE iat > ? ORDER BY iat, version LIMIT ?',
  )
  const insertDirectory = db.prepare<[DirectoryRow]>(
    'INSERT INTO directories (version, iat, text) VALUES (@version, @iat, @text)',
  )
  const part = db.prepare<[string], { bytes: Buffer }>('SELECT bytes FROM directory_parts WHERE hash = ?')
  const insertPart = db.prepare<[string, Uint8Array]>(
    'INSERT INTO directory_parts (hash, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING',
  )
  const use = db.prepare<[number, string]>(
    'INSERT INTO directory_part_uses (version, hash) VALUES (?, ?) ON CONFLICT DO NOTHING',
  )
  const pin = db.prepare<[{ at: number }]>(
    `UPDATE directories SET pinned = 1 WHERE version IN (
       (SELECT max(version) FROM directories WHERE iat <= @at), (SELECT max(version) FROM directories WHERE iat < @at))`,
  )
  const forget = db.prepare<[number]>(
    'DELETE FROM directories WHERE pinned = 0 AND iat < ? AND version <> (SELECT max(version) FROM directories)',
  )
  const sweepParts = db.prepare('DELETE FROM directory_parts WHERE hash NOT IN (SELECT hash FROM directory_part_uses)')
  const status = db.prepare<[], { text: string }>('SELECT text FROM status_lists ORDER BY version DESC LIMIT 1')
  const insertStatus = db.prepare<[number, string]>(
    'INSERT INTO status_lists (version, text) VALUES (?, ?) ON CONFLICT (version) DO NOTHING',
  )
  const dropStatuses = db.prepare<[number]>('DELETE FROM status_lists WHERE version < ?')

  return {
    roots: (): string[] => roots.all().map(({ text }) => text),
    addRoot: (version: number, text: string): void => void insertRoot.run(version, text),
    /** Before the first certificate: of a network that this node never joined. */
    dropRoots: (): void => void dropRoots.run(),
    newestDirectory: (): DirectoryRow | undefined => newest.get(),
    /** Newest first, of those in force at a moment or before it. */
    directoriesBefore: (seconds: number, limit: number): DirectoryRow[] => before.all(seconds, limit),
    /** Oldest first, of those that came after a moment. */
    directoriesAfter: (seconds: number, limit: number): DirectoryRow[] => after.all(seconds, limit),
    findPart: (hash: string): Buffer | undefined => part.get(hash)?.bytes,
    addDirectory(row: DirectoryRow, parts: ReadonlyMap<string, Uint8Array>): void {
      insertDirectory.run(row)
      for (const [hash, bytes] of parts) {
        insertPart.run(hash, bytes)
        use.run(row.version, hash)
      }
    },
    /** The directory in force at `seconds`, and the one before that second, are kept for ever: a kept document refers to them. */
    pinDirectoryAt: (seconds: number): void => void pin.run({ at: seconds }),
    /** Drops directories older than `before` that nothing refers to, and parts that none of the rest uses. */
    prune(before: number): void {
      if (forget.run(before).changes > 0) sweepParts.run()
    },
    status: (): string | undefined => status.get()?.text,
    setStatus(version: number, text: string): void {
      insertStatus.run(version, text)
      dropStatuses.run(version)
    },
  }
}
