import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** One signed directory; `issued` is Unix seconds. */
export interface DirectoryRow {
  readonly version: number
  readonly id: string
  readonly text: string
  readonly issued: number
}

/** Every directory ever signed, and its parts by hash. Not trusted: accepted by the same checks as at a node. */
export type Directories = ReturnType<typeof createDirectories>

/** Over tables `directories` and `directory_parts`; `add` inside the caller's transaction. */
export function createDirectories(db: OpenDatabase) {
  const newest = db.prepare<[], DirectoryRow>(
    'SELECT version, id, text, issued FROM directories ORDER BY version DESC LIMIT 1',
  )
  const inForce = db.prepare<[number], DirectoryRow>(
    'SELECT version, id, text, issued FROM directories WHERE issued <= ? ORDER BY version DESC LIMIT 1',
  )
  const after = db.prepare<[number, number], DirectoryRow>(
    'SELECT version, id, text, issued FROM directories WHERE issued > ? ORDER BY version LIMIT ?',
  )
  const insert = db.prepare<[DirectoryRow]>(
    'INSERT INTO directories (version, id, text, issued) VALUES (@version, @id, @text, @issued)',
  )
  const part = db.prepare<[string], { bytes: Buffer }>('SELECT bytes FROM directory_parts WHERE hash = ?')
  const insertPart = db.prepare<[string, Buffer]>(
    'INSERT INTO directory_parts (hash, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING',
  )

  return {
    newest: (): DirectoryRow | undefined => newest.get(),
    /** The one that held at a moment, Unix seconds. */
    inForceAt: (seconds: number): DirectoryRow | undefined => inForce.get(seconds),
    /** Those that came after a moment, oldest first. */
    issuedAfter: (seconds: number, limit: number): DirectoryRow[] => after.all(seconds, limit),
    findPart: (hash: string): Buffer | undefined => part.get(hash)?.bytes,
    add(row: DirectoryRow, parts: ReadonlyMap<string, Buffer>): void {
      for (const [hash, bytes] of parts) insertPart.run(hash, bytes)
      insert.run(row)
    },
  }
}
