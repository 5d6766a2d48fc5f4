import { sha256 } from '#schemas/hash.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** Names of single values and what they hold. */
export type FactName =
  | 'phase'
  /** JSON: the regions of the status list, once it has more than the first. */
  | 'places'
  /** Stands in a backup that was restored, until its hub has begun. */
  | 'restored'
  /** Version of a list that this hub signed and lost: the next is newer. */
  | 'lost-directory'
  | 'lost-status'
  /** The hub's own TLS certificate, base64url DER. */
  | 'tls'
  /** JSON: the next root as it waits for the offline key. */
  | 'proposal'

/** Single values, and changes that no document states. */
export type Facts = ReturnType<typeof createFacts>

/** Over tables `facts` and `changes`; changes inside the caller's transaction. */
export function createFacts(db: OpenDatabase, journal: Journal) {
  const select = db.prepare<[string], { value: string }>('SELECT value FROM facts WHERE name = ?')
  const upsert = db.prepare<[string, string]>(
    'INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  const remove = db.prepare<[string]>('DELETE FROM facts WHERE name = ?')
  const insertChange = db.prepare<[string, string, string]>(
    'INSERT INTO changes (hash, kind, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )

  return {
    find: (name: FactName): string | undefined => select.get(name)?.value,
    set: (name: FactName, value: string): void => void upsert.run(name, value),
    drop: (name: FactName): void => void remove.run(name),
    /** A change that no document states: its JSON is kept and the journal bears its hash. Never a secret. */
    record(kind: string, change: Readonly<Record<string, unknown>>): void {
      const text = JSON.stringify(change)
      const hash = sha256(text)
      insertChange.run(hash, kind, text)
      journal.append(kind, hash)
    },
  }
}
